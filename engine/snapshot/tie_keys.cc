#include "engine/snapshot/tie_keys.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/base/hash.h"
#include "engine/snapshot/id_encoding.h"
#include "engine/snapshot/parallel_loops.h"

namespace berth {
namespace {

constexpr std::size_t kGroupBytes = 8;

// Where hash_bytes() stands after the whole groups of a prefix, when a tail of known length follows, and the bytes of the prefix that
// belong to the next group. Ids of one prefix and one length have this part of their hash in common.
struct PrefixHash {
  std::uint64_t state = 0;
  std::array<char, kGroupBytes> rest{};
  std::size_t rest_bytes = 0;
};

std::uint64_t group_at(const char* bytes) {
  std::uint64_t group = 0;
  std::memcpy(&group, bytes, kGroupBytes);  // Little-endian, as the whole format is.
  return group;
}

PrefixHash start(std::uint64_t seed, std::string_view prefix, std::size_t tail_size) {
  PrefixHash hash;
  hash.state = mix64(seed + kGoldenGamma * (prefix.size() + tail_size + 1));
  std::size_t at = 0;
  for (; at + kGroupBytes <= prefix.size(); at += kGroupBytes) {
    hash.state = mix64(hash.state ^ group_at(prefix.data() + at));
  }
  hash.rest_bytes = prefix.size() - at;
  std::copy(prefix.begin() + static_cast<std::ptrdiff_t>(at), prefix.end(), hash.rest.begin());
  return hash;
}

std::uint64_t finish(const PrefixHash& prefix, IdFormat format, IdTail tail) {
  std::array<char, kTailBytesMax> digits;
  const std::size_t digit_bytes = write_tail(format, tail, digits);
  // The rest of the prefix, the digits, and zeros up to the end of the last group.
  std::array<char, kTailBytesMax + 2 * kGroupBytes> bytes{};
  std::copy_n(prefix.rest.begin(), kGroupBytes, bytes.begin());
  std::copy_n(digits.begin(), digit_bytes, bytes.begin() + static_cast<std::ptrdiff_t>(prefix.rest_bytes));
  const std::size_t size = prefix.rest_bytes + digit_bytes;
  std::uint64_t state = prefix.state;
  for (std::size_t at = 0; at < size; at += kGroupBytes) {
    state = mix64(state ^ group_at(bytes.data() + at));
  }
  return state;
}

}  // namespace

std::vector<std::uint64_t> make_tie_keys(const IdColumn& ids, std::uint64_t seed, Executor& executor) {
  const StringTable& prefixes = ids.prefixes();
  std::vector<PrefixHash> starts(prefixes.size());
  for (std::uint32_t prefix = 0; prefix < prefixes.size(); ++prefix) {
    starts[prefix] = start(seed, prefixes.at(prefix), tail_bytes(ids.format_of_prefix(prefix)));
  }
  std::vector<std::uint64_t> keys(ids.size());
  for_blocks(executor, keys.size(), [&](std::size_t begin, std::size_t end) {
    std::string whole;
    for (std::size_t at = begin; at < end; ++at) {
      const auto index = static_cast<std::uint32_t>(at);
      const std::uint16_t prefix = ids.prefix(index);
      const IdFormat format = ids.format_of_prefix(prefix);
      if (format == IdFormat::kText) {
        whole.clear();
        ids.append_to(index, whole);
        keys[at] = hash_bytes(seed, whole);
      } else {
        keys[at] = finish(starts[prefix], format, ids.tail(index));
      }
    }
  });
  return keys;
}

}  // namespace berth
