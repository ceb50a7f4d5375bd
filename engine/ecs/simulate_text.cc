#include "engine/ecs/simulate_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/ecs/json_writer.h"
#include "engine/ecs/table.h"

namespace berth::ecs {
namespace {

using placement::Reason;
using service::kResourceCount;
using service::Step;

constexpr std::size_t kNumberBytesMax = 400;
constexpr std::int64_t kSecondMs = 1000;

struct ResourceName {
  std::string_view member;  // In JSON.
  std::string_view shown;
  std::string_view column;
};
// By Resource.
constexpr std::array<ResourceName, kResourceCount> kResources = {
    {{"cpuUnits", "CPU units", "cpu"}, {"memoryMib", "memory MiB", "memory"}, {"gpus", "GPUs", "gpu"}}};

// The columns of refusals; what stands in none of them is "other".
constexpr std::array<std::pair<Reason, std::string_view>, 6> kRefusalColumns = {{{Reason::kAgent, "agent"},
                                                                                 {Reason::kCpu, "cpu"},
                                                                                 {Reason::kMemory, "memory"},
                                                                                 {Reason::kGpu, "gpu"},
                                                                                 {Reason::kMemberOf, "member_of"},
                                                                                 {Reason::kDistinctInstance, "distinct_instance"}}};

// With so many decimals.
std::string fixed(double value, int decimals) {
  std::array<char, kNumberBytesMax> text{};
  const auto [end, status] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
  return status == std::errc() ? std::string(text.data(), end) : std::string("0");
}

// Seconds, with decimals where there are any.
std::string seconds(std::int64_t ms) {
  constexpr int kDecimals = 3;
  return ms % kSecondMs == 0 ? std::to_string(ms / kSecondMs) : fixed(static_cast<double>(ms) / static_cast<double>(kSecondMs), kDecimals);
}

std::string percent(double value) {
  return fixed(value, 1) + " %";
}

// "149 d 8 h", "2 h 5 min", "40 s": the two largest units.
std::string duration(std::int64_t ms) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 4> kUnits = {{{86'400, " d"}, {3'600, " h"}, {60, " min"}, {1, " s"}}};
  std::int64_t left = ms / kSecondMs;
  std::string text;
  int units = 0;
  for (const auto& [length, name] : kUnits) {
    const std::int64_t count = left / length;
    left %= length;
    if ((count > 0 || (length == 1 && text.empty())) && units < 2) {
      text.append(text.empty() ? "" : " ").append(std::to_string(count)).append(name);
    }
    units += text.empty() ? 0 : 1;
  }
  return text;
}

// Reasons with refusals, most first.
std::vector<std::pair<std::uint64_t, Reason>> most_first(const service::Refusals& refusals) {
  std::vector<std::pair<std::uint64_t, Reason>> reasons;
  for (std::size_t reason = 0; reason < refusals.size(); ++reason) {
    if (refusals.at(reason) > 0) {
      reasons.emplace_back(refusals.at(reason), static_cast<Reason>(reason));
    }
  }
  std::sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : static_cast<int>(a.second) < static_cast<int>(b.second);
  });
  return reasons;
}

void append_row(std::string& csv, const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    csv.append(i == 0 ? "" : ",").append(cells[i]);
  }
  csv += '\n';
}

}  // namespace

std::string short_number(double value) {
  constexpr int kDigits = 6;
  std::array<char, kNumberBytesMax> text{};
  const auto [end, status] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, kDigits);
  return status == std::errc() ? std::string(text.data(), end) : std::string("0");
}

std::string SimulationText::steps_csv() const {
  std::vector<std::string> cells = {
      replay_.inflated ? "demanded_pct" : "time_s", "arrived", "placed", "refused", "departed", "running", "instances_in_use"};
  for (const std::string_view what : {"_used_pct", "_fragmented_pct"}) {
    for (const ResourceName& resource : kResources) {
      cells.push_back(std::string(resource.column) + std::string(what));
    }
  }
  for (const auto& [reason, column] : kRefusalColumns) {
    cells.push_back("refused_" + std::string(column));
  }
  cells.emplace_back("refused_other");
  std::string csv;
  append_row(csv, cells);
  for (const Step& step : replay_.steps) {
    cells = {replay_.inflated ? fixed(step.demanded_percent, 2) : seconds(step.time_ms)};
    for (const std::uint64_t count :
         {step.arrived, step.placed, step.refused, step.departed, step.running, std::uint64_t{step.instances_in_use}}) {
      cells.push_back(std::to_string(count));
    }
    for (const auto* shares : {&step.shares.used, &step.shares.fragmented}) {
      for (const double share : *shares) {
        cells.push_back(fixed(share, 2));
      }
    }
    std::uint64_t other = step.refused;
    for (const auto& [reason, column] : kRefusalColumns) {
      const std::uint64_t count = step.refusals.at(static_cast<std::size_t>(reason));
      cells.push_back(std::to_string(count));
      other -= count;
    }
    cells.push_back(std::to_string(other));
    append_row(csv, cells);
  }
  return csv;
}

