#include "engine/snapshot/verify.h"

#include <cstddef>
#include <string>

#include "engine/snapshot/layout.h"

namespace berth {
namespace {

// Tables inside tables: Snapshot, IdColumn, StringTable.
constexpr flatbuffers::uoffset_t kNestingMax = 3;
// What one table takes at least: its own offset to a vtable and an offset that leads to it.
constexpr std::size_t kTableBytesMin = 8;

Error malformed(std::string message) {
  return Error{.code = StatusCode::kMalformed, .message = std::move(message)};
}

template <typename Wire>
bool is_aligned(const flatbuffers::Vector<Wire>* vector) {
  using Type = typename EngineType<Wire>::Type;
  return vector == nullptr || reinterpret_cast<std::uintptr_t>(vector->Data()) % alignof(Type) == 0;
}
bool is_aligned(const wire::StringTable* table) {
  return table == nullptr || is_aligned(table->offsets());
}
bool is_aligned(const wire::IdColumn* column) {
  return column == nullptr || (is_aligned(column->prefixes()) && is_aligned(column->prefix()) && is_aligned(column->tails()) &&
                               is_aligned(column->short_tails()) && is_aligned(column->texts()));
}

// The verifier of FlatBuffers checks where a vector's length stands, not where elements of 8 bytes do. Only the columns of such
// elements can be off: those of 4 bytes and less begin right behind a length that it checked.
const char* misaligned_column(const wire::Snapshot& root) {
  struct Column {
    const char* name;
    bool aligned;
  };
  const Column columns[] = {
      {"instance_arns", is_aligned(root.instance_arns())},
      {"ec2_instance_ids", is_aligned(root.ec2_instance_ids())},
      {"registered_at_ms", is_aligned(root.registered_at_ms())},
      {"version", is_aligned(root.version())},
      {"task_arns", is_aligned(root.task_arns())},
      {"task_started_at_ms", is_aligned(root.task_started_at_ms())},
      {"protected_tasks", is_aligned(root.protected_tasks())},
  };
  for (const Column& column : columns) {
    if (!column.aligned) {
      return column.name;
    }
  }
  return nullptr;
}

}  // namespace

Result<const wire::Snapshot*> verify(std::span<const std::uint8_t> bytes) {
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return Error{.code = StatusCode::kLimitExceeded,
                 .message = "the snapshot has " + std::to_string(bytes.size()) + " bytes; one snapshot ends below 2 GiB"};
  }
  if (bytes.size() < 2 * sizeof(flatbuffers::uoffset_t) || !wire::SnapshotBufferHasIdentifier(bytes.data())) {
    return malformed("not a snapshot: the bytes do not carry the identifier \"" + std::string(wire::SnapshotIdentifier()) +
                     "\" at offset 4");
  }
  flatbuffers::Verifier::Options limits;
  limits.max_depth = kNestingMax;
  limits.max_tables = static_cast<flatbuffers::uoffset_t>(bytes.size() / kTableBytesMin);
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), limits);
  if (!wire::VerifySnapshotBuffer(verifier)) {
    return malformed("not a snapshot: an offset leads out of the " + std::to_string(bytes.size()) +
                     " bytes or a table is damaged; the file is cut off or was changed after it was written");
  }
  const wire::Snapshot* root = wire::GetSnapshot(bytes.data());
  if (root->format_version() > kFormatVersion) {
    return Error{.code = StatusCode::kUnsupported,
                 .message = "format version " + std::to_string(root->format_version()) + " is newer than this library reads (" +
                            std::to_string(kFormatVersion) + ")"};
  }
  if (root->format_version() == 0) {
    return malformed("format version 0 does not exist; the file is damaged");
  }
  if (const char* column = misaligned_column(*root); column != nullptr) {
    return malformed("column " + std::string(column) + " is not aligned for its type");
  }
  return root;
}

}  // namespace berth
