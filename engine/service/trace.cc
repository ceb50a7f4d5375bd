#include "engine/service/trace.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include "engine/base/limits.h"
#include "engine/service/csv.h"

namespace berth::service {
namespace {

constexpr std::array<std::string_view, 9> kOwnColumns = {"arrival", "departure", "cpu",  "memory",  "gpus",
                                                         "group",   "count",     "name", "memberOf"};
constexpr std::array<std::string_view, 3> kOwnRequired = {"arrival", "cpu", "memory"};
constexpr std::array<std::string_view, 5> kOpenbRequired = {"cpu_milli", "memory_mib", "num_gpu", "creation_time", "deletion_time"};
constexpr std::int64_t kAmountMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kGpusMax = 1024;
// cpu_milli of kAmountMax CPU units, nearly.
constexpr std::int64_t kCpuMilliMax = 2'000'000'000;
constexpr std::string_view kDefaultGroup = "trace";

class TraceReader {
 public:
  TraceReader(std::string_view source, std::string_view bytes) : reader_(source, bytes) {}

  Result<Trace> read() {
    Result<CsvColumns> columns = CsvColumns::read(reader_);
    if (!columns.ok()) {
      return std::move(columns).error();
    }
    const bool is_openb = columns->find("cpu_milli").has_value();
    if (Outcome known = is_openb ? check_openb(*columns) : check_own(*columns); !known.ok()) {
      return std::move(known).error();
    }
    CsvFields fields(reader_, *columns);
    for (std::vector<std::string> record;;) {
      Result<bool> more = reader_.next(record);
      if (!more.ok()) {
        return std::move(more).error();
      }
      if (!*more) {
        break;
      }
      Outcome read = fields.set(record);
      if (read.ok()) {
        read = is_openb ? add_openb(fields) : add_own(fields);
      }
      if (!read.ok()) {
        return std::move(read).error();
      }
    }
    if (trace_.tasks.empty()) {
      return reader_.error("no task follows the header; a trace has one task to a line");
    }
    sort_by_arrival();
    return std::move(trace_);
  }

 private:
  void sort_by_arrival() {
    std::vector<std::uint32_t> order(trace_.tasks.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      const std::int64_t first = trace_.tasks[a].arrival_ms;
      const std::int64_t second = trace_.tasks[b].arrival_ms;
      return first != second ? first < second : a < b;
    });
    std::vector<TraceTask> sorted;
    sorted.reserve(order.size());
    for (const std::uint32_t task : order) {
      sorted.push_back(trace_.tasks[task]);
    }
    trace_.tasks.swap(sorted);
  }

  Outcome check_own(const CsvColumns& columns) const {
    std::string known;
    for (const std::string_view column : kOwnColumns) {
      known.append(known.empty() ? "" : ", ").append(column);
    }
    for (const std::string& name : columns.names()) {
      if (std::find(kOwnColumns.begin(), kOwnColumns.end(), name) == kOwnColumns.end()) {
        return reader_.error("'" + name.substr(0, 40) + "' is no column of a trace; the columns are " + known +
                             " (or those of openb's pod lists)");
      }
    }
    if (const auto missing = columns.missing(kOwnRequired)) {
      return reader_.error("the column " + std::string(*missing) + " is missing; a trace needs arrival, cpu and memory");
    }
    return {};
  }

  // What else openb's lists hold (qos, pod_phase, scheduled_time) is passed over.
  [[nodiscard]] Outcome check_openb(const CsvColumns& columns) const {
    if (const auto missing = columns.missing(kOpenbRequired)) {
      return reader_.error("the column " + std::string(*missing) + " is missing, which openb's pod lists have");
    }
    return {};
  }

  Outcome add_own(const CsvFields& fields) {
    TraceClass what;
    std::int64_t gpus = 0;
    std::int64_t count = 1;
    for (const auto& [column, least, most, target] :
         {std::tuple("cpu", std::int64_t{0}, kAmountMax, &what.cpu_units),
          std::tuple("memory", std::int64_t{0}, kAmountMax, &what.memory_mib), std::tuple("gpus", std::int64_t{0}, kGpusMax, &gpus),
          std::tuple("count", std::int64_t{1}, std::int64_t{kTraceTasksMax}, &count)}) {
      Result<std::int64_t> value = fields.integer(column, least, most, *target);
      if (!value.ok()) {
        return std::move(value).error();
      }
      *target = *value;
    }
    what.gpu_count = static_cast<std::uint32_t>(gpus);
    what.group = fields.text("group").empty() ? kDefaultGroup : fields.text("group");
    if (what.group.size() > kGroupBytesMax) {
      return fields.error("group", "can have at most " + std::to_string(kGroupBytesMax) + " characters");
    }
    what.expression = fields.text("memberOf");
    return add_timed(fields, "arrival", "departure", std::move(what), static_cast<std::uint64_t>(count));
  }

