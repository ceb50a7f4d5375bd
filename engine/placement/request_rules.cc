#include "engine/placement/request_rules.h"

#include <algorithm>
#include <string>

#include "engine/base/limits.h"
#include "engine/placement/filter.h"

namespace berth::placement {
Error refused(StatusCode code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.exception = "InvalidParameterException";
  return error;
}

namespace {

Outcome check_units(const char* what, std::int64_t units) {
  if (units < 0) {
    return refused(StatusCode::kInvalidArgument, std::string(what) + " is " + std::to_string(units) + "; a task needs 0 or more");
  }
  if (units > kDemandUnitsMax) {
    return refused(StatusCode::kLimitExceeded,
                   std::string(what) + " is " + std::to_string(units) + "; the most is " + std::to_string(kDemandUnitsMax));
  }
  return {};
}

Outcome check_ports(const char* what, const std::vector<std::uint16_t>& ports) {
  const auto bad = std::adjacent_find(ports.begin(), ports.end(), [](std::uint16_t a, std::uint16_t b) { return a >= b; });
  if (bad != ports.end()) {
    return refused(StatusCode::kInvalidArgument, std::string(what) + " must be ascending, each port once; " + std::to_string(*(bad + 1)) +
                                                     " follows " + std::to_string(*bad));
  }
  return {};
}

Outcome check_own(const std::vector<OwnDemand>& own) {
  if (own.size() > kOwnResourcesMax) {
    return refused(StatusCode::kLimitExceeded,
                   "demand.own has " + std::to_string(own.size()) + " resources; the most is " + std::to_string(kOwnResourcesMax));
  }
  for (std::size_t index = 0; index < own.size(); ++index) {
    if (Outcome named = check_own_resource_name(own[index].name); !named) {
      return refused(StatusCode::kInvalidArgument, named.error().message);
    }
    if (index > 0 && own[index - 1].name >= own[index].name) {
      return refused(StatusCode::kInvalidArgument, "demand.own must be ascending by name, each once; \"" + own[index].name +
                                                       "\" follows \"" + own[index - 1].name + "\"");
    }
    if (Outcome units = check_units(("resource " + own[index].name).c_str(), own[index].amount); !units) {
      return units;
    }
  }
  return {};
}

}  // namespace

Outcome check_demand(const Demand& demand) {
  if (Outcome outcome = check_units("demand.cpu_units", demand.cpu_units); !outcome) {
    return outcome;
  }
  if (Outcome outcome = check_units("demand.memory_mib", demand.memory_mib); !outcome) {
    return outcome;
  }
  if (Outcome outcome = check_ports("demand.tcp_ports", demand.tcp_ports); !outcome) {
    return outcome;
  }
  if (Outcome outcome = check_ports("demand.udp_ports", demand.udp_ports); !outcome) {
    return outcome;
  }
  return check_own(demand.own);
}

Outcome check_request(const Request& request) {
  if (request.count < 1 || request.count > kTasksPerRequestMax) {
    return refused(StatusCode::kInvalidArgument,
                   "count is " + std::to_string(request.count) + "; ask for 1 to " + std::to_string(kTasksPerRequestMax) + " tasks");
  }
  const std::size_t constraints = request.member_of.size() + (request.distinct_instance ? 1 : 0);
  if (constraints > kConstraintsMax) {
    return refused(StatusCode::kLimitExceeded, "the request has " + std::to_string(constraints) +
                                                   " placement constraints, those of the task definition included; the most is " +
                                                   std::to_string(kConstraintsMax));
  }
  if (request.strategies.size() > kStrategiesMax) {
    return refused(StatusCode::kLimitExceeded, "the request has " + std::to_string(request.strategies.size()) +
                                                   " placement strategies; the most is " + std::to_string(kStrategiesMax));
  }
  for (std::size_t index = 0; index < request.member_of.size(); ++index) {
    if (request.member_of[index].program == nullptr) {
      return refused(StatusCode::kInvalidArgument, "member_of[" + std::to_string(index) + "] has no program; compile its expression first");
    }
  }
  if (request.launch_type != LaunchType::kEc2 && request.launch_type != LaunchType::kExternal) {
    return refused(StatusCode::kInvalidArgument, "launch type " + std::string(berth::to_text(request.launch_type)) +
                                                     " runs on no container instance; ask for EC2 or EXTERNAL");
  }
  return check_demand(request.demand);
}

Outcome check_inventory(const Snapshot& snapshot, const Request& request, std::size_t examined, Executor& executor) {
  if (examined == 0 && !has_registered(snapshot, request, executor)) {
    return refused(StatusCode::kInvalidArgument, "No Container Instances were found in your cluster.");
  }
  return {};
}

}  // namespace berth::placement
