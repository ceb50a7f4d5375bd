#include <algorithm>
#include <array>
#include <string>

#include "engine/placement/chain.h"
#include "engine/placement/explain_parts.h"

namespace berth::placement {
namespace {

std::string strategy_text(const Level& level) {
  switch (level.kind) {
    case Strategy::Kind::kRandom:
      return "random";
    case Strategy::Kind::kSpreadInstance:
      return "spread(instanceId)";
    case Strategy::Kind::kSpreadAttribute:
      return "spread(attribute:" + level.attribute + ")";
    case Strategy::Kind::kBinpackCpu:
      return "binpack(cpu)";
    case Strategy::Kind::kBinpackMemory:
      return "binpack(memory)";
  }
  return "";
}

std::string tasks_text(std::uint32_t count) {
  return std::to_string(count) + (count == 1 ? " task" : " tasks");
}

std::string hex_text(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t digit = 16; digit-- > 0; value >>= 4U) {
    text[digit] = kDigits[value & 15U];
  }
  return text;
}

// Repeats the placements of a decision one by one and tells at each why it went where it did.
class Replay {
 public:
  explicit Replay(const Placing& placing)
      : placing_(&placing),
        snapshot_(placing.snapshot().get()),
        chain_(*snapshot_, placing.request(), placing.counts()),
        open_(placing.candidates()),
        added_(snapshot_->instance_count()) {}

  [[nodiscard]] WhyHere explain(std::uint32_t task, std::uint32_t winner) const {
    WhyHere why;
    why.task = task;
    why.instance = winner;
    std::vector<std::uint32_t> left;
    open_.for_each([&](std::size_t instance) { left.push_back(static_cast<std::uint32_t>(instance)); });
    why.candidates = left.size();
    if (!chain_.ends_in_random()) {
      why.runner_up = first_of(left, [&](std::uint32_t instance) { return instance != winner; });
    }
    for (const Level& level : chain_.levels()) {
      const std::uint32_t best = key(level, winner);
      const auto lost_here = [&](std::uint32_t instance) { return key(level, instance) != best; };
      const std::optional<std::uint32_t> loser = first_of(left, lost_here);
      std::erase_if(left, lost_here);
      why.levels.push_back({strategy_text(level), key_text(level, winner), loser ? key_text(level, *loser) : "", left.size()});
    }
    why.levels.push_back(last_level(left, winner));
    return why;
  }

  void place(std::uint32_t instance) {
    chain_.bump_all(instance);
    if (placing_->checks().first_failure(instance, ++added_[instance]) != Reason::kNone) {
      open_.reset(instance);
    }
  }

 private:
  [[nodiscard]] std::uint32_t key(const Level& level, std::uint32_t instance) const {
    return chain_.key(level, instance, added_[instance]);
  }

  [[nodiscard]] bool comes_before(std::uint32_t a, std::uint32_t b) const {
    for (const Level& level : chain_.levels()) {
      const std::uint32_t key_a = key(level, a);
      const std::uint32_t key_b = key(level, b);
      if (key_a != key_b) {
        return key_a < key_b;
      }
    }
    const std::uint64_t tie_a = snapshot_->tie_keys()[a];
    const std::uint64_t tie_b = snapshot_->tie_keys()[b];
    return tie_a != tie_b ? tie_a < tie_b : a < b;
  }

  // The first by the whole chain, tie key and index, of those that `accepts` holds for.
  template <typename Accepts>
  [[nodiscard]] std::optional<std::uint32_t> first_of(const std::vector<std::uint32_t>& instances, const Accepts& accepts) const {
    std::optional<std::uint32_t> first;
    for (const std::uint32_t instance : instances) {
      if (accepts(instance) && (!first.has_value() || comes_before(instance, *first))) {
        first = instance;
      }
    }
    return first;
  }

  [[nodiscard]] KeyLevel last_level(const std::vector<std::uint32_t>& left, std::uint32_t winner) const {
    if (chain_.ends_in_random()) {
      return {"random", "drawn from " + std::to_string(left.size()), "", 1};
    }
    const std::optional<std::uint32_t> loser = first_of(left, [&](std::uint32_t instance) { return instance != winner; });
    return {"tie", hex_text(snapshot_->tie_keys()[winner]), loser ? hex_text(snapshot_->tie_keys()[*loser]) : "", 1};
  }

  [[nodiscard]] std::string key_text(const Level& level, std::uint32_t instance) const {
    const Checks& checks = placing_->checks();
    switch (level.kind) {
      case Strategy::Kind::kSpreadAttribute: {
        const std::string_view value = snapshot_->attribute_text(instance, level.attribute).value_or("");
        return (value.empty() ? "(no value)" : std::string(value)) + ": " + tasks_text(key(level, instance));
      }
      case Strategy::Kind::kSpreadInstance:
        return tasks_text(key(level, instance));
      case Strategy::Kind::kBinpackCpu:
        return std::to_string(checks.cpu_remaining(instance, added_[instance])) + " CPU units remaining";
      case Strategy::Kind::kBinpackMemory:
        return std::to_string(checks.memory_remaining(instance, added_[instance])) + " MiB remaining";
      case Strategy::Kind::kRandom:
        break;
    }
    return "";
  }

  const Placing* placing_;
  const Snapshot* snapshot_;
  Chain chain_;
  Bitset open_;                       // Candidates as of the task in hand.
  std::vector<std::uint32_t> added_;  // Tasks of the request before it, by instance.
};

}  // namespace

std::vector<WhyHere> explain_choices(const Placing& placing, const Decision& decision, std::uint32_t task_count) {
  std::vector<WhyHere> result;
  const std::size_t count = std::min<std::size_t>(task_count, decision.placed.size());
  if (count == 0) {
    return result;
  }
  Replay replay(placing);
  for (std::uint32_t task = 0; task < count; ++task) {
    const std::uint32_t instance = decision.placed[task].instance;
    result.push_back(replay.explain(task, instance));
    replay.place(instance);
  }
  return result;
}

}  // namespace berth::placement