  Outcome add_openb(const CsvFields& fields) {
    const Result<std::int64_t> cpu_milli = fields.integer("cpu_milli", 0, kCpuMilliMax, 0);
    const Result<std::int64_t> memory = fields.integer("memory_mib", 0, kAmountMax, 0);
    const Result<std::int64_t> gpus = fields.integer("num_gpu", 0, kGpusMax, 0);
    constexpr std::int64_t kWhole = 1000;
    const Result<std::int64_t> share = fields.integer("gpu_milli", 0, kWhole, kWhole);
    for (const Result<std::int64_t>* value : {&cpu_milli, &memory, &gpus, &share}) {
      if (!value->ok()) {
        return value->error();
      }
    }
    TraceClass what{.cpu_units = cpu_units_demanded(*cpu_milli),
                    .memory_mib = *memory,
                    .gpu_count = static_cast<std::uint32_t>(*gpus),
                    .group = "openb",
                    .expression = models_expression(fields.text("gpu_spec")),
                    .program = nullptr,
                    .task_count = 0};
    Outcome added = add_timed(fields, "creation_time", "deletion_time", std::move(what), 1);
    trace_.gpu_shares += added.ok() && *gpus > 0 && *share < kWhole ? 1U : 0U;
    return added;
  }

  // "P100|T4" -> attribute:gpu.model in [P100, T4].
  static std::string models_expression(std::string_view models) {
    if (models.empty()) {
      return "";
    }
    std::string list(models);
    for (std::size_t at = 0; (at = list.find('|', at)) != std::string::npos; at += 2) {
      list.replace(at, 1, ", ");
    }
    return "attribute:" + std::string(kGpuModelAttribute) + " in [" + list + "]";
  }

  Outcome add_timed(const CsvFields& fields, std::string_view arrives, std::string_view departs, TraceClass what, std::uint64_t count) {
    const Result<std::optional<std::int64_t>> arrival = fields.milliseconds(arrives);
    if (!arrival.ok()) {
      return arrival.error();
    }
    if (!arrival->has_value()) {
      return fields.error(arrives, "a task needs the second at which it arrives");
    }
    const Result<std::optional<std::int64_t>> departure = fields.milliseconds(departs);
    if (!departure.ok()) {
      return departure.error();
    }
    if (departure->has_value() && **departure < **arrival) {
      return fields.error(departs, "the task departs before it arrives; leave the field empty for a task that stays");
    }
    if (trace_.tasks.size() + count > kTraceTasksMax) {
      Error error = reader_.error("a trace holds at most " + std::to_string(kTraceTasksMax) + " tasks; split it");
      error.code = StatusCode::kLimitExceeded;
      return error;
    }
    const Result<std::uint32_t> number = class_of(fields, std::move(what));
    if (!number.ok()) {
      return number.error();
    }
    trace_.classes[*number].task_count += count;
    trace_.tasks.insert(trace_.tasks.end(), count, {**arrival, departure->value_or(kNeverDeparts), *number});
    return {};
  }

  Result<std::uint32_t> class_of(const CsvFields& fields, TraceClass what) {
    const auto key = std::make_tuple(what.cpu_units, what.memory_mib, what.gpu_count, what.group, what.expression);
    if (const auto known = classes_.find(key); known != classes_.end()) {
      return known->second;
    }
    if (!what.expression.empty()) {
      Result<query::ProgramPtr> program = query::Program::compile(what.expression);
      if (!program.ok()) {
        const std::string_view column = fields.text("memberOf").empty() ? "gpu_spec" : "memberOf";
        return fields.error(column, program.error().message);
      }
      what.program = *std::move(program);
    }
    const auto number = static_cast<std::uint32_t>(trace_.classes.size());
    trace_.classes.push_back(std::move(what));
    classes_.emplace(key, number);
    return number;
  }

  CsvReader reader_;
  Trace trace_;
  std::map<std::tuple<std::int64_t, std::int64_t, std::uint32_t, std::string, std::string>, std::uint32_t> classes_;
};

}  // namespace

Result<Trace> read_trace(std::string_view source, std::string_view bytes) {
  return TraceReader(source, bytes).read();
}

}  // namespace berth::service
