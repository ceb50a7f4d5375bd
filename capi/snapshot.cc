#include "engine/snapshot/snapshot.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "engine/ecs/documents.h"
#include "engine/snapshot/builder.h"

namespace berth::capi {
namespace {

Outcome give_snapshot(Result<SnapshotPtr> made, berth_snapshot** snapshot) {
  if (!made.ok()) {
    return std::move(made).error();
  }
  *snapshot = std::make_unique<berth_snapshot>(*std::move(made)).release();
  return {};
}

Result<std::vector<ecs::Document>> read_inputs(const berth_input* inputs, std::uint32_t input_count, const char* blob,
                                               std::size_t blob_bytes) {
  std::vector<ecs::Document> documents;
  documents.reserve(input_count);
  for (std::uint32_t i = 0; i < input_count; ++i) {
    const berth_input& input = inputs[i];
    Outcome checked = Arguments()
                          .range(input.name_offset, input.name_length, blob_bytes, "inputs", i, "name")
                          .range(input.text_offset, input.text_length, blob_bytes, "inputs", i, "text")
                          .outcome();
    if (!checked.ok()) {
      return std::move(checked).error();
    }
    const std::string_view whole = view(blob, blob_bytes);
    documents.push_back(
        {.name = whole.substr(input.name_offset, input.name_length), .bytes = whole.substr(input.text_offset, input.text_length)});
  }
  return documents;
}

}  // namespace
}  // namespace berth::capi

using namespace berth::capi;  // The bodies of the entry points stand outside of any namespace.

berth_snapshot* berth_snapshot_retain(berth_snapshot* snapshot) noexcept {
  return retain(snapshot);
}

void berth_snapshot_release(berth_snapshot* snapshot) noexcept {
  release(snapshot);
}

berth_status berth_snapshot_import(berth_engine* engine, const berth_input* inputs, uint32_t input_count, const char* blob,
                                   size_t blob_bytes, const char* options, size_t options_bytes, berth_snapshot** snapshot,
                                   berth_document** report, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .handle(engine, "engine")
                                 .rows(inputs, input_count, std::numeric_limits<uint32_t>::max(), "inputs")
                                 .text(blob, blob_bytes, "blob")
                                 .text(options, options_bytes, "options")
                                 .output(snapshot, "snapshot")
                                 .outcome();
    if (!checked.ok()) {
      return checked;
    }
    const berth::Result<std::vector<berth::ecs::Document>> documents = read_inputs(inputs, input_count, blob, blob_bytes);
    if (!documents.ok()) {
      return documents.error();
    }
    const RunningCall running(*engine);
    berth::Result<berth::ecs::Imported> imported =
        berth::ecs::import_documents(*documents, view(options, options_bytes), *engine->executor, {.progress = &engine->progress});
    if (!imported.ok()) {
      return std::move(imported).error();
    }
    auto made = std::make_unique<berth_snapshot>(std::move(imported->snapshot));
    if (report != nullptr) {
      *report = std::make_unique<berth_document>(std::move(imported->report)).release();
    }
    *snapshot = made.release();
    return {};
  });
}

berth_status berth_snapshot_generate(berth_engine* engine, const char* options, size_t options_bytes, berth_snapshot** snapshot,
                                     berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked =
        Arguments().handle(engine, "engine").text(options, options_bytes, "options").output(snapshot, "snapshot").outcome();
    if (!checked.ok()) {
      return checked;
    }
    const RunningCall running(*engine);
    return give_snapshot(berth::ecs::generate(view(options, options_bytes), *engine->executor, {.progress = &engine->progress}), snapshot);
  });
}

berth_status berth_snapshot_from_bytes(berth_engine* engine, const uint8_t* bytes, size_t byte_count, berth_snapshot** snapshot,
                                       berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().handle(engine, "engine").text(bytes, byte_count, "bytes").output(snapshot, "snapshot").outcome();
    if (!checked.ok()) {
      return checked;
    }
    const RunningCall running(*engine);
    engine->progress.begin(berth::Phase::kLoading, 0);
    std::vector<std::uint8_t> copy;
    if (byte_count != 0) {
      copy.assign(bytes, bytes + byte_count);
    }
    return give_snapshot(berth::Snapshot::from_bytes(std::move(copy), *engine->executor), snapshot);
  });
}

berth_status berth_snapshot_read(berth_engine* engine, const char* path, size_t path_bytes, uint32_t flags, berth_snapshot** snapshot,
                                 berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .handle(engine, "engine")
                                 .path(path, path_bytes, "path")
                                 .require((flags & ~uint32_t{BERTH_READ_MAP}) == 0,
                                          "flags: has a bit that this version does not know; pass 0 or BERTH_READ_MAP (1)")
                                 .output(snapshot, "snapshot")
                                 .outcome();
    if (!checked.ok()) {
      return checked;
    }
    const RunningCall running(*engine);
    engine->progress.begin(berth::Phase::kLoading, 0);
    const std::string file(view(path, path_bytes));
    const bool is_mapped = (flags & BERTH_READ_MAP) != 0;
    return give_snapshot(
        is_mapped ? berth::Snapshot::map_file(file, *engine->executor) : berth::Snapshot::read_file(file, *engine->executor), snapshot);
  });
}

berth_status berth_snapshot_write(const berth_snapshot* snapshot, const char* path, size_t path_bytes, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().handle(snapshot, "snapshot").path(path, path_bytes, "path").outcome();
    if (!checked.ok()) {
      return checked;
    }
    return berth::write_file_atomically(std::string(view(path, path_bytes)), snapshot->snapshot->bytes());
  });
}

berth_status berth_snapshot_bytes(const berth_snapshot* snapshot, const uint8_t** bytes, size_t* byte_count) noexcept {
  return guard(nullptr, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().handle(snapshot, "snapshot").output(bytes, "bytes").output(byte_count, "byte_count").outcome();
    if (checked.ok()) {
      const std::span<const std::uint8_t> held = snapshot->snapshot->bytes();
      *bytes = held.data();
      *byte_count = held.size();
    }
    return checked;
  });
}

berth_status berth_snapshot_counts(const berth_snapshot* snapshot, uint32_t* instance_count, uint32_t* task_count) noexcept {
  return guard(nullptr, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().handle(snapshot, "snapshot").outcome();
    if (checked.ok() && instance_count != nullptr) {
      *instance_count = snapshot->snapshot->instance_count();
    }
    if (checked.ok() && task_count != nullptr) {
      *task_count = snapshot->snapshot->task_count();
    }
    return checked;
  });
}
