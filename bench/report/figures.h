// Figures: what one run of the benches measured, by flat key ("W2.z200.p99_us"). A key that was measured several times stands for the
// median.
//
// Thread rule: a plain value. Lifetime: owns its keys.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::bench {

class Figures {
 public:
  // A value that is no finite number is not taken.
  void add(std::string_view key, double value);
  // Of an even number of values: the mean of the middle two. nullopt: the key was not measured.
  [[nodiscard]] std::optional<double> find(std::string_view key) const;
  // Each key once, in the order of bytes, with its median.
  [[nodiscard]] std::map<std::string, double> medians() const;
  // Adds what follows from other figures: the speedup of two threads, growth, W6's effect on W2. Only where both sides were measured.
  void derive();

 private:
  void add_ratio(std::string_view key, std::string_view above, std::string_view below);

  std::map<std::string, std::vector<double>, std::less<>> samples_;
};

}  // namespace berth::bench
