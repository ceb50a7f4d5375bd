// The zoo Z(c): c classes of requests, as different from one another as those of a large cluster. A class is a request that a driver
// repeats with another seed each time; each asks for one task.
//
// Every class is a service with a group of its own, "service:NAME", for Z(200) as for Z(5000): the largest services of the fleet, in random
// order, so that counts by group begin as a running service's do; where the fleet has fewer, "service:zoo-K" follow, which begin at 0.
//
// Thread rule: pure function, any thread. Lifetime: requests own what they name; programs are shared between equal expressions.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::workloads {

// Shares are exact (largest remainder) and dealt independently of one another:
//   sizes      task_sizes(), each as often as definitions have it
//   chain      40 % spread zone, spread instance; 30 % spread zone, binpack memory; 7.5 % binpack cpu; 7.5 % binpack memory; 10 % random;
//              5 % spread on the custom attribute "pool" or "stack", half each
//   memberOf   50 % have one; of those a third each have one, two and three terms, and a tenth have a term about task:group
//   distinctInstance 10 %
//   network    10 % one static host port, 10 % awsvpc, 80 % neither: ECS knows no host port of a task with its own ENI
//   GPUs       5 %; of those four of five ask for one and one for two
// A memberOf expression is drawn about an instance of `fleet` that would take the task as the fleet stands, and holds for it. A class
// requires the attributes that ECS derives for a plain Linux service that logs to CloudWatch; awsvpc ones have subnets in every zone.
// The same classes, seed and fleet give the same zoo. REQUIRES: the fleet has an instance.
std::vector<placement::Request> zoo(std::uint32_t classes, std::uint64_t seed, const Snapshot& fleet);

}  // namespace berth::workloads