std::string SimulationText::json() const {
  const Step& total = replay_.total;
  JsonWriter writer;
  const auto member = [&](std::string_view name, std::uint64_t value) { writer.key(name).unsigned_integer(value); };
  writer.begin_object();
  member("seed", seed_);
  member("instances", replay_.instance_count);
  member("instancesInUse", total.instances_in_use);
  writer.key("tasks").begin_object();
  for (const auto& [name, value] :
       {std::pair("arrived", total.arrived), std::pair("placed", total.placed), std::pair("refused", total.refused),
        std::pair("departed", total.departed), std::pair("running", total.running), std::pair("runningMax", replay_.running_max)}) {
    member(name, value);
  }
  member("gpuSharesRoundedUp", trace_.gpu_shares);
  writer.end_object();
  writer.key("refusals").begin_array();
  for (const auto& [count, reason] : most_first(total.refusals)) {
    writer.begin_object().member("reason", to_text(reason));
    member("tasks", count);
    writer.end_object();
  }
  writer.end_array().key("resources").begin_object();
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    writer.key(kResources.at(r).member).begin_object().member_integer("capacity", replay_.capacity.at(r));
    writer.key("usedPercent").raw(fixed(total.shares.used.at(r), 2));
    writer.key("peakUsedPercent").raw(fixed(replay_.peak_used.at(r), 2));
    writer.key("fragmentedPercent").raw(fixed(total.shares.fragmented.at(r), 2)).end_object();
  }
  writer.end_object();
  if (replay_.inflated.has_value()) {
    writer.member("inflated", kResources.at(static_cast<std::size_t>(*replay_.inflated)).member);
    writer.key("demandedPercent").raw(fixed(total.demanded_percent, 2));
  } else {
    writer.key("beginSeconds").raw(seconds(replay_.begin_ms)).key("endSeconds").raw(seconds(total.time_ms));
  }
  member("steps", replay_.steps.size());
  writer.end_object();
  return writer.take();
}

std::string SimulationText::headline() const {
  const Step& total = replay_.total;
  const auto digits = [](std::uint64_t value) { return grouped_digits(static_cast<std::int64_t>(value)); };
  std::string text = "Replayed " + counted(total.arrived, "task");
  if (replay_.inflated.has_value()) {
    text += ", which demand " + percent(total.demanded_percent) + " of the " +
            std::string(kResources.at(static_cast<std::size_t>(*replay_.inflated)).shown) + ",";
  } else {
    text += " over " + duration(total.time_ms - replay_.begin_ms);
  }
  text += " on " + counted(replay_.instance_count, "instance") + " (seed " + std::to_string(seed_) + "): " + digits(total.placed) +
          " placed, " + (total.refused == 0 ? "none" : digits(total.refused)) + " refused.\n";
  if (!replay_.inflated.has_value()) {
    text += "At most " + digits(replay_.running_max) + " ran at once; at the end " + digits(total.running) + " did.\n";
  }
  if (trace_.gpu_shares > 0) {
    text += counted(trace_.gpu_shares, "task") + " of the trace " + (trace_.gpu_shares == 1 ? "asks" : "ask") +
            " for a share of a GPU, which counts as a whole one.\n";
  }
  return text;
}

std::string SimulationText::resource_rows() const {
  Table table;
  table.column("RESOURCE");
  const bool is_inflation = replay_.inflated.has_value();
  for (const std::string_view header :
       {"CAPACITY", is_inflation ? "USED AT END" : "USED ON AVERAGE", "USED AT MOST", "FREE BUT FRAGMENTED"}) {
    table.column(header, Table::Align::kRight);
  }
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    if (replay_.capacity.at(r) > 0) {
      table.row({std::string(kResources.at(r).shown), grouped_digits(replay_.capacity.at(r)), percent(replay_.total.shares.used.at(r)),
                 percent(replay_.peak_used.at(r)), percent(replay_.total.shares.fragmented.at(r))});
    }
  }
  return table.render();
}

std::string SimulationText::table() const {
  std::string text = headline() + "\n" + resource_rows();
  Table refusals;
  refusals.column("REFUSED", Table::Align::kRight).column("REASON");
  for (const auto& [count, reason] : most_first(replay_.total.refusals)) {
    refusals.row({grouped_digits(static_cast<std::int64_t>(count)), std::string(to_text(reason))});
  }
  return refusals.empty() ? text : text + "\n" + refusals.render();
}

}  // namespace berth::ecs
