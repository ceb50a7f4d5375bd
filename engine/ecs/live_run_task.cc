#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/ecs/live_documents.h"
#include "engine/ecs/run_task.h"
#include "engine/placement/reason.h"

namespace berth::ecs {
namespace {

// The instances that tasks of one answer are on, as they were when it was made. GPU slots are numbers of this answer.
class LiveFacts final : public InstanceFacts {
 public:
  explicit LiveFacts(cluster::Cluster& cluster) : inventory_(cluster.inventory()) {}

  // The number of the task's instance.
  std::uint32_t add(const cluster::Placed& placed, cluster::Worker& worker) {
    const auto [known, is_new] = numbers_.try_emplace(placed.identity, static_cast<std::uint32_t>(instances_.size()));
    if (is_new) {
      Instance instance{.identity = placed.identity, .attributes = {}};
      for (std::size_t name = 0; name < kNames.size(); ++name) {
        instance.attributes.at(name) = worker.attribute_text({placed.task.slot, placed.identity}, kNames.at(name));
      }
      instances_.push_back(instance);
    }
    return known->second;
  }
  std::vector<std::uint32_t> add_gpus(const cluster::Placed& placed) {
    std::vector<std::uint32_t> slots;
    for (std::uint32_t gpu = 0; gpu < inventory_.gpu_slots(placed.identity); ++gpu) {
      if ((placed.gpu_mask >> gpu & 1U) != 0) {
        slots.push_back(static_cast<std::uint32_t>(gpus_.size()));
        gpus_.push_back(inventory_.gpu_id(placed.identity, gpu));
      }
    }
    return slots;
  }

  [[nodiscard]] std::string arn(std::uint32_t instance) const override { return inventory_.arn(instances_[instance].identity); }
  [[nodiscard]] std::string ec2_instance_id(std::uint32_t instance) const override {
    return inventory_.ec2_instance_id(instances_[instance].identity);
  }
  [[nodiscard]] std::optional<std::string_view> attribute(std::uint32_t instance, std::string_view name) const override {
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    return found == kNames.end() ? std::nullopt : instances_[instance].attributes.at(static_cast<std::size_t>(found - kNames.begin()));
  }
  [[nodiscard]] std::string_view gpu_id(std::uint32_t slot) const override { return gpus_[slot]; }
  [[nodiscard]] std::string some_arn() const override { return inventory_.identity_count() == 0 ? std::string() : inventory_.arn(0); }

 private:
  // Those that answers show.
  static constexpr std::array<std::string_view, 3> kNames{"ecs.availability-zone", "ecs.cpu-architecture", "ecs.instance-type"};
  struct Instance {
    std::uint32_t identity;
    std::array<std::optional<std::string_view>, kNames.size()> attributes;
  };

  const cluster::Inventory& inventory_;
  std::vector<Instance> instances_;
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;  // By identity.
  std::vector<std::string_view> gpus_;
};

struct Run {
  std::vector<cluster::Placed> placed;
  StatusCode stopped = StatusCode::kOk;  // Why the rest was not tried.
};

// Tasks between two questions whether to stop.
constexpr std::uint32_t kTasksPerPoll = 16;

// Gives tasks back unless they are answered for: a call whose answer finds no memory has placed nothing.
class TakeBack {
 public:
  TakeBack(cluster::Worker& worker, const std::vector<cluster::Placed>& placed) : worker_(worker), placed_(placed) {}
  TakeBack(const TakeBack&) = delete;
  TakeBack& operator=(const TakeBack&) = delete;
  ~TakeBack() {
    // The last first, so that an instance goes through the states that it came by.
    for (std::size_t task = is_answered_ ? 0 : placed_.size(); task > 0; --task) {
      worker_.release(placed_[task - 1].task);
    }
  }
  void note_answered() { is_answered_ = true; }

