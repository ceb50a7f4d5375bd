#include "engine/ecs/documents.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/surroundings.h"

namespace berth::capi {
namespace {

static_assert(BERTH_FORMAT_JSON == static_cast<std::uint32_t>(ecs::Format::kJson));
static_assert(BERTH_FORMAT_TABLE == static_cast<std::uint32_t>(ecs::Format::kTable));

ecs::DocumentOptions document_options(berth_engine& engine, berth_format format) {
  return {.format = static_cast<ecs::Format>(format), .progress = &engine.progress};
}

Outcome give_document(Result<std::string> text, berth_document** answer) {
  if (!text.ok()) {
    return std::move(text).error();
  }
  *answer = std::make_unique<berth_document>(*std::move(text)).release();
  return {};
}

// The arguments that all calls on a snapshot have; `request_name` outlives the result.
Arguments check_call(const berth_engine* engine, const berth_snapshot* snapshot, std::string_view request_name, const char* request,
                     size_t request_bytes, berth_format format, berth_document** answer) {
  Arguments arguments;
  arguments.handle(engine, "engine").handle(snapshot, "snapshot").text(request, request_bytes, request_name);
  arguments.format(format).output(answer, "answer");
  return arguments;
}

// The frame of the calls that answer with one document. `call` is (snapshot, request, executor, options) -> Result<std::string>.
template <typename Call>
berth_status answer_request(berth_engine* engine, berth_snapshot* snapshot, std::string_view request_name, const char* request,
                            size_t request_bytes, berth_format format, berth_document** answer, berth_error** error, Call&& call) noexcept {
  return guard(error, [&]() -> Outcome {
    Outcome checked = check_call(engine, snapshot, request_name, request, request_bytes, format, answer).outcome();
    if (!checked.ok()) {
      return checked;
    }
    const RunningCall running(*engine);
    ecs::DocumentOptions options = document_options(*engine, format);
    return give_document(call(snapshot->snapshot, view(request, request_bytes), *engine->executor, options), answer);
  });
}

using RunCall = Result<ecs::RunAnswer> (*)(const SnapshotPtr&, std::string_view, bool, Executor&, const ecs::DocumentOptions&);

berth_status answer_run(RunCall call, berth_engine* engine, berth_snapshot* snapshot, const char* request, size_t request_bytes,
                        berth_format format, berth_document** answer, berth_snapshot** next, berth_error** error) noexcept {
  return guard(error, [&]() -> Outcome {
    Outcome checked = check_call(engine, snapshot, "request", request, request_bytes, format, answer).outcome();
    if (!checked.ok()) {
      return checked;
    }
    const RunningCall running(*engine);
    ecs::DocumentOptions options = document_options(*engine, format);
    options.fresh_seed = fresh_seed();
    options.now_ms = system_now_ms();
    Result<ecs::RunAnswer> run = call(snapshot->snapshot, view(request, request_bytes), next != nullptr, *engine->executor, options);
    if (!run.ok()) {
      return std::move(run).error();
    }
    auto document = std::make_unique<berth_document>(std::move(run->document));
    berth_snapshot* after = nullptr;
    if (next != nullptr) {
#ifdef BERTH_PLANTED_BUG_CAPI
      after = run->next == nullptr ? snapshot : std::make_unique<berth_snapshot>(std::move(run->next)).release();
#else
      after = run->next == nullptr ? retain(snapshot) : std::make_unique<berth_snapshot>(std::move(run->next)).release();
#endif
      *next = after;
    }
    *answer = document.release();
    return {};
  });
}

}  // namespace
}  // namespace berth::capi

namespace ecs = berth::ecs;
using namespace berth::capi;  // The bodies of the entry points stand outside of any namespace.

berth_status berth_snapshot_list(berth_engine* engine, berth_snapshot* snapshot, const char* request, size_t request_bytes,
                                 berth_format format, berth_document** answer, berth_error** error) noexcept {
  return answer_request(engine, snapshot, "request", request, request_bytes, format, answer, error, ecs::list_container_instances);
}

