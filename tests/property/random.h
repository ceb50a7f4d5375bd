// Random: the choices that generators make, from one seed.
//
// Thread rule: one thread. Lifetime: a plain value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/rng.h"

namespace berth::property {

class Random {
 public:
  explicit Random(std::uint64_t seed) : stream_(seed) {}

  // REQUIRES: bound > 0. In [0, bound).
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(stream_.below(bound)); }
  // In [least, most].
  int between(int least, int most) { return least + static_cast<int>(below(static_cast<std::size_t>(std::int64_t{most} - least + 1))); }
  bool chance(int percent) { return static_cast<int>(below(100)) < percent; }
  template <typename T>
  const T& pick(const std::vector<T>& values) {
    return values[below(values.size())];
  }
  std::string hex(std::size_t digits) {
    std::string text;
    while (text.size() < digits) text += "0123456789abcdef"[below(16)];
    return text;
  }

 private:
  Stream stream_;
};

}  // namespace berth::property
