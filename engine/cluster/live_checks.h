// LiveChecks: the checks of a request class on records (their order and meaning: engine/placement/README.md), with what an attribute set
// decides worked out once per set.
//
// Thread rule: one thread at a time. Lifetime: at most that of the inventory and the class.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/cluster/inventory.h"
#include "engine/cluster/request_class.h"
#include "engine/placement/reason.h"

namespace berth::cluster {

class LiveChecks {
 public:
  LiveChecks(Inventory& inventory, const RequestClass& request_class) : inventory_(inventory), class_(request_class) {}

  // Whether RunTask looks at the instance at all: registered, ACTIVE, of the request's cluster.
  [[nodiscard]] bool is_examined(const Record& record) const;
  // kNone: it passes. REQUIRES: the record is registered; is_examined() for RunTask.
  placement::Reason first_failure(const Record& record, bool is_start = false);
  bool is_candidate(const Record& record) { return is_examined(record) && first_failure(record) == placement::Reason::kNone; }
  // Whether the instance's ARN names the request's cluster or none.
  [[nodiscard]] bool is_of_cluster(std::uint32_t identity) const;

  // What a slot's words tell without its record: false means that the record is no candidate.
  bool may_pass(std::uint64_t fit_word, std::uint64_t trait_word) {
    const FitAmounts amounts = FitAmounts::in(fit_word);
    if (amounts.cpu < class_.need.cpu || amounts.memory < class_.need.memory) {
      return false;
    }
    const Traits traits = Traits::in(trait_word);
    return traits.takes_tasks && traits.free_gpus >= class_.request.demand.gpu_count &&
           (traits.has_spare_eni || !class_.request.demand.uses_eni) && set_facts(traits.attribute_set) == 0;
  }

  bool set_passes(std::uint32_t set) { return set_facts(set) == 0; }
  // Works out every set that there is, so that set_passes_known() may be asked of them.
  void work_out_sets() {
    for (std::uint32_t set = known_sets_; set < inventory_.attribute_sets.size(); ++set) {
      set_facts(set);
      known_sets_ = set + 1;
    }
  }
  // A set that came after that counts as passing.
  [[nodiscard]] bool set_passes_known(std::uint32_t set) const { return set >= sets_.size() || sets_[set] == kKnown; }

 private:
  // What fails on every instance of a set.
  enum SetFailure : std::uint8_t { kLaunchType = 1, kAttribute = 2, kLocation = 4, kMemberOf = 8, kKnown = 128 };
  // The failures of a set, without kKnown.
  std::uint8_t set_facts(std::uint32_t set) {
    if (set < sets_.size() && (sets_[set] & kKnown) != 0) {
      return static_cast<std::uint8_t>(sets_[set] & ~unsigned{kKnown});
    }
    return work_out(set);
  }
  std::uint8_t work_out(std::uint32_t set);
  [[nodiscard]] bool wide_rules_fail(const Record& record, SetFailure rule) const;
  bool ports_fail(const Record& record);
  bool ports_surely_pass(const Record& record);
  [[nodiscard]] bool member_of_fails(const Record& record);
  [[nodiscard]] placement::Reason resource_failure(const Record& record);

  Inventory& inventory_;
  const RequestClass& class_;
  std::vector<std::uint8_t> sets_;
  std::uint32_t known_sets_ = 0;
  std::vector<std::uint32_t> ports_;
  std::string id_;
  enum class AgentVerdict : std::uint8_t { kUnknown = 0, kPasses = 1, kFails = 2 };
  std::vector<AgentVerdict> agents_;  // By version and connection of the agent.
  enum class PortVerdict : std::uint8_t { kUnknown = 0, kApart = 1, kOverlaps = 2 };
  std::vector<PortVerdict> port_sets_;  // By the snapshot's port sets: whether they hold a port that the class needs.
};

}  // namespace berth::cluster
