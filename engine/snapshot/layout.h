// Where the columns of a snapshot file are: spans into the buffer, and the proof that the structs of the schema and those of the
// engine have one layout, so that a vector of one is read as a span of the other.
//
// Thread rule: pure functions. Lifetime: the spans live as long as the buffer.
#pragma once

#include <cstdint>
#include <span>

#include "engine/snapshot/id_column.h"
#include "engine/snapshot/snapshot.h"
#include "engine/snapshot/snapshot_generated.h"
#include "engine/snapshot/string_table.h"

namespace berth {

// The newest version that is read. A file is written in the oldest that holds all of it: own resources need version 2.
inline constexpr std::uint32_t kFormatVersion = 2;
inline constexpr std::uint32_t kFormatWithoutOwnResources = 1;
// Alignment of column data within the file, in bytes.
inline constexpr std::size_t kColumnAlignment = 16;

// The engine's type for an element of a vector of the schema.
template <typename Wire>
struct EngineType {
  using Type = Wire;
};
template <>
struct EngineType<const wire::AttributePair*> {
  using Type = AttributePair;
};
template <>
struct EngineType<const wire::TaskShape*> {
  using Type = TaskShape;
};
template <>
struct EngineType<const wire::ProtectedTask*> {
  using Type = ProtectedTask;
};
template <>
struct EngineType<const wire::TaskGpu*> {
  using Type = Snapshot::TaskGpu;
};
template <>
struct EngineType<const wire::IdTail*> {
  using Type = IdTail;
};

// An absent vector is an empty one.
template <typename Wire>
std::span<const typename EngineType<Wire>::Type> span_of(const flatbuffers::Vector<Wire>* vector) {
  using Type = typename EngineType<Wire>::Type;
  if (vector == nullptr) {
    return {};
  }
  return {reinterpret_cast<const Type*>(vector->Data()), vector->size()};
}

StringTable string_table_of(const wire::StringTable* table);
IdColumn id_column_of(const wire::IdColumn* column);

}  // namespace berth
