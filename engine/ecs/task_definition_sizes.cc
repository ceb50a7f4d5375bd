// The sizes that the API has as strings: task-level cpu and memory, and counts of GPUs.

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>

#include "engine/ecs/task_definition.h"

namespace berth::ecs {
namespace {

constexpr std::int64_t kCpuUnitsPerVcpu = 1024;
constexpr std::int64_t kMibPerGib = 1024;
// What ECS accepts at task level on EC2: 0.125 to 192 vCPUs.
constexpr std::int64_t kTaskCpuLeast = 128;
constexpr std::int64_t kTaskCpuMost = 196'608;
constexpr std::int64_t kTaskMemoryMost = 1 << 30;  // MiB; far above any instance, and small enough to sum without overflow.
// More digits than any size has; keeps the decimal arithmetic below 2^63.
constexpr std::size_t kSizeDigitsMax = 12;
constexpr std::int64_t kGpusMost = 1024;

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  if (text.empty() || text.size() > kSizeDigitsMax || !is_digits(text)) {
    return std::nullopt;
  }
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "1", "0.5", ".25" times `scale`, exact; nullopt when the product is no whole number.
std::optional<std::int64_t> scaled_decimal(std::string_view text, std::int64_t scale) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if ((whole.empty() && fraction.empty()) || whole.size() + fraction.size() > kSizeDigitsMax || !is_digits(whole) || !is_digits(fraction)) {
    return std::nullopt;
  }
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
  for (const char digit : std::string(whole) + std::string(fraction)) {
    numerator = numerator * 10 + (digit - '0');
  }
  for (std::size_t i = 0; i < fraction.size(); ++i) {
    denominator *= 10;
  }
  numerator *= scale;
  return numerator % denominator == 0 ? std::optional(numerator / denominator) : std::nullopt;
}

// The text before `unit` and the blanks in front of it; nullopt when the text does not end with the unit, in any case.
std::optional<std::string_view> before_unit(std::string_view text, std::string_view unit) {
  if (text.size() < unit.size()) {
    return std::nullopt;
  }
  const std::string_view tail = text.substr(text.size() - unit.size());
  const bool is_unit =
      std::equal(tail.begin(), tail.end(), unit.begin(), [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
  if (!is_unit) {
    return std::nullopt;
  }
  text.remove_suffix(unit.size());
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

std::optional<std::int64_t> parse_size(std::string_view text, std::string_view unit, std::int64_t scale) {
  if (const auto amount = before_unit(text, unit); amount.has_value()) {
    return scaled_decimal(*amount, scale);
  }
  return whole_number(text);
}

Error size_error(const JsonValue& value, std::string_view setting, std::string_view text, std::string_view mend) {
  return value.error(
      "Invalid '" + std::string(setting) +
          "' setting for task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide. (\"" +
          std::string(text) + "\": " + std::string(mend) + ")",
      "ClientException");
}

}  // namespace

std::optional<std::int64_t> parse_task_cpu(std::string_view text) {
  return parse_size(text, "vcpu", kCpuUnitsPerVcpu);
}

std::optional<std::int64_t> parse_task_memory(std::string_view text) {
  return parse_size(text, "gb", kMibPerGib);
}

Result<std::int64_t> read_task_cpu(const JsonValue& value) {
  Result<std::string_view> text = value.string();
  if (!text.ok()) {
    return std::move(text).error();
  }
  const std::optional<std::int64_t> units = parse_task_cpu(*text);
  if (!units.has_value() || *units < kTaskCpuLeast || *units > kTaskCpuMost) {
    return size_error(value, "cpu", *text, "expected 128 to 196608 CPU units such as \"1024\", or vCPUs such as \"1 vCPU\"");
  }
  return *units;
}

Result<std::int64_t> read_task_memory(const JsonValue& value) {
  Result<std::string_view> text = value.string();
  if (!text.ok()) {
    return std::move(text).error();
  }
  const std::optional<std::int64_t> mib = parse_task_memory(*text);
  if (!mib.has_value() || *mib < 1 || *mib > kTaskMemoryMost) {
    return size_error(value, "memory", *text, "expected MiB such as \"1024\", or GB such as \"1 GB\"");
  }
  return *mib;
}

Result<std::uint32_t> read_gpu_count(const JsonValue& requirements) {
  std::int64_t count = 0;
  Outcome read = requirements.for_each([&](const JsonValue& item) -> Outcome {
    const std::string_view type = *item.member("type")->string();
    const JsonValue value = *item.member("value");
    if (type == "NeuronDevice") {
      Error error = item.error("resource type NeuronDevice is for managed instances, which are not supported");
      error.code = StatusCode::kUnsupported;
      return error;
    }
    if (type != "GPU") {
      return {};
    }
    const std::optional<std::int64_t> gpus = whole_number(*value.string());
    if (!gpus.has_value() || *gpus < 1 || *gpus > kGpusMost) {
      return value.error("a GPU requirement is a number of GPUs from 1 to " + std::to_string(kGpusMost) + " such as \"1\", found \"" +
                             std::string(*value.string()) + "\"",
                         "ClientException");
    }
    count += *gpus;
    return {};
  });
  if (!read.ok()) {
    return std::move(read).error();
  }
  return static_cast<std::uint32_t>(count);
}

}  // namespace berth::ecs
