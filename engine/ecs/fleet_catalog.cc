#include "engine/ecs/fleet_catalog.h"

#include <algorithm>
#include <array>
#include <utility>

namespace berth::ecs {
namespace {

// 32 % large, 31 % xlarge, 18 % 2xlarge, 11 % 4xlarge, 5 % larger, 3 % with GPUs.
constexpr FleetType kTypes[] = {
    {"m5.large", 90, "general"},   {"c5.large", 60, "compute"},   {"m6g.large", 50, "general"},   {"m6i.large", 50, "general"},
    {"t3.large", 40, "burst"},     {"r5.large", 30, "memory"},    {"m5.xlarge", 110, "general"},  {"c5.xlarge", 60, "compute"},
    {"m6i.xlarge", 60, "general"}, {"m6g.xlarge", 40, "general"}, {"r5.xlarge", 40, "memory"},    {"m5.2xlarge", 80, "general"},
    {"c5.2xlarge", 50, "compute"}, {"r5.2xlarge", 30, "memory"},  {"m6g.2xlarge", 20, "general"}, {"m5.4xlarge", 50, "general"},
    {"c5.4xlarge", 40, "compute"}, {"r5.4xlarge", 20, "memory"},  {"m5.8xlarge", 15, "general"},  {"c6i.8xlarge", 10, "compute"},
    {"m5.12xlarge", 8, "general"}, {"r5.12xlarge", 4, "memory"},  {"m7i.16xlarge", 4, "general"}, {"c5.18xlarge", 3, "compute"},
    {"m5.24xlarge", 3, "general"}, {"r5.24xlarge", 3, "memory"},  {"g4dn.xlarge", 14, "gpu"},     {"g4dn.12xlarge", 4, "gpu"},
    {"g5.xlarge", 6, "gpu"},       {"g5.12xlarge", 3, "gpu"},     {"p3.2xlarge", 3, "gpu"},
};

constexpr WeightedWord kStacks[] = {{"prod", 70}, {"staging", 20}, {"dev", 10}};
constexpr WeightedWord kAgentVersions[] = {{"1.95.0", 50}, {"1.89.1", 30}, {"1.82.4", 15}, {"1.68.2", 5}};

constexpr std::string_view kCapabilities[] = {
    "com.amazonaws.ecs.capability.docker-remote-api.1.17",
    "com.amazonaws.ecs.capability.docker-remote-api.1.18",
    "com.amazonaws.ecs.capability.docker-remote-api.1.19",
    "com.amazonaws.ecs.capability.docker-remote-api.1.21",
    "com.amazonaws.ecs.capability.docker-remote-api.1.25",
    "com.amazonaws.ecs.capability.docker-remote-api.1.29",
    "com.amazonaws.ecs.capability.docker-remote-api.1.44",
    "com.amazonaws.ecs.capability.ecr-auth",
    "com.amazonaws.ecs.capability.logging-driver.awsfirelens",
    "com.amazonaws.ecs.capability.logging-driver.awslogs",
    "com.amazonaws.ecs.capability.logging-driver.fluentd",
    "com.amazonaws.ecs.capability.logging-driver.json-file",
    "com.amazonaws.ecs.capability.logging-driver.syslog",
    "com.amazonaws.ecs.capability.privileged-container",
    "com.amazonaws.ecs.capability.task-iam-role",
    "com.amazonaws.ecs.capability.task-iam-role-network-host",
    "ecs.capability.container-health-check",
    "ecs.capability.container-ordering",
    "ecs.capability.docker-plugin.local",
    "ecs.capability.efs",
    "ecs.capability.efsAuth",
    "ecs.capability.env-files.s3",
    "ecs.capability.execute-command",
    "ecs.capability.execution-role-awslogs",
    "ecs.capability.execution-role-ecr-pull",
    "ecs.capability.firelens.fluentbit",
    "ecs.capability.firelens.fluentd",
    "ecs.capability.firelens.options.config.s3",
    "ecs.capability.full-sync",
    "ecs.capability.increased-task-cpu-limit",
    "ecs.capability.secrets.asm.bootstrap.log-driver",
    "ecs.capability.secrets.asm.environment-variables",
    "ecs.capability.secrets.ssm.bootstrap.log-driver",
    "ecs.capability.secrets.ssm.environment-variables",
    "ecs.capability.service-connect-v1",
    "ecs.capability.task-eni",
};

constexpr std::int32_t kCpuSizes[] = {0, 64, 128, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768};
constexpr std::int32_t kMemorySizes[] = {64,   128,  256,  384,   512,   768,   1024,  1536,  2048,  3072,
                                         4096, 6144, 8192, 12288, 16384, 24576, 32768, 65536, 131072};

constexpr std::array<std::string_view, 16> kSubjects = {"orders",  "checkout",  "search",  "catalog",  "billing", "identity",
                                                        "session", "media",     "pricing", "shipping", "reviews", "metrics",
                                                        "notify",  "inventory", "ledger",  "gateway"};
constexpr std::array<std::string_view, 8> kRoles = {"api", "worker", "web", "cron", "stream", "cache", "proxy", "indexer"};
constexpr std::array<std::uint16_t, 8> kStaticPorts = {80, 443, 3000, 5000, 8000, 8080, 8443, 9090};
constexpr std::array<std::uint16_t, 2> kStaticUdpPorts = {8125, 5140};

}  // namespace

std::span<const FleetType> fleet_types() {
  return kTypes;
}
std::span<const WeightedWord> fleet_stacks() {
  return kStacks;
}
std::span<const WeightedWord> fleet_agent_versions() {
  return kAgentVersions;
}
std::span<const std::string_view> agent_capabilities() {
  return kCapabilities;
}
std::span<const std::int32_t> task_cpu_sizes() {
  return kCpuSizes;
}
std::span<const std::int32_t> task_memory_sizes() {
  return kMemorySizes;
}

std::size_t draw_size(std::span<const std::int32_t> sizes, std::int64_t share, std::int64_t most, Stream& stream) {
  const auto upper = std::upper_bound(sizes.begin(), sizes.end(), share);
  std::size_t size = upper == sizes.begin() ? 0 : static_cast<std::size_t>(upper - sizes.begin()) - 1;
  if (upper != sizes.begin() && upper != sizes.end()) {
    const std::int64_t below = sizes[size];
    const auto gap = static_cast<std::uint64_t>(*upper - below);
    size += stream.below(gap) < static_cast<std::uint64_t>(share - below) ? 1U : 0U;
  }
  while (size > 0 && sizes[size] > most) {
    --size;
  }
  return size;
}

FleetServices::FleetServices(std::uint64_t seed, std::uint32_t services_per_size, std::string task_definition_prefix)
    : seed_(seed),
      services_per_size_(services_per_size),
      task_definition_prefix_(std::move(task_definition_prefix)),
      services_(std::size(kCpuSizes) * std::size(kMemorySizes) * services_per_size),
      gpu_services_(services_.size()) {}

const FleetService& FleetServices::draw(std::size_t cpu_size, std::size_t memory_size, bool has_gpu, Stream& stream) {
  const std::size_t sizes = cpu_size * std::size(kMemorySizes) + memory_size;
  return at(sizes * services_per_size_ + stream.below(services_per_size_), has_gpu);
}

const FleetService& FleetServices::at(std::size_t index, bool has_gpu) {
  std::optional<FleetService>& service = (has_gpu ? gpu_services_ : services_)[index];
  if (service) {
    return *service;
  }
  constexpr std::uint64_t kByHandPercent = 20;
  constexpr std::uint64_t kEniPercent = 10;
  constexpr std::uint64_t kPortPercent = 6;
  constexpr std::uint64_t kHealthPercent = 60;
  Stream stream(mix64(seed_ ^ (index * 2 + (has_gpu ? 1 : 0) + 1) * kGoldenGamma));
  std::string name(has_gpu ? "infer" : kSubjects[stream.below(kSubjects.size())]);
  name.append("-").append(kRoles[stream.below(kRoles.size())]).append("-").append(std::to_string(index));
  service.emplace();
  const bool by_hand = stream.below(100) < kByHandPercent;
  service->group = (by_hand ? "family:" : "service:") + name;
  service->task_definition = task_definition_prefix_ + name + ":" + std::to_string(1 + stream.below(90));
  if (!by_hand) {
    // Deployment numbers have 19 digits.
    service->started_by = "ecs-svc/" + std::to_string(1'000'000'000'000'000'000ULL + stream.below(8'000'000'000'000'000'000ULL));
  }
  const std::uint64_t network = stream.below(100);
  service->uses_eni = !has_gpu && network < kEniPercent;
  if (!has_gpu && network >= kEniPercent && network < kEniPercent + kPortPercent) {
    service->port_is_udp = stream.below(8) == 0;
    service->static_port =
        service->port_is_udp ? kStaticUdpPorts[stream.below(kStaticUdpPorts.size())] : kStaticPorts[stream.below(kStaticPorts.size())];
  }
  service->has_health_check = stream.below(100) < kHealthPercent;
  return *service;
}

}  // namespace berth::ecs
