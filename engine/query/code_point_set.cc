#include "engine/query/code_point_set.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "engine/query/utf8.h"

namespace berth::query {
namespace {

void append_escaped(std::string& out, char32_t code_point) {
  const bool is_plain =
      (code_point >= '0' && code_point <= '9') || (code_point >= 'A' && code_point <= 'Z') || (code_point >= 'a' && code_point <= 'z');
  if (is_plain) {
    out += static_cast<char>(code_point);
    return;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\x{";
  unsigned shift = 20;
  while (shift > 0 && (code_point >> shift) == 0) {
    shift -= 4;
  }
  for (;; shift -= 4) {
    out += kDigits[(static_cast<std::uint32_t>(code_point) >> shift) & 0xFU];
    if (shift == 0) {
      break;
    }
  }
  out += '}';
}

// UTF-8 has no surrogates, but RE2 would match the bytes that encode them in a range across them.
std::vector<CodePointRange> without_surrogates(const std::vector<CodePointRange>& ranges) {
  constexpr CodePointRange kSurrogates{0xD800, 0xDFFF};
  std::vector<CodePointRange> result;
  for (const CodePointRange& range : ranges) {
    if (range.last < kSurrogates.first || range.first > kSurrogates.last) {
      result.push_back(range);
      continue;
    }
    if (range.first < kSurrogates.first) {
      result.push_back({range.first, kSurrogates.first - 1});
    }
    if (range.last > kSurrogates.last) {
      result.push_back({kSurrogates.last + 1, range.last});
    }
  }
  return result;
}

}  // namespace

CodePointSet::CodePointSet(std::vector<CodePointRange> ranges) : ranges_(std::move(ranges)) {
  normalize();
}

void CodePointSet::add(char32_t first, char32_t last) {
  ranges_.push_back({first, last});
  normalize();
}

void CodePointSet::add(const CodePointSet& other) {
  ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
  normalize();
}

void CodePointSet::add_other_ascii_case(char32_t first, char32_t last) {
  constexpr char32_t kCaseBit = 0x20;
  const auto add_shifted = [&](char32_t low, char32_t high, char32_t from, char32_t to) {
    const char32_t begin = std::max(first, low);
    const char32_t end = std::min(last, high);
    if (begin <= end) {
      ranges_.push_back({begin - from + to, end - from + to});
    }
  };
  add_shifted('A', 'Z', 0, kCaseBit);
  add_shifted('a', 'z', kCaseBit, 0);
  normalize();
}

CodePointSet CodePointSet::complement() const {
  CodePointSet result;
  char32_t next = 0;
  for (const CodePointRange& range : ranges_) {
    if (range.first > next) {
      result.ranges_.push_back({next, range.first - 1});
    }
    next = range.last + 1;
  }
  if (next <= kCodePointMax) {
    result.ranges_.push_back({next, kCodePointMax});
  }
  result.normalize();
  return result;
}

bool CodePointSet::contains(char32_t code_point) const {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), code_point,
                                      [](char32_t value, const CodePointRange& range) { return value < range.first; });
  return after != ranges_.begin() && std::prev(after)->last >= code_point;
}

std::string CodePointSet::re2_text() const {
  std::string out;
  if (ranges_.size() == 1 && ranges_.front().first == ranges_.front().last) {
    append_escaped(out, ranges_.front().first);
    return out;
  }
  if (ranges_.empty()) {
    return "[^\\x{0}-\\x{10ffff}]";
  }
  out += '[';
  for (const CodePointRange& range : ranges_) {
    append_escaped(out, range.first);
    if (range.last != range.first) {
      out += '-';
      append_escaped(out, range.last);
    }
  }
  out += ']';
  return out;
}

void CodePointSet::normalize() {
  std::sort(ranges_.begin(), ranges_.end());
  std::vector<CodePointRange> merged;
  for (const CodePointRange& range : without_surrogates(ranges_)) {
    if (!merged.empty() && range.first <= merged.back().last + 1) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  ranges_ = std::move(merged);
}

}  // namespace berth::query