 private:
  cluster::Worker& worker_;
  const std::vector<cluster::Placed>& placed_;
  bool is_answered_ = false;
};

// Errors: what ended it before anything was placed.
Result<Run> place(const LiveCall& call, const TaskRequest& request, cluster::RequestClass& request_class) {
  Run run;
  run.placed.resize(request.placement.count);
  std::uint32_t done = 0;
  while (done < request.placement.count) {
    run.stopped = call.stop.poll();
    if (run.stopped != StatusCode::kOk) {
      break;
    }
    const std::uint32_t wanted = std::min(kTasksPerPoll, request.placement.count - done);
    const cluster::PlaceOptions options{.seed = request.berth.seed, .id_base = call.id_base, .first_task = done, .all_or_nothing = false};
    std::uint32_t count = 0;
    try {
      const Outcome outcome = call.worker.place(request_class, options, std::span(run.placed).subspan(done, wanted), count);
      if (!outcome.ok() && done + count == 0) {
        return outcome.error();
      }
      run.stopped = outcome.ok() ? StatusCode::kOk : outcome.error().code;
    } catch (const std::bad_alloc&) {
      if (done + count == 0) {
        throw;
      }
      run.stopped = StatusCode::kOutOfMemory;
    }
    done += count;
    if (run.stopped != StatusCode::kOk) {
      break;
    }
    if (count < wanted) {
      break;
    }
  }
  if (done == 0 && run.stopped != StatusCode::kOk) {
    return Error{.code = run.stopped};
  }
  run.placed.resize(done);
  return run;
}

std::string note_on_stop(StatusCode why, std::size_t left) {
  const std::string cause = why == StatusCode::kCancelled          ? "the call was cancelled"
                            : why == StatusCode::kDeadlineExceeded ? "the call's time was over"
                            : why == StatusCode::kLimitExceeded    ? "the cluster holds as many tasks as it may"
                                                                   : "memory ran out";
  return std::to_string(left) + (left == 1 ? " task was" : " tasks were") + " not tried: " + cause + ". Ask for the rest again.";
}

// Why the rest found no place, as things are now. When it is not told in time the answer goes without.
void add_failures(const LiveCall& call, const cluster::RequestClass& request_class, Answer& answer) {
  cluster::Worker::FailureCounts lost{};
  std::vector<cluster::Worker::Failure> failures;
  const placement::Demand& demand = answer.request->placement.demand;
  answer.examined.reset();
  if (call.worker.list_failures(request_class, answer.request->berth.failures_max, lost, failures, call.stop) != StatusCode::kOk) {
    return;
  }
  std::uint64_t examined = lost[0];
  for (const placement::Reason reason : placement::kCheckOrder) {
    if (const std::uint64_t count = lost.at(static_cast<std::size_t>(reason)); count > 0) {
      answer.lost.emplace_back(reason_text(reason, demand), count);
      examined += count;
    }
  }
  answer.examined = static_cast<std::uint32_t>(examined);
  answer.failures_omitted = examined - lost[0] - failures.size();
  for (const cluster::Worker::Failure& failure : failures) {
    answer.failures.push_back({call.cluster.arn_of(failure.identity), reason_text(failure.reason, demand)});
  }
}

}  // namespace

Result<LiveAnswer> run_task(const LiveCall& call, std::string_view request_json, const DocumentOptions& options) {
  const Snapshot& base = call.cluster.inventory().base();
  Result<JsonDocument> document = JsonDocument::parse(kRequestSource, request_json);
  if (!document.ok()) {
    return std::move(document).error();
  }
  Result<TaskRequest> request = read_run_task(document->root(), base, options);
  if (!request.ok()) {
    return std::move(request).error();
  }
  if (request->is_fargate()) {
    Answer answer = fargate_answer(*request, base, request_json);
    answer.id_base = call.id_base;
    return LiveAnswer{
        .document = options.format == Format::kTable ? answer_table(answer) : answer_json(answer), .placed = 0, .not_placed = 0};
  }
  Result<cluster::RequestClass*> request_class = call.prepare(request->placement);
  if (!request_class.ok()) {
    return std::move(request_class).error();
  }
  const Result<Run> run = place(call, *request, **request_class);
  if (!run.ok()) {
    return run.error();
  }

  TakeBack take_back(call.worker, run->placed);
  auto facts = std::make_shared<LiveFacts>(call.cluster);
  Answer answer;
  answer.request = &*request;
  answer.facts = facts;
  answer.id_base = call.id_base;
  answer.requested = request->placement.count;
  answer.examined.reset();
  std::vector<std::vector<std::uint32_t>> gpu_slots;
  gpu_slots.reserve(run->placed.size());
  SubnetDealer subnets(answer);
  for (const cluster::Placed& placed : run->placed) {
    AnsweredTask task;
    task.instance = facts->add(placed, call.worker);
    task.gpu_slots = gpu_slots.emplace_back(facts->add_gpus(placed));
    task.capacity_provider = request->capacity_provider;
    task.launch_type = request->launch_type;
    task.subnet = subnets.deal(*task.instance);
    answer.tasks.push_back(task);
  }
  const std::size_t left = request->placement.count - run->placed.size();
  if (run->stopped != StatusCode::kOk) {
    answer.notes.push_back(note_on_stop(run->stopped, left));
  } else if (left > 0) {
    add_failures(call, **request_class, answer);
  }
  LiveAnswer answered{.document = options.format == Format::kTable ? answer_table(answer) : answer_json(answer),
                      .placed = run->placed.size(),
                      .not_placed = run->stopped == StatusCode::kOk ? left : 0};
  take_back.note_answered();
  return answered;
}

}  // namespace berth::ecs
