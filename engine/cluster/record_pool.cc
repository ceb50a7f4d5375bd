#include "engine/cluster/record_pool.h"

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

#include "engine/cluster/huge_pages.h"

namespace berth::cluster {

std::size_t RecordPool::class_of(std::size_t bytes) {
  const std::size_t units = (bytes + kUnit - 1) / kUnit;
  if (units <= kFineClasses) {
    return units - 1;
  }
  return kFineClasses - 1 + static_cast<std::size_t>(std::bit_width((units - 1) / kFineClasses));
}

std::size_t RecordPool::bytes_of(std::size_t size_class) {
  return size_class < kFineClasses ? (size_class + 1) * kUnit : (kFineClasses << (size_class - kFineClasses + 1)) * kUnit;
}

Record* RecordPool::allocate(std::size_t wide_count, std::size_t task_count) {
  const std::size_t size_class = class_of(Record::bytes(wide_count, task_count));
  Record* record = take_free(size_class);
  if (record == nullptr) {
    const std::size_t bytes = bytes_of(size_class);
    if (static_cast<std::size_t>(end_ - next_) < bytes) {
      const std::size_t chunk_bytes = std::max(std::clamp(std::bit_ceil(this->bytes()), kChunkBytesMin, kChunkBytesMax), bytes);
      void* memory = chunk_bytes % kHugePageBytes == 0 ? allocate_huge_pages(chunk_bytes) : std::aligned_alloc(kUnit, chunk_bytes);
      std::unique_ptr<std::byte, Release> chunk(static_cast<std::byte*>(memory));
      if (chunk == nullptr) {
        return nullptr;
      }
      chunks_.push_back(std::move(chunk));
      bytes_.fetch_add(chunk_bytes, std::memory_order_relaxed);
      next_ = chunks_.back().get();
      end_ = next_ + chunk_bytes;
    }
    record = new (next_) Record;
    next_ += bytes;
  }
  record->size_class = static_cast<std::uint16_t>(size_class);
  record->wide_count = static_cast<std::uint16_t>(wide_count);
  record->task_count = static_cast<std::uint32_t>(task_count);
  return record;
}

Record* RecordPool::take_free(std::size_t size_class) {
  Shelf& shelf = shelves_[size_class];
  if (shelf.first == nullptr) {
    shelf.first = std::exchange(shelf.spare, nullptr);
    if (shelf.first == nullptr && (store_ == nullptr || !store_->take(size_class, shelf.first))) {
      return nullptr;
    }
    shelf.count = kBatch;
  }
  Record* record = shelf.first;
  shelf.first = record->previous;
  shelf.count -= std::min(shelf.count, 1U);
  return record;
}

void RecordPool::free(Record* record) {
  Shelf& shelf = shelves_[record->size_class];
  // When there is no memory to give the spare batch away, all stay here.
  if (store_ != nullptr && shelf.count >= kBatch && (shelf.spare == nullptr || store_->give(record->size_class, shelf.spare))) {
    shelf.spare = std::exchange(shelf.first, nullptr);
    shelf.count = 0;
  }
  record->previous = shelf.first;
  shelf.first = record;
  ++shelf.count;
}

}  // namespace berth::cluster
