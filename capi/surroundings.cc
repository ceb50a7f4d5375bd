#include "capi/surroundings.h"

#include <sys/random.h>

#include <cerrno>
#include <chrono>
#include <system_error>

namespace berth::capi {

std::int64_t system_now_ms() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
}

std::uint64_t steady_now_ns() {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since_start).count());
}

std::uint64_t fresh_seed() {
  std::uint64_t seed = 0;
  // Up to 256 bytes come whole or not at all; only the wait for the kernel's pool at boot can be interrupted.
  while (getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) {
    if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
  }
  return seed & ((std::uint64_t{1} << kFreshSeedBits) - 1);
}

}  // namespace berth::capi
