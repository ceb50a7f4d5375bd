// The pieces that validate() is made of, one function per part of the file, and the checks that they share.
//
// Thread rule: as validate(). Lifetime: a Validation refers to the root and to the executor.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/limits.h"
#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/snapshot/layout.h"
#include "engine/snapshot/parallel_loops.h"

namespace berth {

struct Validation {
  const wire::Snapshot& root;
  Executor& executor;
};

// In this order: later ones rely on earlier ones.
Outcome validate_dictionaries(const Validation& validation);
Outcome validate_sets(const Validation& validation);
Outcome validate_instances(const Validation& validation);
Outcome validate_gpus(const Validation& validation);
Outcome validate_tasks(const Validation& validation);
Outcome validate_own(const Validation& validation);

// A column of ids: tables, prefixes and tails; not its order.
Outcome validate_id_column(const Validation& validation, std::string_view name, const wire::IdColumn* column, std::size_t count);

inline Error inconsistent(std::string message) {
  return Error{.code = StatusCode::kInconsistent, .message = std::move(message)};
}

inline Error inconsistent_at(std::string_view column, std::size_t index, std::string_view what) {
  return inconsistent("column " + std::string(column) + ", index " + std::to_string(index) + ": " + std::string(what));
}

inline Outcome check_length(std::string_view column, std::size_t length, std::size_t wanted) {
  if (length != wanted) {
    return inconsistent("column " + std::string(column) + " has " + std::to_string(length) + " entries, not " + std::to_string(wanted));
  }
  return {};
}

// The first index for which is_bad(index) holds. The predicate is summed up over short runs without a branch, so that one over plain
// columns becomes vector code.
template <typename IsBad>
std::optional<std::size_t> find_bad(Executor& executor, std::size_t count, IsBad&& is_bad) {
  constexpr std::size_t kRun = 1024;
  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> found(column_blocks(count), kNone);
  for_blocks(executor, count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t run = begin; run < end; run += kRun) {
      const std::size_t run_end = std::min(end, run + kRun);
      unsigned bad = 0;
      for (std::size_t at = run; at < run_end; ++at) {
        bad |= static_cast<unsigned>(is_bad(at));
      }
      if (bad != 0) {
        while (!is_bad(run)) {
          ++run;
        }
        found[begin / kColumnBlock] = run;
        return;
      }
    }
  });
  const auto first = std::ranges::find_if(found, [](std::size_t at) { return at != kNone; });
  return first == found.end() ? std::nullopt : std::optional(*first);
}

// Every entry is below `limit`, or at least `none` (kNoId, or the first of several special values; 2^32 for no special value).
inline constexpr std::uint64_t kNoSpecial = std::uint64_t{1} << 32U;
Outcome check_below(const Validation& validation, std::string_view column, std::span<const std::uint32_t> values, std::size_t limit,
                    std::uint64_t none, std::string_view dictionary);

// Every entry lies in [first, last]; `meaning` says what the numbers are.
Outcome check_bytes(const Validation& validation, std::string_view column, std::span<const std::uint8_t> values, std::uint8_t first,
                    std::uint8_t last, std::string_view meaning);

// `offsets` starts with 0, never falls, and ends with `end`. Empty `offsets` stand for no entries, and then `end` must be 0.
Outcome check_offsets(const Validation& validation, std::string_view column, std::span<const std::uint32_t> offsets, std::size_t end);

}  // namespace berth
