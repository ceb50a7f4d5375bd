#include "tests/capi/failing_allocations.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

std::atomic<std::int64_t> allocations_left{kNever};
std::atomic<bool> keeps_failing{false};

namespace {

void* allocate(std::size_t bytes, std::size_t alignment) {
  if (allocations_left.load(std::memory_order_relaxed) != kNever && allocations_left.fetch_sub(1) <= 0) {
    if (!keeps_failing.load()) {
      allocations_left.store(kNever);
    }
    throw std::bad_alloc();
  }
  bytes = bytes == 0 ? 1 : bytes;
  void* memory = alignment <= alignof(std::max_align_t) ? std::malloc(bytes)
                                                        : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}

void* allocate_or_null(std::size_t bytes) noexcept {
  try {
    return allocate(bytes, 1);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

void* operator new(std::size_t bytes) {
  return allocate(bytes, 1);
}
void* operator new[](std::size_t bytes) {
  return allocate(bytes, 1);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return allocate_or_null(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return allocate_or_null(bytes);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

// RE2 does not free what it has built of a pattern when memory runs out on the way; whole stacks are needed to know its leaks from ours.
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier): the sanitizer's own hook.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libre2\n";
}  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __asan_default_options();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __asan_default_options() {
  return "fast_unwind_on_malloc=0";
}  // NOLINT(bugprone-reserved-identifier)

int fail_at_each_allocation(const Call& call, bool is_persistent) {
  int failures = 0;
  for (std::int64_t allowed = 0;; allowed += 1 + allowed / 8) {
    berth_error* error = nullptr;
    keeps_failing.store(is_persistent);
    allocations_left.store(allowed);
    const Attempt attempt = call(&error);
    allocations_left.store(kNever);
    if (attempt.status == BERTH_OK) {
      EXPECT_EQ(error, nullptr);
      return failures;
    }
    ++failures;
    EXPECT_EQ(attempt.status, BERTH_OUT_OF_MEMORY) << "after " << allowed << " allocations: " << berth_error_message(error, nullptr);
    EXPECT_TRUE(attempt.is_untouched) << "after " << allowed << " allocations";
    EXPECT_NE(error, nullptr);
    EXPECT_EQ(berth_error_status(error), attempt.status);
    EXPECT_STRNE(berth_error_message(error, nullptr), "");
    berth_error_free(error);
    if (failures > 5000) {
      ADD_FAILURE() << "the call never succeeds";
      return failures;
    }
  }
}
