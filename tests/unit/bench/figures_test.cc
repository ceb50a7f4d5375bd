#include "bench/report/figures.h"

#include <gtest/gtest.h>

#include <limits>

namespace berth::bench {
namespace {

TEST(Figures, StandForTheMedianOfWhatWasMeasured) {
  Figures figures;
  for (const double value : {9.0, 1.0, 2.0}) {
    figures.add("odd", value);
  }
  for (const double value : {9.0, 1.0, 2.0, 4.0}) {
    figures.add("even", value);
  }
  EXPECT_EQ(figures.find("odd"), 2.0);
  EXPECT_EQ(figures.find("even"), 3.0);
  EXPECT_EQ(figures.find("absent"), std::nullopt);
  EXPECT_EQ(figures.medians(), (std::map<std::string, double>{{"even", 3.0}, {"odd", 2.0}}));
}

TEST(Figures, TakeNoValueThatIsNoNumber) {
  Figures figures;
  figures.add("nan", std::numeric_limits<double>::quiet_NaN());
  figures.add("infinite", std::numeric_limits<double>::infinity());
  EXPECT_TRUE(figures.medians().empty());
}

TEST(Figures, DeriveRatiosFromWhatWasMeasured) {
  Figures figures;
  figures.add("W2.z200.placements_per_second", 100'000);
  figures.add("W2.z200.two_threads.placements_per_second", 170'000);
  figures.add("W2.z200.us_per_placement", 10);
  figures.add("growth.hundredth_us_per_placement", 4);
  figures.add("W6.p99_us", 30);
  figures.add("W6.p99_without_us", 20);
  figures.derive();
  EXPECT_DOUBLE_EQ(figures.find("W2.two_thread_speedup").value(), 1.7);
  EXPECT_DOUBLE_EQ(figures.find("growth.ratio").value(), 2.5);
  EXPECT_DOUBLE_EQ(figures.find("W6.p99_ratio").value(), 1.5);
}

TEST(Figures, DeriveNothingFromHalfOfIt) {
  Figures figures;
  figures.add("W2.z200.placements_per_second", 100'000);
  figures.add("W6.p99_us", 30);
  figures.add("W6.p99_without_us", 0);
  figures.derive();
  EXPECT_EQ(figures.medians().size(), 3U);
}

TEST(Figures, DeriveTheSameTwice) {
  Figures figures;
  figures.add("W6.p99_us", 30);
  figures.add("W6.p99_without_us", 20);
  figures.derive();
  figures.add("W6.p99_us", 50);
  figures.derive();
  EXPECT_DOUBLE_EQ(figures.find("W6.p99_ratio").value(), 2.0);
}

}  // namespace
}  // namespace berth::bench
