#include "engine/ecs/fleet_generator.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/limits.h"
#include "engine/ecs/fleet_catalog.h"
#include "engine/ecs/import_records.h"
#include "engine/ecs/instance_types.h"
#include "engine/snapshot/builder.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kArnPrefix = "arn:aws:ecs:us-east-1:123456789012:";
constexpr std::string_view kCluster = "fleet";
constexpr std::array<std::uint16_t, 5> kAgentPorts = {22, 2375, 2376, 51678, 51679};
constexpr std::int64_t kNewestMs = 1'760'000'000'000;  // 2025-10-09: no clock, so fleets have a fixed present.
constexpr std::uint64_t kOldestDays = 120;
constexpr std::uint64_t kDayMs = 86'400'000;
constexpr std::uint64_t kDrainingPerMille = 10;
constexpr std::uint64_t kDisconnectedPerMille = 10;
constexpr std::uint64_t kWithoutProviderPercent = 10;
constexpr std::uint64_t kPendingPerMille = 15;
constexpr std::uint64_t kStoppingPerMille = 5;
constexpr std::uint64_t kProtectedPerMille = 2;
constexpr std::uint64_t kUnhealthyPerMille = 5;
constexpr std::uint64_t kUtilizationSpread = 15;  // Percent points to either side, from instance to instance.

void append_hex(std::string& out, std::uint64_t word, unsigned digits = 16) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (unsigned at = digits; at-- > 0;) {
    out.push_back(kDigits[(word >> (4 * at)) & 15U]);
  }
}

std::string hex_id(std::string_view prefix, std::uint64_t word, unsigned digits) {
  std::string id(prefix);
  append_hex(id, word, digits);
  return id;
}

template <typename Weighted>
std::size_t draw_weighted(std::span<const Weighted> words, std::uint32_t Weighted::* weight, std::uint64_t total, Stream& stream) {
  std::uint64_t at = stream.below(total);
  std::size_t index = 0;
  while (index + 1 < words.size() && at >= words[index].*weight) {
    at -= words[index].*weight;
    ++index;
  }
  return index;
}

class FleetGenerator {
 public:
  explicit FleetGenerator(const FleetOptions& options)
      : options_(options),
        services_(options.seed, std::clamp(options.instances / 2000U, 2U, 40U), std::string(kArnPrefix) + "task-definition/") {
    for (const FleetType& type : fleet_types()) {
      types_.push_back(find_instance_type(type.name));
      providers_.push_back("cp-" + std::string(type.pool));
    }
    sets_.resize(types_.size() * options.zones * fleet_stacks().size());
    Stream stream(options.seed);
    vpc_ = hex_id("vpc-0", stream.next(), 16);
    for (std::uint32_t zone = 0; zone < options.zones; ++zone) {
      zones_.push_back(std::string("us-east-1") + static_cast<char>('a' + zone));
      subnets_.push_back(hex_id("subnet-0", stream.next(), 16));
    }
    image_x86_ = hex_id("ami-0", stream.next(), 16);
    image_arm_ = hex_id("ami-0", stream.next(), 16);
    image_gpu_ = hex_id("ami-0", stream.next(), 16);
  }

  Result<SnapshotPtr> generate(Executor& executor, Progress* progress) {
    constexpr std::uint32_t kStep = 1024;
    builder_.set_has_tasks(true);
    for (const placement::OwnDemand& own : options_.own) {
      if (Outcome outcome = builder_.add_own_resource(own.name); !outcome) {
        return std::move(outcome).error();
      }
      own_.push_back({own.name, static_cast<std::int32_t>(own.amount), static_cast<std::int32_t>(own.amount)});
    }
    if (progress != nullptr) {
      progress->begin(Phase::kBuilding, options_.instances);
    }
    for (std::uint32_t i = 0; i < options_.instances; ++i) {
      if (Outcome outcome = add_instance(i); !outcome) {
        return std::move(outcome).error();
      }
      if (progress != nullptr && (i + 1) % kStep == 0) {
        progress->advance(kStep);
      }
    }
    Result<std::vector<std::uint8_t>> bytes = builder_.finish(executor, progress);
    if (!bytes) {
      return std::move(bytes).error();
    }
    return Snapshot::from_bytes(*std::move(bytes), executor);
  }

 private:
  // One task as drawn, before its instance is added.
  struct DrawnTask {
    const FleetService* service;
    std::int32_t cpu_units;
    std::int32_t memory_mib;
    std::uint32_t gpu = kNoId;  // Index of the GPU that it holds.
    TaskStatus last_status;
    TaskStatus desired_status;
    HealthStatus health;
  };

