// Generators of what Amazon ECS prints and takes: fleets (DescribeContainerInstances and DescribeTasks), expressions, RunTask and
// StartTask requests. Everything follows from a seed. Requests draw their values from the vocabulary of the fleets, so that most of them
// find a place while every feature occurs often.
//
// Thread rule: pure functions of their arguments. Lifetime: results own what they hold.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/oracle/fleet.h"
#include "tests/property/random.h"

namespace berth::property {

using Json = nlohmann::json;

struct Subnet {
  std::string name;
  std::string zone;
  std::string vpc;
};

// The words that fleets and requests share.
struct Vocabulary {
  std::vector<std::string> zones;
  std::vector<std::string> instance_types;
  std::vector<std::string> agent_versions;
  std::vector<std::string> groups;
  std::vector<std::string> providers;
  std::vector<std::string> families;
  std::vector<Subnet> subnets;
  std::vector<std::string> clusters;          // Of the fleet at hand; an instance of the old ARN format names none.
  std::vector<std::string> ec2_instance_ids;  // Of the fleet at hand.
  std::vector<std::string> instance_arns;     // Of the fleet at hand.
};

struct Fleet {
  std::vector<Json> documents;
  Vocabulary vocabulary;
};

struct FleetOptions {
  std::size_t instances = 20;
  bool has_tasks = true;
};

// The own resources that imports take; a request may name another one. Instances register them as an INTEGER, a LONG and a DOUBLE.
const std::vector<std::string>& own_names();

// ENI limits of the instance types that fleets are made of.
const oracle::EniLimits& eni_limits();

Fleet generate_fleet(std::uint64_t seed, const FleetOptions& options);

// How deep `and`, `or` and `not` may nest.
std::string generate_expression(Random& random, const Vocabulary& vocabulary, int depth);

Json generate_definition(Random& random, const Vocabulary& vocabulary);
Json generate_run_request(Random& random, const Vocabulary& vocabulary);
Json generate_start_request(Random& random, const Vocabulary& vocabulary);

}  // namespace berth::property
