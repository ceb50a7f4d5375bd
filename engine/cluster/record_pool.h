// RecordPool: the memory of one worker's records. What is freed is used again for records of the same size: by this worker, and beyond
// two batches of a size by whoever needs them. Nothing is given back to the system before the pool goes, so that a pointer into it always
// points at a record.
//
// Thread rule: one thread at a time; a record may be freed into another worker's pool than it came from. Lifetime: outlives all records.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "engine/cluster/batch_store.h"
#include "engine/cluster/record.h"

namespace berth::cluster {

class RecordPool {
 public:
  // Classes of 64 bytes each up to 2 KiB, then doubling.
  static constexpr std::size_t kFineClasses = 32;
  static constexpr std::size_t kClasses = kFineClasses + 20;
  static constexpr std::uint32_t kBatch = 64;
  // Free records of one class, each the next one's `previous`, by the first of them.
  using Store = BatchStore<Record*, kClasses>;

  // Where batches are given to and taken from; without one the pool keeps what is freed. `store` outlives the pool's last use.
  void share(Store* store) { store_ = store; }

  // Not cleared: the caller writes every field. size_class, wide_count and task_count are set. nullptr: out of memory.
  Record* allocate(std::size_t wide_count, std::size_t task_count);
  void free(Record* record);

  // Bytes taken from the system.
  [[nodiscard]] std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kUnit = 64;
  // A chunk is as large as all before it together, within these.
  static constexpr std::size_t kChunkBytesMin = std::size_t{1} << 16U;
  static constexpr std::size_t kChunkBytesMax = std::size_t{1} << 25U;
  static std::size_t class_of(std::size_t bytes);
  static std::size_t bytes_of(std::size_t size_class);

  struct Release {
    void operator()(std::byte* chunk) const { std::free(chunk); }
  };
  // Free records of a class: those in use, and a batch to spare, so that a worker that goes back and forth needs nobody.
  struct Shelf {
    Record* first = nullptr;
    Record* spare = nullptr;
    std::uint32_t count = 0;  // From `first` on, or more.
  };
  Record* take_free(std::size_t size_class);

  std::array<Shelf, kClasses> shelves_{};
  Store* store_ = nullptr;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::atomic<std::size_t> bytes_{0};  // Anybody may ask.
  std::vector<std::unique_ptr<std::byte, Release>> chunks_;
};

}  // namespace berth::cluster