  // What an instance has and what its tasks have taken of it so far.
  struct Room {
    std::int64_t cpu = 0;
    std::int64_t memory = 0;
    std::int64_t cpu_target = 0;  // How much the tasks shall take.
    std::int64_t memory_target = 0;
    std::int64_t cpu_taken = 0;
    std::int64_t memory_taken = 0;
    std::uint16_t eni_left = 0;
    std::uint16_t eni_taken = 0;
  };

  std::span<const InternedAttribute> attributes_of(std::size_t type, std::uint32_t zone, std::size_t stack) {
    std::vector<InternedAttribute>& set = sets_[(type * options_.zones + zone) * fleet_stacks().size() + stack];
    if (!set.empty()) {
      return set;
    }
    const InstanceType& facts = *types_[type];
    const bool is_arm = facts.architecture == Architecture::kArm64;
    const auto add = [&](std::string_view name, std::string_view value) {
      set.push_back({builder_.intern_name(name), builder_.intern_value(value)});
    };
    for (const std::string_view name : agent_capabilities()) {
      set.push_back({builder_.intern_name(name), kAttributeNameOnly});
    }
    if (facts.gpus != 0) {
      set.push_back({builder_.intern_name("ecs.capability.nvidia-driver-version.550.90"), kAttributeNameOnly});
    }
    add("ecs.ami-id", facts.gpus != 0 ? image_gpu_ : is_arm ? image_arm_ : image_x86_);
    add("ecs.availability-zone", zones_[zone]);
    add("ecs.capability.cni-plugin-version", "b0fd6e30-2020.09.0");
    add("ecs.cpu-architecture", to_text(facts.architecture));
    add("ecs.instance-type", facts.name);
    add("ecs.os-family", "LINUX");
    add("ecs.os-type", "linux");
    add("ecs.subnet-id", subnets_[zone]);
    add("ecs.vpc-id", vpc_);
    add("pool", fleet_types()[type].pool);
    add("stack", fleet_stacks()[stack].text);
    std::sort(set.begin(), set.end(), [](const InternedAttribute& a, const InternedAttribute& b) { return a.name < b.name; });
    return set;
  }

  Outcome add_instance(std::uint32_t index) {
    Stream stream(mix64(options_.seed ^ mix64(std::uint64_t{index} + 1)));
    const std::size_t type = draw_weighted(fleet_types(), &FleetType::weight, 1000, stream);
    const InstanceType& facts = *types_[type];
    InstanceRecord record;
    arn_.assign(kArnPrefix).append("container-instance/").append(kCluster).append("/");
    append_hex(arn_, stream.next());
    append_hex(arn_, stream.next());
    const std::string ec2_instance_id = hex_id("i-0", stream.next(), 16);
    record.arn = arn_;
    record.ec2_instance_id = ec2_instance_id;
    const auto zone = static_cast<std::uint32_t>(stream.below(options_.zones));
    record.attributes = attributes_of(type, zone, draw_weighted(fleet_stacks(), &WeightedWord::percent, 100, stream));
    record.agent_version = fleet_agent_versions()[draw_weighted(fleet_agent_versions(), &WeightedWord::percent, 100, stream)].text;
    if (stream.below(100) >= kWithoutProviderPercent) {
      record.capacity_provider = providers_[type];
    }
    const std::uint64_t state = stream.below(1000);
    record.status = state < kDrainingPerMille ? InstanceStatus::kDraining : InstanceStatus::kActive;
    record.agent_connected = state < kDrainingPerMille || state >= kDrainingPerMille + kDisconnectedPerMille;
    record.registered_at_ms = kNewestMs - static_cast<std::int64_t>(stream.below(kOldestDays * kDayMs));
    record.version = 1 + stream.below(5000);
    record.cpu_registered = facts.cpu_units;
    record.memory_registered = facts.memory_mib;
    record.eni_limit = eni_task_limit(&facts, false);
    Room room = room_of(facts, record.eni_limit, stream);
    draw_tasks(facts, room, stream);
    record.cpu_remaining = static_cast<std::int32_t>(room.cpu - room.cpu_taken);
    record.memory_remaining = static_cast<std::int32_t>(room.memory - room.memory_taken);
    record.eni_used = room.eni_taken;
    record.tcp_registered = kAgentPorts;
    record.tcp_used = tcp_used_;
    record.udp_used = udp_used_;
    record.gpus = gpus_;
    record.own = own_;
    for (const DrawnTask& task : drawn_) {
      record.running_tasks_count += task.desired_status == TaskStatus::kRunning ? 1U : 0U;
      record.pending_tasks_count += task.last_status == TaskStatus::kPending ? 1U : 0U;
    }
    if (Outcome outcome = builder_.add_instance(record); !outcome) {
      return outcome;
    }
    return add_tasks(record.registered_at_ms, stream);
  }

