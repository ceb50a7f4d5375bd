// How a container instance in the API's shape registers with a live cluster.
//
// Thread rule: plain values and pure functions. Lifetime: a LiveRegistration looks into the instance and the texts that it was made of,
// which outlive it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/cluster/cluster.h"
#include "engine/ecs/import_records.h"

namespace berth::ecs {

std::vector<cluster::LiveAttribute> live_attributes(const ImportedInstance& instance, const TextPool& pool);

// As imports find it (README.md, "Import"); kEniUnlimited when the type is not known.
std::uint16_t live_eni_limit(std::span<const cluster::LiveAttribute> attributes);

class LiveRegistration {
 public:
  LiveRegistration(const ImportedInstance& instance, const TextPool& pool, const OwnNames& own_names);
  LiveRegistration(const LiveRegistration&) = delete;
  LiveRegistration& operator=(const LiveRegistration&) = delete;

  // With the instance's own status if it is ACTIVE; else as REGISTERING, so that nothing is placed there meanwhile.
  cluster::Registration& value() { return value_; }

 private:
  std::vector<cluster::LiveAttribute> attributes_;
  Ports tcp_;
  Ports udp_;
  std::vector<std::string_view> gpus_;
  std::vector<OwnAmount> own_;
  cluster::Registration value_;
};

// {"containerInstances": [...]} as describe-container-instances prints it: all of them are registered or none is, but for kOutOfMemory.
// Returns their handles in the document's order. Errors: kInvalidArgument naming the member and the mend; kAlreadyExists, kLimitExceeded.
Result<std::vector<cluster::InstanceHandle>> register_instances(cluster::Cluster& cluster, cluster::Worker& worker,
                                                                std::string_view document);

}  // namespace berth::ecs
