#include "engine/query/program.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/guard.h"
#include "capi/handles.h"

namespace berth::capi {
namespace {

constexpr std::uint32_t kExpressionsMax = 65'536;

}  // namespace
}  // namespace berth::capi

using namespace berth::capi;  // The bodies of the entry points stand outside of any namespace.

berth_status berth_program_new(const berth_text_range* expressions, uint32_t expression_count, const char* blob, size_t blob_bytes,
                               berth_program** program, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .rows(expressions, expression_count, kExpressionsMax, "expressions")
                                 .text(blob, blob_bytes, "blob")
                                 .output(program, "program")
                                 .outcome();
    if (!checked.ok()) {
      return checked;
    }
    std::vector<berth::query::ProgramPtr> compiled;
    compiled.reserve(expression_count);
    for (uint32_t i = 0; i < expression_count; ++i) {
      const berth_text_range& range = expressions[i];
      if (berth::Outcome within = Arguments().range(range.offset, range.length, blob_bytes, "expressions", i, "text").outcome();
          !within.ok()) {
        return within;
      }
      auto one = berth::query::Program::compile(view(blob, blob_bytes).substr(range.offset, range.length));
      if (!one.ok()) {
        berth::Error refused = std::move(one).error();
        refused.source = "expressions[" + std::to_string(i) + "]";
        refused.message = refused.source + ": " + refused.message;
        return refused;
      }
      compiled.push_back(*std::move(one));
    }
    *program = std::make_unique<berth_program>(std::move(compiled)).release();
    return {};
  });
}

berth_program* berth_program_retain(berth_program* program) noexcept {
  return retain(program);
}

void berth_program_release(berth_program* program) noexcept {
  release(program);
}

berth_status berth_program_select(berth_engine* engine, berth_program* program, uint32_t index, berth_snapshot* snapshot, uint64_t* words,
                                  size_t word_capacity, uint64_t* selected_count, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().handle(engine, "engine").handle(program, "program").handle(snapshot, "snapshot").outcome();
    if (!checked.ok()) {
      return checked;
    }
    const std::size_t word_count = (std::size_t{snapshot->snapshot->instance_count()} + 63) / 64;
    checked = Arguments()
                  .require(index < program->expressions.size(), "index: " + std::to_string(index) + " is beyond the program's " +
                                                                    std::to_string(program->expressions.size()) + " expressions")
                  .require(words != nullptr || word_capacity == 0, "word_capacity: is not 0 while words is NULL; pass both or neither")
                  .require(words == nullptr || word_capacity >= word_count, "word_capacity: is " + std::to_string(word_capacity) +
                                                                                ", this snapshot takes " + std::to_string(word_count) +
                                                                                " words (instances + 63) / 64")
                  .outcome();
    if (!checked.ok()) {
      return checked;
    }
    const RunningCall running(*engine);
    engine->progress.begin(berth::Phase::kFiltering, 0);
    const berth::query::Binding binding(program->expressions[index], snapshot->snapshot, *engine->executor);
    const berth::Bitset selected = binding.evaluate(*engine->executor);
    if (words != nullptr) {
      const std::span<const std::uint64_t> found = selected.words();
      std::copy(found.begin(), found.end(), words);
    }
    if (selected_count != nullptr) {
      *selected_count = selected.count();
    }
    return {};
  });
}
