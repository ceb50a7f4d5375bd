// Snapshot::Storage: the bytes of a snapshot, wherever they came from, and the columns that only look-ups of Snapshot read.
//
// Thread rule: immutable once the snapshot is made. Lifetime: the snapshot's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/snapshot/snapshot.h"

namespace berth {

// A read-only mapping of a file; unmapped on destruction.
class Mapping {
 public:
  Mapping() = default;
  Mapping(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {data_, size_}; }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

struct Snapshot::Storage {
  // One of the three holds the bytes.
  std::vector<std::uint8_t> vector;
  std::unique_ptr<std::uint8_t[]> block;
  Mapping mapping;
  std::span<const std::uint8_t> bytes;

  std::uint32_t format_version = 0;
  std::uint64_t generation = 0;
  std::uint64_t tie_seed = 0;
  std::span<const std::uint32_t> attribute_set_begin;
  std::span<const AttributePair> attribute_set_pairs;
  std::span<const std::uint32_t> tcp_begin, udp_begin;
  std::span<const std::uint16_t> tcp, udp;
  std::span<const std::uint32_t> gpu_begin;
};

}  // namespace berth
