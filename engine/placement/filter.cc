#include "engine/placement/filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <string_view>

#include "engine/placement/blocks.h"

namespace berth::placement {
namespace {

constexpr std::string_view kArnStart = "arn:";
constexpr std::string_view kArnResource = ":container-instance/";

using BlockWords = std::array<std::uint64_t, kBlockWords>;

// Whether an ARN that begins with `text` names the cluster, names another or none, or needs the rest of its text to tell.
enum class Naming : std::uint8_t { kExamined, kOtherCluster, kOpen };

Naming naming_of(std::string_view text, const Request& request, bool is_whole) {
  const std::size_t resource = text.find(kArnResource);
  if (resource != std::string_view::npos) {
    if (!request.cluster_home.empty() && text.starts_with(kArnStart) && text.substr(0, resource) != request.cluster_home) {
      return Naming::kOtherCluster;
    }
    const std::string_view rest = text.substr(resource + kArnResource.size());
    if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
      return rest.substr(0, slash) == *request.cluster ? Naming::kExamined : Naming::kOtherCluster;
    }
  }
  return is_whole ? Naming::kExamined : Naming::kOpen;
}

}  // namespace

bool is_of_cluster(std::string_view arn, const Request& request) {
  return naming_of(arn, request, true) == Naming::kExamined;
}

Bitset cluster_instances(const Snapshot& snapshot, const Request& request, Executor& executor) {
  const std::uint32_t instance_count = snapshot.instance_count();
  Bitset members(instance_count, true);
  const IdColumn& arns = snapshot.instance_arns();
  std::vector<Naming> by_prefix;
  if (request.cluster.has_value()) {
    for (std::uint32_t prefix = 0; prefix < arns.prefixes().size(); ++prefix) {
      // A tail of digits holds no slash, so that its prefix tells all.
      by_prefix.push_back(naming_of(arns.prefixes().at(prefix), request, arns.format_of_prefix(prefix) != IdFormat::kText));
    }
  }
  const bool all_of_cluster = std::all_of(by_prefix.begin(), by_prefix.end(), [](Naming naming) { return naming == Naming::kExamined; });
  if (all_of_cluster) {
    return members;
  }
  for_each_block(instance_count, executor, [&](std::size_t, BlockRange range) {
    std::uint64_t* words = members.words().data() + range.begin / 64;
    std::string arn;
    pack_words(range, words, words, [&](std::uint32_t instance) {
      Naming naming = by_prefix[arns.prefix(instance)];
      if (naming == Naming::kOpen) {
        arn.clear();
        arns.append_to(instance, arn);
        naming = naming_of(arn, request, true);
      }
      return naming == Naming::kExamined;
    });
  });
  return members;
}

bool has_registered(const Snapshot& snapshot, const Request& request, Executor& executor) {
  const Bitset members = cluster_instances(snapshot, request, executor);
  bool is_found = false;
  members.for_each([&](std::size_t instance) {
    is_found = is_found || snapshot.status()[instance] != static_cast<std::uint8_t>(InstanceStatus::kInactive);
  });
  return is_found;
}

Bitset examined_instances(const Snapshot& snapshot, const Request& request, Executor& executor) {
  Bitset examined = cluster_instances(snapshot, request, executor);
  for_each_block(snapshot.instance_count(), executor, [&](std::size_t, BlockRange range) {
    std::uint64_t* words = examined.words().data() + range.begin / 64;
    pack_words(range, words, words, [status = snapshot.status()](std::uint32_t instance) {
      return status[instance] == static_cast<std::uint8_t>(InstanceStatus::kActive);
    });
  });
  return examined;
}

Bitset filter(const Snapshot& snapshot, const Checks& checks, const Bitset& examined, Executor& executor, Progress* progress) {
  Bitset candidates = examined;
  if (progress != nullptr) {
    progress->begin(Phase::kFiltering, snapshot.instance_count());
  }
  for_each_block(snapshot.instance_count(), executor, [&](std::size_t, BlockRange range) {
    std::uint64_t* alive = candidates.words().data() + range.begin / 64;
    const std::size_t word_count = (std::size_t{range.end} - range.begin + 63) / 64;
    BlockWords failing;
    const auto take_out = [&] {
      for (std::size_t word = 0; word < word_count; ++word) {
        alive[word] &= ~failing[word];
      }
    };
    if (checks.failing_by_set(range, alive, failing.data())) {
      take_out();
    }
    for (const Reason check : checks.active_besides_sets()) {
      checks.failing(check, range, alive, failing.data());
      take_out();
    }
    if (progress != nullptr) {
      progress->advance(range.end - range.begin);
    }
  });
  return candidates;
}

std::vector<Reason> first_failures(const Snapshot& snapshot, const Checks& checks, const Bitset& examined, Executor& executor) {
  std::vector<Reason> reasons(snapshot.instance_count(), Reason::kNone);
  for_each_block(snapshot.instance_count(), executor, [&](std::size_t, BlockRange range) {
    const std::size_t word_count = (std::size_t{range.end} - range.begin + 63) / 64;
    BlockWords alive;
    BlockWords failing;
    std::copy_n(examined.words().data() + range.begin / 64, word_count, alive.begin());
    for (const Reason check : checks.active()) {
      checks.failing(check, range, alive.data(), failing.data());
      for (std::size_t word = 0; word < word_count; ++word) {
        alive[word] &= ~failing[word];
        for (std::uint64_t bits = failing[word]; bits != 0; bits &= bits - 1) {
          reasons[range.begin + word * 64 + static_cast<std::size_t>(std::countr_zero(bits))] = check;
        }
      }
    }
  });
  return reasons;
}

}  // namespace berth::placement