berth_status berth_snapshot_describe(berth_engine* engine, berth_snapshot* snapshot, const char* request, size_t request_bytes,
                                     berth_format format, berth_document** answer, berth_error** error) noexcept {
  return answer_request(engine, snapshot, "request", request, request_bytes, format, answer, error, ecs::describe_container_instances);
}

berth_status berth_snapshot_inspect(berth_engine* engine, berth_snapshot* snapshot, berth_format format, berth_document** answer,
                                    berth_error** error) noexcept {
  const auto call = [](const berth::SnapshotPtr& held, std::string_view, berth::Executor& executor, const ecs::DocumentOptions& options) {
    return ecs::inspect(held, executor, options);
  };
  return answer_request(engine, snapshot, "request", nullptr, 0, format, answer, error, call);
}

berth_status berth_snapshot_run_task(berth_engine* engine, berth_snapshot* snapshot, const char* request, size_t request_bytes,
                                     berth_format format, berth_document** answer, berth_snapshot** next, berth_error** error) noexcept {
  return answer_run(ecs::run_task, engine, snapshot, request, request_bytes, format, answer, next, error);
}

berth_status berth_snapshot_start_task(berth_engine* engine, berth_snapshot* snapshot, const char* request, size_t request_bytes,
                                       berth_format format, berth_document** answer, berth_snapshot** next, berth_error** error) noexcept {
  return answer_run(ecs::start_task, engine, snapshot, request, request_bytes, format, answer, next, error);
}

berth_status berth_snapshot_explain(berth_engine* engine, berth_snapshot* snapshot, const char* request, size_t request_bytes,
                                    berth_format format, berth_document** answer, berth_error** error) noexcept {
  const auto call = [](const berth::SnapshotPtr& held, std::string_view text, berth::Executor& executor, ecs::DocumentOptions& options) {
    options.fresh_seed = fresh_seed();
    options.now_ms = system_now_ms();
    return ecs::explain(held, text, executor, options);
  };
  return answer_request(engine, snapshot, "request", request, request_bytes, format, answer, error, call);
}

berth_status berth_snapshot_simulate(berth_engine* engine, berth_snapshot* snapshot, const char* trace, size_t trace_bytes,
                                     const char* request, size_t request_bytes, berth_format format, berth_document** answer,
                                     berth_document** steps, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked =
        check_call(engine, snapshot, "request", request, request_bytes, format, answer).text(trace, trace_bytes, "trace").outcome();
    if (!checked.ok()) {
      return checked;
    }
    const RunningCall running(*engine);
    ecs::DocumentOptions options = document_options(*engine, format);
    options.fresh_seed = fresh_seed();
    berth::Result<ecs::Simulation> simulation =
        ecs::simulate(snapshot->snapshot, view(trace, trace_bytes), view(request, request_bytes), *engine->executor, options);
    if (!simulation.ok()) {
      return std::move(simulation).error();
    }
    auto document = std::make_unique<berth_document>(std::move(simulation->document));
    if (steps != nullptr) {
      *steps = std::make_unique<berth_document>(std::move(simulation->steps)).release();
    }
    *answer = document.release();
    return {};
  });
}

berth_status berth_snapshot_check_expression(berth_engine* engine, berth_snapshot* snapshot, const char* expression,
                                             size_t expression_bytes, berth_format format, berth_document** answer,
                                             berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .handle(engine, "engine")
                                 .text(expression, expression_bytes, "expression")
                                 .format(format)
                                 .output(answer, "answer")
                                 .outcome();
    if (!checked.ok()) {
      return checked;
    }
    const RunningCall running(*engine);
    const berth::SnapshotPtr held = snapshot == nullptr ? nullptr : snapshot->snapshot;
    return give_document(
        ecs::check_expression(held, view(expression, expression_bytes), *engine->executor, document_options(*engine, format)), answer);
  });
}

const char* berth_document_text(const berth_document* document, size_t* length) noexcept {
  if (length != nullptr) {
    *length = document == nullptr ? 0 : document->text.size();
  }
  return document == nullptr ? "" : document->text.c_str();
}

void berth_document_free(berth_document* document) noexcept {
  delete document;
}
