// SimulationText: a replay as text: the summary as JSON or as a table, the steps as CSV.
//
// Thread rule: immutable. Lifetime: at most that of the replay and the trace.
#pragma once

#include <cstdint>
#include <string>

#include "engine/service/replay.h"
#include "engine/service/trace.h"

namespace berth::ecs {

// At most six significant digits, without zeros at the end.
std::string short_number(double value);

class SimulationText {
 public:
  SimulationText(const service::Replay& replay, const service::Trace& trace, std::uint64_t seed)
      : replay_(replay), trace_(trace), seed_(seed) {}

  [[nodiscard]] std::string json() const;
  [[nodiscard]] std::string table() const;
  [[nodiscard]] std::string steps_csv() const;

 private:
  [[nodiscard]] std::string headline() const;
  [[nodiscard]] std::string resource_rows() const;

  const service::Replay& replay_;
  const service::Trace& trace_;
  std::uint64_t seed_;
};

}  // namespace berth::ecs
