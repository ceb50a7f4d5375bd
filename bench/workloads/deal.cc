#include "bench/workloads/deal.h"

#include <algorithm>
#include <numeric>

namespace berth::workloads {

std::vector<std::uint32_t> deal(std::span<const std::uint32_t> shares, std::uint32_t count, Stream& stream) {
  const std::uint64_t sum = std::accumulate(shares.begin(), shares.end(), std::uint64_t{0});
  if (sum == 0) {
    return {};
  }
  std::vector<std::uint64_t> times(shares.size());
  std::vector<std::uint64_t> remainders(shares.size());
  std::uint64_t left = count;
  for (std::size_t kind = 0; kind < shares.size(); ++kind) {
    const std::uint64_t product = std::uint64_t{shares[kind]} * count;
    times[kind] = product / sum;
    remainders[kind] = product % sum;
    left -= times[kind];
  }
  std::vector<std::size_t> by_remainder(shares.size());
  std::iota(by_remainder.begin(), by_remainder.end(), std::size_t{0});
  std::sort(by_remainder.begin(), by_remainder.end(),
            [&](std::size_t a, std::size_t b) { return remainders[a] != remainders[b] ? remainders[a] > remainders[b] : a < b; });
  for (std::size_t at = 0; at < left; ++at) {
    ++times[by_remainder[at]];
  }
  std::vector<std::uint32_t> dealt;
  dealt.reserve(count);
  for (std::size_t kind = 0; kind < shares.size(); ++kind) {
    dealt.insert(dealt.end(), times[kind], static_cast<std::uint32_t>(kind));
  }
  shuffle(std::span(dealt), stream);
  return dealt;
}

}  // namespace berth::workloads
