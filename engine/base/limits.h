// Every limit that the engine puts on its input, in one place. A limit that ECS documents carries its section of the rules.
#pragma once

#include <cstddef>
#include <cstdint>

namespace berth {

// Cluster query language.
inline constexpr std::size_t kExpressionBytesMax = 2000;  // Characters in the API model; counted in UTF-8 code points.
inline constexpr std::uint32_t kExpressionDepthMax = 64;  // Nested parentheses and `not`s.

// Requests.
inline constexpr std::uint32_t kConstraintsMax = 10;  // Task definition and request together.
inline constexpr std::uint32_t kStrategiesMax = 5;
inline constexpr std::uint32_t kTasksPerRequestMax = 100'000;
inline constexpr std::uint32_t kStartInstancesMax = 10;  // StartTask.
inline constexpr std::uint32_t kContainersMax = 10;      // Of one task definition.
inline constexpr std::uint32_t kReservedPortsMax = 100;  // tcp and udp together, on one instance.
inline constexpr std::uint32_t kSubnetsMax = 16;
inline constexpr std::uint32_t kSecurityGroupsMax = 5;
inline constexpr std::size_t kGroupBytesMax = 255;
inline constexpr std::size_t kStartedByBytesMax = 128;
inline constexpr std::uint32_t kFailuresDefaultMax = 5000;  // ECS's quota of container instances in a cluster.

// Random draws tried before the draw becomes a rank among the candidates (engine/placement/README.md).
inline constexpr std::uint32_t kRandomMissesMax = 32;

// Snapshots. A FlatBuffers buffer ends at 2 GiB, which is what bounds these in practice.
inline constexpr std::uint32_t kInstancesMax = 1U << 24U;
inline constexpr std::uint32_t kTasksMax = 1U << 26U;
inline constexpr std::uint32_t kOwnResourcesMax = 8;  // Of one snapshot, and of one request.
inline constexpr std::size_t kOwnResourceNameBytesMax = 128;

// The seed of the tie order of a snapshot that names no other ("berth" in ASCII).
inline constexpr std::uint64_t kDefaultTieSeed = 0x6265727468ULL;

// Instances that one parallel step looks at; a multiple of 64 so that no two steps share a word of a bitset. Small enough that a
// cluster of ECS's quota (5,000) spans two, so that every test of that size works on several.
inline constexpr std::uint32_t kBlockInstances = 4096;
static_assert(kBlockInstances % 64 == 0);
static_assert(kConstraintsMax > 0 && kStrategiesMax > 0);

}  // namespace berth
