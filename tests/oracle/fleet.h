// Fleet: the oracle's inventory. Container instances and tasks read from ECS JSON documents into plain structs, by the rules of import
// (D3, D4, D10) and nothing cleverer. The engine is held against it, so it shares no code with the engine beyond engine/base.
//
// Thread rule: plain values. Lifetime: a Fleet owns what it holds; copies share the facts that never change.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/limits.h"

namespace berth::oracle {

using Json = nlohmann::json;

// A document or request that the oracle refuses.
class Invalid : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// How many tasks with their own ENI an instance of each type takes (rule D10): the documented limits, and the facts to derive others.
struct EniLimits {
  struct Documented {
    int plain = 0;
    int trunking = 0;
  };
  struct Facts {
    int eni_max = 0;
    int trunk_branch_enis = 0;  // 0: the type cannot trunk.
  };
  std::map<std::string, Documented, std::less<>> documented;
  std::map<std::string, Facts, std::less<>> facts;

  // Reads the two tables under `data_folder`/ec2.
  static EniLimits read(const std::string& data_folder);
  // nullopt: the type is unknown and so not limited.
  [[nodiscard]] std::optional<int> limit(std::string_view instance_type, bool has_trunk) const;
};

// What never changes while tasks are placed.
struct Instance {
  std::string arn;
  std::string ec2_instance_id;
  std::string capacity_provider;
  std::string agent_version;
  std::string status = "ACTIVE";
  bool agent_connected = true;
  std::int64_t registered_at_ms = 0;
  std::map<std::string, std::string, std::less<>> attributes;  // "" for a name without a value.
  std::vector<std::string> gpu_ids;                            // Slots, in the order of registeredResources.
  std::optional<int> eni_limit;

  [[nodiscard]] const std::string* attribute(std::string_view name) const;
};

// What a placed task changes.
struct State {
  std::int64_t cpu = 0;  // Remaining; may be negative.
  std::int64_t memory = 0;
  std::set<int> tcp;  // Ports in use.
  std::set<int> udp;
  std::vector<bool> gpu_free;                      // By slot.
  int enis = 0;                                    // In use.
  std::int64_t running = 0;                        // runningTasksCount.
  std::map<std::string, int, std::less<>> groups;  // Tasks with desired status RUNNING, by group; no zero entries.
  std::map<std::string, std::int64_t> own;         // What remains of own resources.
};

struct Fleet {
  std::shared_ptr<const std::vector<Instance>> instances;  // Ascending by ARN.
  std::vector<State> states;                               // One for each instance.
  std::uint64_t tie_seed = kDefaultTieSeed;

  [[nodiscard]] std::size_t size() const { return states.size(); }
};

// Each document is a Describe* answer, a bare instance or task, an event that carries one, or a list of such. `own` names the own
// resources that are taken.
Fleet import_fleet(const std::vector<Json>& documents, const EniLimits& limits, const std::set<std::string>& own = {});

// Unix milliseconds of a number of seconds, of ISO 8601, or of a recorded {"__class__": "datetime"}. Throws Invalid.
std::int64_t timestamp_ms(const Json& value);
std::optional<std::int64_t> iso8601_ms(const std::string& text);

// The cluster's name in the ARN of a container instance; "" for an ARN of the old format.
std::string cluster_of(std::string_view instance_arn);
// "arn:aws:ecs:us-east-1:123456789012" of such an ARN; "" for an id that is none.
std::string home_of(std::string_view instance_arn);

}  // namespace berth::oracle
