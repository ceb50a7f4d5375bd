#include "engine/snapshot/layout.h"

#include <bit>
#include <cstddef>

namespace berth {

static_assert(std::endian::native == std::endian::little, "columns are read in place, and the file is little-endian");

static_assert(sizeof(AttributePair) == sizeof(wire::AttributePair) && sizeof(AttributePair) == 8);
static_assert(offsetof(AttributePair, name) == 0 && offsetof(AttributePair, value) == 4);

static_assert(sizeof(TaskShape) == sizeof(wire::TaskShape) && sizeof(TaskShape) == 32);
static_assert(offsetof(TaskShape, group) == 0 && offsetof(TaskShape, task_definition) == 4 && offsetof(TaskShape, started_by) == 8);
static_assert(offsetof(TaskShape, capacity_provider) == 12 && offsetof(TaskShape, cpu_units) == 16);
static_assert(offsetof(TaskShape, memory_mib) == 20 && offsetof(TaskShape, ports) == 24 && offsetof(TaskShape, uses_eni) == 28);
static_assert(offsetof(TaskShape, launch_type) == 29 && offsetof(TaskShape, padding) == 30);

static_assert(sizeof(ProtectedTask) == sizeof(wire::ProtectedTask) && sizeof(ProtectedTask) == 16);
static_assert(offsetof(ProtectedTask, expires_at_ms) == 0 && offsetof(ProtectedTask, task) == 8 && offsetof(ProtectedTask, padding) == 12);

static_assert(sizeof(Snapshot::TaskGpu) == sizeof(wire::TaskGpu) && sizeof(Snapshot::TaskGpu) == 8);
static_assert(offsetof(Snapshot::TaskGpu, task) == 0 && offsetof(Snapshot::TaskGpu, slot) == 4);

static_assert(sizeof(IdTail) == sizeof(wire::IdTail) && sizeof(IdTail) == 16);
static_assert(offsetof(IdTail, high) == 0 && offsetof(IdTail, low) == 8);

static_assert(alignof(AttributePair) == alignof(wire::AttributePair) && alignof(TaskShape) == alignof(wire::TaskShape));
static_assert(alignof(ProtectedTask) == alignof(wire::ProtectedTask) && alignof(IdTail) == alignof(wire::IdTail));
static_assert(alignof(Snapshot::TaskGpu) == alignof(wire::TaskGpu));

StringTable string_table_of(const wire::StringTable* table) {
  return table == nullptr ? StringTable{} : StringTable{span_of(table->offsets()), span_of(table->bytes())};
}

IdColumn id_column_of(const wire::IdColumn* column) {
  if (column == nullptr) {
    return {};
  }
  return {string_table_of(column->prefixes()), span_of(column->formats()),      span_of(column->prefix()), span_of(column->tails()),
          span_of(column->short_tails()),      string_table_of(column->texts())};
}

}  // namespace berth
