// Random fleets and requests for properties. They come from a stream under one seed, so that a failure shrinks in the number of
// instances only, and every value is as likely in the first trial as in the last.
//
// Thread rule: plain values. Lifetime: own what they hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/rng.h"
#include "tests/unit/placement/model.h"
#include "tests/unit/placement/reference.h"

namespace berth::placement::test {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : stream_(seed) {}
  // [0, bound).
  std::uint32_t below(std::size_t bound) { return static_cast<std::uint32_t>(stream_.below(bound)); }
  // True once in `odds`.
  bool rarely(std::size_t odds) { return below(odds) == 0; }
  template <typename T>
  T one_of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  Stream stream_;
};

// unique_serials: nearly every instance has an attribute "serial" with a value of its own.
ModelInstance random_instance(Dice& dice, std::size_t index, bool unique_serials);

// `predicates` gets what each of the request's expressions means.
Request random_request(Dice& dice, std::vector<Predicate>& predicates);

}  // namespace berth::placement::test
