// The generators make what they promise: requests of which most find a place, with every feature often enough, the same for one seed.
#include "tests/property/generators.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "tests/property/coverage.h"

namespace berth::property {
namespace {

TEST(Generators, OneSeedMakesOneFleetAndOneRequest) {
  EXPECT_EQ(generate_fleet(3, {30, true}).documents, generate_fleet(3, {30, true}).documents);
  EXPECT_NE(generate_fleet(3, {30, true}).documents, generate_fleet(4, {30, true}).documents);
  Random one(5), two(5);
  const Fleet fleet = generate_fleet(3, {30, true});
  EXPECT_EQ(generate_run_request(one, fleet.vocabulary), generate_run_request(two, fleet.vocabulary));
}

TEST(Generators, MostRequestsFindAPlaceAndEveryFeatureOccurs) {
  const Fleet generated = generate_fleet(11, {300, true});
  const oracle::Fleet fleet = oracle::import_fleet(generated.documents, eni_limits(), {own_names().begin(), own_names().end()});
  Random random(12);
  std::map<std::string, int> times;
  std::map<std::string, int> refusals;
  int placed = 0;
  constexpr int kRequests = 1000;
  for (int i = 0; i < kRequests; ++i) {
    const Json request = generate_run_request(random, generated.vocabulary);
    const oracle::Answer answer = oracle::run_task(fleet, request, oracle::Recheck::kChanged);
    if (!answer.placed.empty()) ++placed;
    if (answer.error) {
      ++refusals[*answer.error];
    } else {
      for (const std::string& feature : features_of(request, oracle::read_request(fleet, request, false))) ++times[feature];
    }
  }
  for (const auto& [refusal, count] : refusals) RecordProperty(refusal.substr(0, 60), count);
  EXPECT_GE(placed * 2, kRequests) << placed;
  for (const std::string& feature : all_features()) EXPECT_GE(times[feature], 20) << feature;
}

// The limits that the tests assume are those of the tables.
TEST(Generators, EniLimitsAreThoseOfTheData) {
  const char* folder = std::getenv("BERTH_DATA");
  const std::string data = folder != nullptr ? folder : BERTH_DATA_DEFAULT;
  oracle::EniLimits real;
  try {
    real = oracle::EniLimits::read(data);
  } catch (const oracle::Invalid&) {
    if (std::getenv("CI") != nullptr) FAIL() << "no data under " << data;
    GTEST_SKIP() << "no data under " << data << ": set BERTH_DATA";
  }
  for (const std::string& type : generate_fleet(1, {1, false}).vocabulary.instance_types) {
    EXPECT_EQ(eni_limits().limit(type, false), real.limit(type, false)) << type;
    const bool may_trunk = eni_limits().documented.count(type) == 1;
    EXPECT_EQ(eni_limits().limit(type, may_trunk), real.limit(type, may_trunk)) << type;
  }
}

}  // namespace
}  // namespace berth::property
