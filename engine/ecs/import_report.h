// ImportReport collects what an import has to say beside the snapshot: counts, members that were present and are not kept, warnings.
//
// Thread rule: one thread. Lifetime: owns its texts.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace berth::ecs {

class ImportReport {
 public:
  std::uint64_t instances = 0;  // Kept.
  std::uint64_t tasks = 0;      // Kept.
  std::uint64_t stopped_tasks_left_out = 0;
  std::uint64_t fargate_tasks_left_out = 0;
  std::uint64_t tasks_without_instance = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t other_clusters = 0;
  std::set<std::string, std::less<>> clusters;           // ARNs.
  std::set<std::string, std::less<>> left_out_clusters;  // ARNs of the records that other_clusters counts.

  // `where` such as "containerInstances[]."; `name` the member's.
  void count_dropped(std::string_view where, std::string_view name);
  // Warnings of one kind are told once, with their number and the first example.
  void warn(std::string_view kind, std::string_view example = "", std::uint64_t count = 1);

  [[nodiscard]] std::string to_json() const;

 private:
  struct Warning {
    std::uint64_t count = 0;
    std::string example;
  };
  std::unordered_map<std::string, std::uint64_t> dropped_;
  std::map<std::string, Warning, std::less<>> warnings_;
  std::string key_;  // Kept between calls for its memory.
};

}  // namespace berth::ecs
