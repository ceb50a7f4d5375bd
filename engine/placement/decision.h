// Decision: what the engine answers to a Request, and the functions that make it.
//
//   decide()  examines a snapshot and places `count` tasks one after another, each seeing the last. Pure: same snapshot, request and
//             seed, same decision, on any executor. Placing nothing is an answer, not an error.
//   start()   examines named instances only (StartTask): one task on each that passes.
//   explain() says why not, or why here; it costs passes that decide() does not make.
//
// Definitions of the orders, draws and counts: engine/placement/README.md.
// Thread rule: pure functions over immutable inputs, any thread. Lifetime: results own what they hold; indexes refer to the snapshot.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "engine/base/limits.h"
#include "engine/base/progress.h"
#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/placement/reason.h"
#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::placement {

struct PlacedTask {
  std::uint32_t instance;                                      // Index in the snapshot.
  boost::container::small_vector<std::uint32_t, 2> gpu_slots;  // Slots of the snapshot's gpu_ids(), ascending: the lowest free ones.
};

struct InstanceFailure {
  std::uint32_t instance;
  Reason reason;
};

struct Decision {
  std::vector<PlacedTask> placed;  // Task k of the request is placed[k]; fewer than asked when nothing fitted any more.
  std::uint32_t requested = 0;
  // One per examined instance, in id order, as of the first task that was not placed; empty when all were. At most failures_max.
  std::vector<InstanceFailure> failures;
  std::uint64_t failure_count = 0;                 // Before the bound.
  std::array<std::uint64_t, kReasonCount> lost{};  // Examined instances per reason; sums to failure_count.
  std::uint32_t examined = 0;                      // Instances examined: ACTIVE ones of the request's cluster.
};

struct DecideOptions {
  std::uint32_t failures_max = kFailuresDefaultMax;
  Progress* progress = nullptr;
};

// Errors: kInvalidArgument (count out of range), kLimitExceeded.
Result<Decision> decide(const SnapshotPtr& snapshot, const Request& request, Executor& executor, const DecideOptions& options = {});

// StartTask: `instances` are indexes; each gets one task if it passes the checks that StartTask makes (status, agent, launch type,
// resources, attributes, location; no constraints, no strategies). placed[] in the order of `instances`, failures likewise.
Result<Decision> start(const SnapshotPtr& snapshot, const Request& request, std::span<const std::uint32_t> instances);

// --- Explanations. ---

// How far the instances that fail a resource are from fitting.
struct Shortfall {
  Reason resource = Reason::kNone;  // kCpu, kMemory, kPorts, kGpu, kEni or an own resource.
  std::uint64_t instances = 0;      // Examined instances that lack it, whatever else they lack.
  std::int64_t least = 0;           // The smallest and the largest lack, in the resource's unit (ports: conflicting ports).
  std::int64_t most = 0;
};

// One conjunct or leaf of one memberOf expression.
struct TermCount {
  std::string origin;  // MemberOf::origin.
  std::string text;    // The piece of the expression.
  query::Piece piece;
  std::uint64_t selected = 0;  // Examined instances that satisfy it.
  std::uint64_t failed = 0;    // Examined instances that do not.
};

struct AttributeCount {
  std::string name;
  std::string value;  // Empty when only the name is required.
  std::uint64_t failed = 0;
};

// One single change after which at least one instance would take the next task (rule D8).
struct Relaxation {
  enum class Kind : std::uint8_t {
    kDropConstraint,
    kDropDistinctInstance,
    kLowerCpu,
    kLowerMemory,
    kDropPort,
    kDropAttribute,
    kLowerGpu,
    kDropEni,
    kLowerOwn
  };
  Kind kind;
  std::string what;             // The conjunct's text, the name of the attribute or own resource, the port ("80/tcp"), or empty.
  std::string origin;           // For constraints: where it stands.
  std::int64_t amount = 0;      // For kLower*: by how much.
  std::uint64_t instances = 0;  // Instances that would then fit.
};

struct ClosestInstance {
  std::uint32_t instance = 0;
  Reason reason = Reason::kNone;    // The first check that it fails.
  std::uint32_t checks_passed = 0;  // Of the checks of D7, own resources one each, how many hold on it; the closest passes the most.
};

// Why a placed task went where it did: the winner's and the runner-up's key at one level of the chain.
struct KeyLevel {
  std::string strategy;         // "spread(attribute:ecs.availability-zone)", "binpack(memory)", "tie".
  std::string winner;           // "us-east-1a: 3 tasks", "512 MiB remaining".
  std::string runner_up;        // Of the best instance that lost at this level; empty when nobody lost here.
  std::uint64_t remaining = 0;  // Candidates left after this level.
};

struct WhyHere {
  std::uint32_t task = 0;  // Index in the request.
  std::uint32_t instance = 0;
  std::uint64_t candidates = 0;
  std::optional<std::uint32_t> runner_up;  // The instance that would have been next.
  std::vector<KeyLevel> levels;
};

struct Explanation {
  Decision decision;
  std::array<std::uint64_t, kReasonCount> fails_at_all{};  // Per check: examined instances that fail it, whatever else they fail.
  std::array<std::uint64_t, kReasonCount> fails_alone{};   // Per check: examined instances that fail it and no other.
  std::vector<Shortfall> shortfalls;
  std::vector<TermCount> conjuncts;
  std::vector<TermCount> leaves;
  std::vector<AttributeCount> attributes;
  std::optional<ClosestInstance> closest;  // When a task was not placed and an instance was examined.
  std::vector<Relaxation> relaxations;     // Most instances first; when a task was not placed.
  std::vector<WhyHere> why_here;           // For the first `why_here_max` placed tasks.
};

struct ExplainOptions {
  DecideOptions decide;
  std::uint32_t why_here_max = 1;
};

Result<Explanation> explain(const SnapshotPtr& snapshot, const Request& request, Executor& executor, const ExplainOptions& options = {});

}  // namespace berth::placement
