// BatchStore: what one worker has too much of and another one needs, handed over in batches: stacks of notes, one per kind, and a stack of
// notes that are not in use. Giving and taking are one swap each, with no lock; nobody waits for anybody.
//
// A stack's head holds its top note and a tag, which counts the swaps: a thread that read the top's successor, slept, and finds the same
// note on top again has lost all the same. (Not if it slept for exactly 2^32 swaps.) Notes are never given back to the system, so that a
// late reader of `next` reads a note. **Published** by the swap of a head, with release; its pair is whoever reads the head, with acquire.
//
// Thread rule: any number of threads. Lifetime: the cluster's. Allocates when more batches lie here than ever before.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace berth::cluster {

template <typename Batch, std::size_t kKinds>
class BatchStore {
 public:
  BatchStore() = default;
  BatchStore(const BatchStore&) = delete;
  BatchStore& operator=(const BatchStore&) = delete;
  ~BatchStore() {
    for (std::atomic<Note*>& segment : segments_) {
      delete[] segment.load(std::memory_order_relaxed);
    }
  }

  // False: no memory to note it, and nothing happened.
  bool give(std::size_t kind, const Batch& batch) {
    std::uint32_t number = pop(unused_);
    if (number == kNone) {
      number = create();
    }
    if (number == kNone) {
      return false;
    }
    note(number).batch = batch;
    push(given_[kind].head, number);
    return true;
  }

  // False: there is none of the kind.
  bool take(std::size_t kind, Batch& batch) {
    const std::uint32_t number = pop(given_[kind].head);
    if (number == kNone) {
      return false;
    }
    batch = note(number).batch;
    push(unused_, number);
    return true;
  }

 private:
  static constexpr std::uint32_t kNone = 0;
  static constexpr std::uint32_t kSegment = 1024;
  static constexpr std::uint32_t kSegments = 4096;

  struct Note {
    std::atomic<std::uint32_t> next{kNone};
    Batch batch{};  // Belongs to whoever has popped the note.
  };
  struct alignas(64) Stack {
    std::atomic<std::uint64_t> head{0};
  };

  // Numbers begin at 1.
  [[nodiscard]] Note& note(std::uint32_t number) {
    return segments_[(number - 1) / kSegment].load(std::memory_order_acquire)[(number - 1) % kSegment];
  }

  void push(std::atomic<std::uint64_t>& head, std::uint32_t number) {
    std::uint64_t word = head.load(std::memory_order_relaxed);
    do {
      note(number).next.store(static_cast<std::uint32_t>(word), std::memory_order_relaxed);
    } while (!head.compare_exchange_weak(word, tagged(word, number), std::memory_order_acq_rel, std::memory_order_relaxed));
  }

  std::uint32_t pop(std::atomic<std::uint64_t>& head) {
    std::uint64_t word = head.load(std::memory_order_acquire);
    for (;;) {
      const auto number = static_cast<std::uint32_t>(word);
      if (number == kNone) {
        return kNone;
      }
      const std::uint32_t next = note(number).next.load(std::memory_order_relaxed);
      if (head.compare_exchange_weak(word, tagged(word, next), std::memory_order_acq_rel, std::memory_order_acquire)) {
        return number;
      }
    }
  }

  static std::uint64_t tagged(std::uint64_t word, std::uint32_t number) { return ((word >> 32U) + 1) << 32U | number; }

  std::uint32_t create() {
    const std::uint32_t index = created_.fetch_add(1, std::memory_order_relaxed);
    if (index >= kSegment * kSegments) {
      created_.fetch_sub(1, std::memory_order_relaxed);
      return kNone;
    }
    std::atomic<Note*>& segment = segments_[index / kSegment];
    if (segment.load(std::memory_order_acquire) == nullptr) {
      // Several may come here at once: one of their segments stays.
      std::unique_ptr<Note[]> fresh(new (std::nothrow) Note[kSegment]);
      Note* none = nullptr;
      if (fresh != nullptr && segment.compare_exchange_strong(none, fresh.get(), std::memory_order_acq_rel)) {
        static_cast<void>(fresh.release());
      }
      if (segment.load(std::memory_order_acquire) == nullptr) {
        return kNone;
      }
    }
    return index + 1;
  }

  std::array<Stack, kKinds> given_;
  alignas(64) std::atomic<std::uint64_t> unused_{0};
  std::atomic<std::uint32_t> created_{0};
  std::array<std::atomic<Note*>, kSegments> segments_{};
};

}  // namespace berth::cluster
