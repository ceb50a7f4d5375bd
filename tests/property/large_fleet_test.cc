// A thousand random requests on one fleet of 5,000 instances, held against the oracle one by one. Prints how often each feature occurred
// and insists that each did, and that most requests found a place.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "tests/property/both_sides.h"
#include "tests/property/coverage.h"

namespace berth::property {
namespace {

constexpr std::size_t kInstances = 5000;
constexpr int kRequests = 1000;
constexpr int kLeastPerFeature = 20;

struct Tally {
  std::map<std::string, int> features;
  std::map<std::string, int> reasons;
  int refused = 0;
  int placed_some = 0;
  int placed_all = 0;
  int tasks = 0;
};

void count(const Json& request, const oracle::Fleet& fleet, const oracle::Answer& answer, Tally& tally) {
  const oracle::Request read = oracle::read_request(fleet, request, false);
  for (const std::string& feature : features_of(request, read)) ++tally.features[feature];
  for (const oracle::Failure& failure : answer.failures) ++tally.reasons[failure.reason];
  tally.tasks += static_cast<int>(answer.placed.size());
  if (!answer.placed.empty()) ++tally.placed_some;
  if (answer.placed.size() == read.count) ++tally.placed_all;
}

void print(const Tally& tally) {
  std::printf("%d requests: %d placed all, %d placed some or all, %d refused as invalid; %d tasks placed\n", kRequests, tally.placed_all,
              tally.placed_some, tally.refused, tally.tasks);
  for (const std::string& feature : all_features()) {
    const auto found = tally.features.find(feature);
    std::printf("%6d  %s\n", found == tally.features.end() ? 0 : found->second, feature.c_str());
  }
  for (const auto& [reason, times] : tally.reasons) std::printf("%8d failures: %s\n", times, reason.c_str());
}

TEST(LargeFleet, AThousandRequestsAreDecidedLikeTheOracle) {
  const Fleet generated = generate_fleet(20260801, {kInstances, true});
  const BothSides sides(generated.documents, eni_limits());
  ASSERT_EQ(sides.snapshot()->instance_count(), kInstances);
  Random random(42);
  Tally tally;
  int differences = 0;
  for (int i = 0; i < kRequests && differences < 5; ++i) {
    const Json request = generate_run_request(random, generated.vocabulary);
    const oracle::Answer answer = oracle::run_task(sides.fleet(), request, oracle::Recheck::kChanged);
    const std::string found = difference(run_engine(sides.snapshot(), request), from_oracle(answer));
    if (!found.empty()) {
      ++differences;
      ADD_FAILURE() << "request " << i << " of seed 42: " << found.substr(0, 2000) << "\nrequest: " << request.dump();
    }
    const std::string serial = run_text(sides.snapshot(), request, *executors().serial);
    EXPECT_EQ(serial, run_text(sides.snapshot(), request, *executors().tbb)) << "TBB differs on request " << i;
    EXPECT_EQ(serial, run_text(sides.snapshot(), request, *executors().threads)) << "threads differ on request " << i;
    if (answer.error) {
      ++tally.refused;
    } else {
      count(request, sides.fleet(), answer, tally);
    }
  }
  print(tally);
  for (const std::string& feature : all_features()) {
    EXPECT_GE(tally.features[feature], kLeastPerFeature) << "the generator leaves out: " << feature;
  }
  EXPECT_GE(tally.placed_some * 2, kRequests);
}

}  // namespace
}  // namespace berth::property
