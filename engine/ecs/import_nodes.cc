#include "engine/ecs/import_nodes.h"

#include <array>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/ecs/json_writer.h"
#include "engine/service/csv.h"
#include "engine/service/trace.h"
#include "engine/snapshot/builder.h"

namespace berth::ecs {
namespace {

constexpr std::array<std::string_view, 5> kColumns = {"sn", "cpu_milli", "memory_mib", "gpu", "model"};
constexpr std::int64_t kAmountMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kCpuMilliMax = 2'000'000'000;
// What a live cluster takes on one instance.
constexpr std::int64_t kGpusMax = 64;

class NodeReader {
 public:
  explicit NodeReader(const std::string& cluster) : prefix_("arn:aws:ecs:us-east-1:123456789012:container-instance/" + cluster + "/") {}

  Outcome read(const Document& document) {
    service::CsvReader reader(document.name, document.bytes);
    const Result<service::CsvColumns> columns = service::CsvColumns::read(reader);
    if (!columns.ok()) {
      return columns.error();
    }
    if (const auto missing = columns->missing(kColumns)) {
      return reader.error("the column " + std::string(*missing) +
                          " is missing; openb's node lists have sn, cpu_milli, memory_mib, gpu and model");
    }
    service::CsvFields fields(reader, *columns);
    for (std::vector<std::string> record;;) {
      const Result<bool> more = reader.next(record);
      if (!more.ok()) {
        return more.error();
      }
      if (!*more) {
        return {};
      }
      Outcome added = fields.set(record);
      if (added.ok()) {
        added = add(reader, fields);
      }
      if (!added.ok()) {
        return added;
      }
    }
  }

  [[nodiscard]] SnapshotBuilder& builder() { return builder_; }

 private:
  Outcome add(const service::CsvReader& reader, const service::CsvFields& fields) {
    const std::string name(fields.text("sn"));
    if (name.empty()) {
      return fields.error("sn", "a node needs a name");
    }
    const Result<std::int64_t> cpu_milli = fields.integer("cpu_milli", 0, kCpuMilliMax, 0);
    const Result<std::int64_t> memory = fields.integer("memory_mib", 0, kAmountMax, 0);
    const Result<std::int64_t> gpu_count = fields.integer("gpu", 0, kGpusMax, 0);
    for (const Result<std::int64_t>* amount : {&cpu_milli, &memory, &gpu_count}) {
      if (!amount->ok()) {
        return amount->error();
      }
    }
    std::vector<std::string> gpu_ids;
    for (std::int64_t gpu = 0; gpu < *gpu_count; ++gpu) {
      gpu_ids.push_back("GPU-" + name + "-" + std::to_string(gpu));
    }
    const std::vector<GpuRecord> gpus(gpu_ids.begin(), gpu_ids.end());
    std::vector<InternedAttribute> attributes;
    if (const std::string_view model = fields.text("model"); !model.empty()) {
      attributes.push_back({builder_.intern_name(service::kGpuModelAttribute), builder_.intern_value(model)});
    }
    const std::string arn = prefix_ + name;
    InstanceRecord record;
    record.arn = arn;
    record.cpu_registered = record.cpu_remaining = static_cast<std::int32_t>(service::cpu_units_offered(*cpu_milli));
    record.memory_registered = record.memory_remaining = static_cast<std::int32_t>(*memory);
    record.gpus = gpus;
    record.attributes = attributes;
    Outcome added = builder_.add_instance(record);
    if (!added.ok()) {
      Error error = reader.error(added.error().code == StatusCode::kAlreadyExists ? "the node " + name + " stands twice; leave one out"
                                                                                  : added.error().message);
      error.code = added.error().code;
      return error;
    }
    return {};
  }

  std::string prefix_;
  SnapshotBuilder builder_;
};

}  // namespace

Result<Imported> import_openb_nodes(std::span<const Document> documents, const std::string& cluster, std::uint64_t tie_seed,
                                    Executor& executor, const DocumentOptions& options) {
  NodeReader reader(cluster.empty() ? "openb" : cluster);
  for (const Document& document : documents) {
    if (Outcome read = reader.read(document); !read.ok()) {
      return std::move(read).error();
    }
  }
  reader.builder().set_tie_seed(tie_seed);
  const std::uint32_t count = reader.builder().instance_count();
  Result<std::vector<std::uint8_t>> bytes = reader.builder().finish(executor, options.progress);
  if (!bytes.ok()) {
    return std::move(bytes).error();
  }
  Result<SnapshotPtr> snapshot = Snapshot::from_bytes(*std::move(bytes), executor);
  if (!snapshot.ok()) {
    return std::move(snapshot).error();
  }
  JsonWriter report;
  report.begin_object().member_integer("instances", count).member_integer("tasks", 0).key("warnings").begin_array().end_array();
  report.end_object();
  return Imported{*std::move(snapshot), report.take()};
}

}  // namespace berth::ecs