  Room room_of(const InstanceType& facts, std::uint16_t eni_limit, Stream& stream) const {
    // The spread keeps its middle, so that the fleet's mean is what was asked for.
    const std::uint64_t utilization = options_.utilization_percent;
    const std::uint64_t spread = std::min({kUtilizationSpread, utilization, 98 - utilization});
    const auto target = [&](std::int64_t amount) {
      const auto percent = static_cast<std::int64_t>(utilization - spread + stream.below(2 * spread + 1));
      return amount * percent / 100;
    };
    Room room;
    room.cpu = facts.cpu_units;
    room.memory = facts.memory_mib;
    room.cpu_target = target(room.cpu);
    room.memory_target = target(room.memory);
    room.eni_left = eni_limit == kEniUnlimited ? std::uint16_t{0} : eni_limit;
    return room;
  }

  // Fills drawn_, gpus_ and the ports in use.
  void draw_tasks(const InstanceType& facts, Room& room, Stream& stream) {
    drawn_.clear();
    gpus_.clear();
    gpu_ids_.clear();
    tcp_used_.assign(kAgentPorts.begin(), kAgentPorts.end());
    udp_used_.clear();
    gpus_wanted_ = 0;
    for (std::uint32_t gpu = 0; gpu < facts.gpus; ++gpu) {
      gpu_ids_.push_back(draw_gpu_id(stream));
      gpus_wanted_ += stream.below(100) < options_.utilization_percent ? 1U : 0U;
    }
    for (const std::string& id : gpu_ids_) {
      gpus_.push_back({id, true});
    }
    if (options_.utilization_percent == 0 || options_.tasks_per_instance == 0) {
      return;
    }
    // Uniform from 1 to twice the mean less 1.
    const std::uint64_t count = 1 + stream.below(2 * std::uint64_t{options_.tasks_per_instance} - 1);
    for (std::uint64_t left = count; left > 0; --left) {
      if (!draw_task(room, left, stream)) {
        return;
      }
    }
  }

  // False when no further task fits.
  bool draw_task(Room& room, std::uint64_t tasks_left, Stream& stream) {
    const auto left = static_cast<std::int64_t>(tasks_left);
    const std::int64_t cpu_share = std::max<std::int64_t>(0, room.cpu_target - room.cpu_taken) / left;
    const std::int64_t memory_share = std::max<std::int64_t>(0, room.memory_target - room.memory_taken) / left;
    const std::size_t cpu_size = draw_size(task_cpu_sizes(), cpu_share, room.cpu - room.cpu_taken, stream);
    const std::size_t memory_size = draw_size(task_memory_sizes(), memory_share, room.memory - room.memory_taken, stream);
    DrawnTask task{};
    task.cpu_units = task_cpu_sizes()[cpu_size];
    task.memory_mib = task_memory_sizes()[memory_size];
    if (task.memory_mib > room.memory - room.memory_taken) {
      return false;
    }
    task.gpu = draw_gpu();
    task.service = draw_service(cpu_size, memory_size, task.gpu != kNoId, room, stream);
    if (task.service == nullptr) {
      return true;
    }
    const std::uint64_t state = stream.below(1000);
    const bool is_pending = state < kPendingPerMille;
    const bool is_stopping = !is_pending && state < kPendingPerMille + kStoppingPerMille;
    task.last_status = is_pending ? TaskStatus::kPending : is_stopping ? TaskStatus::kStopping : TaskStatus::kRunning;
    task.desired_status = is_stopping ? TaskStatus::kStopped : TaskStatus::kRunning;
    task.health = HealthStatus::kUnknown;
    if (task.service->has_health_check && !is_pending) {
      task.health = stream.below(1000) < kUnhealthyPerMille ? HealthStatus::kUnhealthy : HealthStatus::kHealthy;
    }
    if (task.gpu != kNoId) {
      gpus_[task.gpu].is_free = false;
    }
    room.cpu_taken += task.cpu_units;
    room.memory_taken += task.memory_mib;
    if (task.service->uses_eni) {
      --room.eni_left;
      ++room.eni_taken;
    }
    if (task.service->static_port != 0) {
      (task.service->port_is_udp ? udp_used_ : tcp_used_).push_back(task.service->static_port);
    }
    drawn_.push_back(task);
    return true;
  }

  // The first free GPU of those that tasks shall hold; kNoId when there is none left.
  std::uint32_t draw_gpu() const {
    for (std::uint32_t gpu = 0; gpu < gpus_wanted_; ++gpu) {
      if (gpus_[gpu].is_free) {
        return gpu;
      }
    }
    return kNoId;
  }

