// Properties over random small fleets: the loop that every suite shares.
//
// Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <functional>
#include <string>

#include "tests/property/both_sides.h"

namespace berth::property {

struct Case {
  std::uint64_t seed = 0;
  FleetOptions options;
};

// Calls `difference_in` with random fleets until it answers something; prints that with the seed that reproduces it.
inline void expect_agreement(const char* what, const std::function<std::string(const Fleet&, Random&)>& difference_in) {
  const bool holds = rc::check(what, [&] {
    Case one;
    one.seed = *rc::gen::noShrink(rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>()));
    one.options.instances = *rc::gen::inRange<std::size_t>(0, 61);
    one.options.has_tasks = *rc::gen::weightedElement<bool>({{8, true}, {2, false}});
    Random random(one.seed + 1);
    const std::string difference = difference_in(generate_fleet(one.seed, one.options), random);
    if (!difference.empty()) {
      RC_FAIL("seed " + std::to_string(one.seed) + ", " + std::to_string(one.options.instances) + " instances, " +
              (one.options.has_tasks ? "with" : "without") + " tasks: " + difference);
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace berth::property
