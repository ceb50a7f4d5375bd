#include <algorithm>
#include <string>
#include <utility>

#include "engine/placement/explain_parts.h"

namespace berth::placement {
namespace {

using Kind = Relaxation::Kind;

// No examined instance passes every check, so that a change of one check lets in instances out of those that fail this check alone.
class RelaxationSearch {
 public:
  explicit RelaxationSearch(const FailureSets& failures)
      : failures_(&failures), request_(&failures.placing().request()), checks_(&failures.placing().checks()) {}

  void drop_conjuncts(const std::vector<ConjunctFailures>& conjuncts) {
    if (conjuncts.empty()) {
      return;
    }
    std::vector<const Bitset*> sets;
    sets.reserve(conjuncts.size());
    for (const ConjunctFailures& conjunct : conjuncts) {
      sets.push_back(&conjunct.failing);
    }
    // An expression holds where all of its conjuncts do; so only those count that fail a single conjunct of all expressions.
    Bitset single = in_exactly_one(sets);
    single &= failures_->only(Reason::kMemberOf);
    for (const ConjunctFailures& conjunct : conjuncts) {
      Bitset freed = conjunct.failing;
      freed &= single;
      const MemberOf& member_of = request_->member_of[conjunct.member_of];
      const query::Piece piece = member_of.program->conjunct(conjunct.conjunct);
      add(Kind::kDropConstraint, member_of.program->text().substr(piece.offset, piece.length), member_of.origin, 0, freed.count());
    }
  }

  void drop_whole(Kind kind, Reason check) { add(kind, "", "", 0, failures_->only(check).count()); }

  // An instance with less than nothing left lacks more than the whole need: lowering it does not help there.
  void lower(Kind kind, Reason resource, std::int64_t need, const std::string& what = "") {
    std::int64_t least = need;
    std::uint64_t instances = 0;
    failures_->only(resource).for_each([&](std::size_t instance) {
      const std::int64_t lack = failures_->lack(resource, static_cast<std::uint32_t>(instance));
      if (lack > need) {
        return;
      }
      if (lack < least) {
        least = lack;
        instances = 0;
      }
      instances += lack == least ? 1 : 0;
    });
    add(kind, what, "", least, instances);
  }

  void drop_ports() {
    const std::uint32_t needed = checks_->ports().needed();
    std::vector<std::uint64_t> freed(needed);
    failures_->only(Reason::kPorts).for_each([&](std::size_t instance) {
      const PortVerdict verdict = failures_->port_verdict(static_cast<std::uint32_t>(instance));
      if (verdict.beyond_limit > 1 && needed > 1) {
        return;
      }
      if (verdict.conflicts == 1) {
        ++freed[verdict.first_conflict];
      } else if (verdict.conflicts == 0) {
        std::for_each(freed.begin(), freed.end(), [](std::uint64_t& count) { ++count; });
      }
    });
    const Demand& demand = request_->demand;
    std::size_t index = 0;
    for (const std::uint16_t port : demand.tcp_ports) {
      add(Kind::kDropPort, std::to_string(port) + "/tcp", "", 0, freed[index++]);
    }
    for (const std::uint16_t port : demand.udp_ports) {
      add(Kind::kDropPort, std::to_string(port) + "/udp", "", 0, freed[index++]);
    }
  }

  void drop_attributes() {
    const std::span<const AttributeCondition> conditions = checks_->requirements();
    std::vector<std::uint64_t> freed(conditions.size());
    failures_->only(Reason::kAttribute).for_each([&](std::size_t instance) {
      std::size_t failing = 0;
      std::size_t failing_count = 0;
      for (std::size_t index = 0; index < conditions.size(); ++index) {
        if (!conditions[index].holds(static_cast<std::uint32_t>(instance))) {
          failing = index;
          ++failing_count;
        }
      }
      freed[failing] += failing_count == 1 ? 1 : 0;
    });
    for (std::size_t index = 0; index < conditions.size(); ++index) {
      add(Kind::kDropAttribute, request_->demand.attributes[index].name, "", 0, freed[index]);
    }
  }

  std::vector<Relaxation> take() && { return std::move(found_); }

 private:
  void add(Kind kind, std::string what, std::string origin, std::int64_t amount, std::uint64_t instances) {
    if (instances == 0) {
      return;
    }
    // Most instances first; equals stay in the order in which they were found.
    const auto place = std::find_if(found_.begin(), found_.end(), [&](const Relaxation& other) { return other.instances < instances; });
    found_.insert(place, {kind, std::move(what), std::move(origin), amount, instances});
  }

  const FailureSets* failures_;
  const Request* request_;
  const Checks* checks_;
  std::vector<Relaxation> found_;
};

}  // namespace

std::vector<Relaxation> find_relaxations(const FailureSets& failures, const std::vector<ConjunctFailures>& conjuncts) {
  const Demand& demand = failures.placing().request().demand;
  RelaxationSearch search(failures);
  // In the order of Relaxation::Kind, which is the order among equals.
  search.drop_conjuncts(conjuncts);
  search.drop_whole(Kind::kDropDistinctInstance, Reason::kDistinctInstance);
  search.lower(Kind::kLowerCpu, Reason::kCpu, demand.cpu_units);
  search.lower(Kind::kLowerMemory, Reason::kMemory, demand.memory_mib);
  search.drop_ports();
  search.drop_attributes();
  search.lower(Kind::kLowerGpu, Reason::kGpu, demand.gpu_count);
  search.drop_whole(Kind::kDropEni, Reason::kEni);
  for (std::size_t own = 0; own < demand.own.size(); ++own) {
    search.lower(Kind::kLowerOwn, own_reason(own), demand.own[own].amount, demand.own[own].name);
  }
  return std::move(search).take();
}

}  // namespace berth::placement
