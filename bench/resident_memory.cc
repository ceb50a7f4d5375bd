#include "bench/resident_memory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "engine/cluster/cluster.h"
#include "engine/parallel/executor.h"
#include "engine/snapshot/snapshot.h"

namespace berth::bench {
namespace {

double own_resident_mib() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t whole = 0;
  std::uint64_t resident = 0;
  statm >> whole >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
}

}  // namespace

std::optional<double> resident_mib(const std::string& what, const std::string& file) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  if ((program + file).find('\'') != std::string::npos) {
    return std::nullopt;
  }
  std::FILE* pipe = popen(fmt::format("'{}' {} {} '{}'", program, kMeasureFlag, what, file).c_str(), "r");
  if (pipe == nullptr) {
    return std::nullopt;
  }
  double mib = 0;
  const bool is_read = std::fscanf(pipe, "%lf", &mib) == 1;
  return pclose(pipe) == 0 && is_read ? std::optional(mib) : std::nullopt;
}

int print_resident_memory(const char* what, const char* file) {
  const std::unique_ptr<Executor> executor = make_executor(ExecutorKind::kTbb, 0);
  const Result<SnapshotPtr> snapshot = Snapshot::read_file(file, *executor);
  if (!snapshot.ok()) {
    fmt::print(stderr, "{}\n", snapshot.error().message);
    return 1;
  }
  std::unique_ptr<cluster::Cluster> cluster;
  if (std::strcmp(what, "cluster") == 0) {
    auto made = cluster::Cluster::from_snapshot(*snapshot);
    if (!made.ok()) {
      fmt::print(stderr, "{}\n", made.error().message);
      return 1;
    }
    cluster = std::move(*made);
  }
  fmt::print("{:.3f}\n", own_resident_mib());
  return 0;
}

}  // namespace berth::bench
