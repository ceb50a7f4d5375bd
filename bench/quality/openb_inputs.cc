#include "bench/quality/openb_inputs.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "bench/quality/data_file.h"
#include "engine/ecs/documents.h"
#include "engine/service/csv.h"

namespace berth::quality {
namespace {

template <typename Value>
Value value_or_exit(Result<Value> result) {
  if (!result.ok()) {
    fmt::print(stderr, "openb: {}\n", result.error().message);
    std::exit(1);
  }
  return *std::move(result);
}

std::map<std::string, std::map<std::string, double>> read_published() {
  const std::string text = read_data("openb/fgd_atc23_reference_results.csv.zst");
  service::CsvReader reader("fgd_atc23_reference_results.csv", text);
  const service::CsvColumns columns = value_or_exit(service::CsvColumns::read(reader));
  service::CsvFields fields(reader, columns);
  std::map<std::string, std::map<std::string, double>> means;
  for (std::vector<std::string> record; value_or_exit(reader.next(record)) && fields.set(record).ok();) {
    if (fields.text("workload") == "openb_pod_list_default" && fields.text("metric") == "gpu_allocation_pct") {
      means[std::string(fields.text("policy"))][std::string(fields.text("arrived_gpu_request_pct_of_capacity"))] =
          std::strtod(std::string(fields.text("mean")).c_str(), nullptr);
    }
  }
  return means;
}

}  // namespace

OpenbInputs read_openb(Executor& executor) {
  const std::string nodes = read_data("openb/openb_node_list_gpu_node.csv.zst");
  const std::string pods = read_data("openb/openb_pod_list_default.csv.zst");
  const std::array<ecs::Document, 1> documents = {ecs::Document{.name = "openb_node_list_gpu_node.csv", .bytes = nodes}};
  return {value_or_exit(ecs::import_documents(documents, R"({"format": "openb"})", executor, {})).snapshot,
          value_or_exit(service::read_trace("openb_pod_list_default.csv", pods)), read_published()};
}

}  // namespace berth::quality
