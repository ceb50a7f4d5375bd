#include "engine/snapshot/id_pool.h"

namespace berth {

EncodedId IdPool::intern(std::string_view text) {
  const SplitId split = split_id(text);
  const std::string_view prefix = text.substr(0, split.prefix_bytes);
  if (last_prefix_ >= prefixes_.size() || prefixes_.at(last_prefix_) != prefix) {
    last_prefix_ = prefixes_.intern(prefix);
  }
  EncodedId id{.high = split.tail.high, .low = split.tail.low, .prefix = last_prefix_, .format = split.format};
  if (split.format == IdFormat::kText) {
    id.low = texts_.intern(text.substr(split.prefix_bytes));
  }
  return id;
}

std::optional<EncodedId> IdPool::find(std::string_view text) const {
  const SplitId split = split_id(text);
  const std::optional<std::uint32_t> prefix = prefixes_.find(text.substr(0, split.prefix_bytes));
  if (!prefix) {
    return std::nullopt;
  }
  EncodedId id{.high = split.tail.high, .low = split.tail.low, .prefix = *prefix, .format = split.format};
  if (split.format == IdFormat::kText) {
    const std::optional<std::uint32_t> tail = texts_.find(text.substr(split.prefix_bytes));
    if (!tail) {
      return std::nullopt;
    }
    id.low = *tail;
  }
  return id;
}

RenderedId IdPool::render(const EncodedId& id) const {
  const std::string_view prefix = prefixes_.at(id.prefix);
  return id.format == IdFormat::kText ? RenderedId(prefix, texts_.at(static_cast<std::uint32_t>(id.low)))
                                      : RenderedId(prefix, id.format, IdTail{id.high, id.low});
}

std::string IdPool::text(const EncodedId& id) const {
  const RenderedId rendered = render(id);
  std::string out(rendered.prefix());
  out.append(rendered.tail());
  return out;
}

std::strong_ordering IdPool::compare(const EncodedId& left, const EncodedId& right) const {
  if (left.prefix == right.prefix && left.format == right.format && left.format != IdFormat::kText) {
    return left.high != right.high ? left.high <=> right.high : left.low <=> right.low;
  }
  return render(left) <=> render(right);
}

}  // namespace berth
