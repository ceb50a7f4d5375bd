// Place: RunTask and StartTask as the definitions of engine/placement/README.md say them, one instance after another.
//
// Thread rule: pure functions, except that expressions remember pattern results: one thread per Request. Lifetime: results own what
// they hold.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/oracle/definition.h"
#include "tests/oracle/expression.h"
#include "tests/oracle/fleet.h"

namespace berth::oracle {

struct Strategy {
  enum class Kind { kRandom, kSpreadInstance, kSpreadAttribute, kBinpackCpu, kBinpackMemory };
  Kind kind = Kind::kRandom;
  std::string attribute;
};

struct MemberOf {
  Expression expression;
  std::string origin;                            // "placementConstraints[0]" or "taskDefinition.placementConstraints[1]".
  std::optional<std::size_t> left_out_conjunct;  // For relaxed requests.
};

struct Request {
  Demand demand;
  std::size_t count = 1;
  std::string group;
  bool distinct_instance = false;
  std::vector<MemberOf> member_of;
  std::vector<Strategy> strategies;
  bool is_external = false;
  std::optional<std::string> capacity_provider;
  std::optional<std::string> cluster;
  std::string cluster_home;  // "arn:aws:ecs:us-east-1:123456789012" where the cluster was given as an ARN.
  std::set<std::string> zones;
  std::uint64_t seed = 0;
  std::size_t failures_max = kFailuresDefaultMax;
};

struct Placed {
  std::string arn;
  std::vector<std::string> gpu_ids;

  friend bool operator==(const Placed&, const Placed&) = default;
};

struct Failure {
  std::string arn;
  std::string reason;

  friend bool operator==(const Failure&, const Failure&) = default;
};

struct Answer {
  std::vector<Placed> placed;
  std::vector<Failure> failures;
  std::size_t failure_count = 0;  // Before the bound.
  std::size_t examined = 0;
  std::optional<std::string> error;  // The request was refused.
  Fleet next;                        // After the tasks.
};

// What is looked at again after a task was placed. Only the instance that took it can have changed; kAll looks at every instance anew.
enum class Recheck { kAll, kChanged };

// Throws Invalid.
Request read_request(const Fleet& fleet, const Json& json, bool is_start);

Answer run_task(const Fleet& fleet, const Json& request, Recheck recheck = Recheck::kAll);
Answer run(const Fleet& fleet, const Request& request, Recheck recheck = Recheck::kAll);
Answer start_task(const Fleet& fleet, const Json& request);

// ListContainerInstances: the ARNs of the instances, other than INACTIVE ones, that the filter selects. Throws Invalid.
std::vector<std::string> list_container_instances(const Fleet& fleet, const std::string& filter);

// The reason of the first check that fails; "" when the instance would take a task. `is_start` asks StartTask's checks.
std::string first_reason(const Request& request, const Instance& instance, const State& state, bool is_start = false);
// Every check that fails, in their order.
std::vector<std::string> all_reasons(const Request& request, const Instance& instance, const State& state);
// Whether StartTask's name, an ARN or an id, is the instance's.
bool is_named(const Instance& instance, const std::string& name);
// Whether the ARN names the request's cluster, in its region and account, or leaves it open.
bool is_of_cluster(const Request& request, const Instance& instance);
bool is_examined(const Request& request, const Instance& instance);

}  // namespace berth::oracle