  // A service whose port and ENI the instance still has; nullptr when a few draws find none.
  const FleetService* draw_service(std::size_t cpu_size, std::size_t memory_size, bool has_gpu, const Room& room, Stream& stream) {
    constexpr int kDrawsMax = 8;
    for (int draw = 0; draw < kDrawsMax; ++draw) {
      const FleetService& service = services_.draw(cpu_size, memory_size, has_gpu, stream);
      const Ports& used = service.port_is_udp ? udp_used_ : tcp_used_;
      const bool port_fits = service.static_port == 0 || std::find(used.begin(), used.end(), service.static_port) == used.end();
      if (port_fits && (!service.uses_eni || room.eni_left > 0)) {
        return &service;
      }
    }
    return nullptr;
  }

  static std::string draw_gpu_id(Stream& stream) {
    const std::uint64_t high = stream.next();
    const std::uint64_t low = stream.next();
    std::string id = "GPU-";
    append_hex(id, high >> 32U, 8);
    for (const std::uint64_t part : {high >> 16U, high, low >> 48U}) {
      id.push_back('-');
      append_hex(id, part, 4);
    }
    id.push_back('-');
    append_hex(id, low, 12);
    return id;
  }

  Outcome add_tasks(std::int64_t registered_at_ms, Stream& stream) {
    for (const DrawnTask& task : drawn_) {
      task_arn_.assign(kArnPrefix).append("task/").append(kCluster).append("/");
      append_hex(task_arn_, stream.next());
      append_hex(task_arn_, stream.next());
      TaskRecord record;
      record.arn = task_arn_;
      record.instance_arn = arn_;
      record.task_definition = task.service->task_definition;
      record.group = task.service->group;
      record.started_by = task.service->started_by;
      record.cpu_units = task.cpu_units;
      record.memory_mib = task.memory_mib;
      const std::span<const std::uint16_t> port(&task.service->static_port, task.service->static_port != 0 ? 1U : 0U);
      (task.service->port_is_udp ? record.udp_ports : record.tcp_ports) = port;
      record.uses_eni = task.service->uses_eni;
      std::string_view gpu_id;
      if (task.gpu != kNoId) {
        gpu_id = gpu_ids_[task.gpu];
        record.gpu_ids = std::span(&gpu_id, 1);
      }
      record.last_status = task.last_status;
      record.desired_status = task.desired_status;
      record.health = task.health;
      const auto age_ms = static_cast<std::uint64_t>(kNewestMs - registered_at_ms);
      const std::int64_t started_at_ms = registered_at_ms + static_cast<std::int64_t>(stream.below(age_ms + 1));
      record.started_at_ms = task.last_status == TaskStatus::kPending ? 0 : started_at_ms;
      record.version = static_cast<std::uint32_t>(2 + stream.below(5));
      if (stream.below(1000) < kProtectedPerMille) {
        record.is_protected = true;
        record.protected_until_ms = static_cast<std::uint64_t>(kNewestMs) + stream.below(2 * kDayMs);
      }
      if (Outcome outcome = builder_.add_task(record); !outcome) {
        return outcome;
      }
    }
    return {};
  }

  FleetOptions options_;
  FleetServices services_;
  SnapshotBuilder builder_;
  std::vector<const InstanceType*> types_;
  std::vector<std::string> providers_;                // By type.
  std::vector<std::vector<InternedAttribute>> sets_;  // By type, zone and stack.
  std::vector<OwnRecord> own_;                        // Of every instance.
  std::vector<std::string> zones_, subnets_;
  std::string vpc_, image_x86_, image_arm_, image_gpu_;
  // Of the instance at hand; kept between instances for their memory.
  std::string arn_, task_arn_;
  std::vector<DrawnTask> drawn_;
  std::vector<std::string> gpu_ids_;
  std::vector<GpuRecord> gpus_;
  std::uint32_t gpus_wanted_ = 0;  // How many of them tasks shall hold.
  Ports tcp_used_, udp_used_;
};

}  // namespace

Result<SnapshotPtr> generate_fleet(const FleetOptions& options, Executor& executor, Progress* progress) {
  if (std::uint64_t{options.instances} * options.tasks_per_instance > kTasksMax) {
    Error error;
    error.code = StatusCode::kLimitExceeded;
    error.message = std::to_string(options.instances) + " instances with " + std::to_string(options.tasks_per_instance) +
                    " tasks each are more than the " + std::to_string(kTasksMax) + " tasks that a snapshot holds; ask for fewer";
    return error;
  }
  return FleetGenerator(options).generate(executor, progress);
}

}  // namespace berth::ecs
