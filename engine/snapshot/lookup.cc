#include <algorithm>
#include <vector>

#include "engine/snapshot/id_encoding.h"
#include "engine/snapshot/snapshot.h"
#include "engine/snapshot/storage.h"

namespace berth {
namespace {

// Finds entries by the id after their last '/'. A wanted id is parsed once per prefix, so that an entry costs one comparison of
// numbers; only text tails are compared as text.
class LastPart {
 public:
  LastPart(const IdColumn& ids, std::string_view wanted) : ids_(ids), wanted_(wanted), parsed_(ids.prefixes().size()) {
    for (std::uint32_t prefix = 0; prefix < parsed_.size(); ++prefix) {
      const std::string_view lead = after_last_slash(ids.prefixes().at(prefix));
      Parsed& parsed = parsed_[prefix];
      parsed.is_possible = wanted.starts_with(lead);
      if (parsed.is_possible && ids.format_of_prefix(prefix) != IdFormat::kText) {
        parsed.is_possible = parse_tail(wanted.substr(lead.size()), ids.format_of_prefix(prefix), parsed.tail);
      }
    }
  }

  [[nodiscard]] bool matches(std::uint32_t index) const {
    const std::uint16_t prefix = ids_.prefix(index);
    const Parsed& parsed = parsed_[prefix];
    if (ids_.format_of_prefix(prefix) != IdFormat::kText) {
      const IdTail tail = ids_.tail(index);
      return parsed.is_possible && tail.high == parsed.tail.high && tail.low == parsed.tail.low;
    }
    const std::string_view tail = ids_.text_tail(index);
    if (tail.find('/') != std::string_view::npos) {
      return after_last_slash(tail) == wanted_;
    }
    const std::string_view lead = after_last_slash(ids_.prefixes().at(prefix));
    return parsed.is_possible && wanted_.size() == lead.size() + tail.size() && wanted_.ends_with(tail);
  }

 private:
  struct Parsed {
    bool is_possible = false;
    IdTail tail{0, 0};
  };
  static std::string_view after_last_slash(std::string_view text) {
    const std::size_t slash = text.rfind('/');
    return slash == std::string_view::npos ? text : text.substr(slash + 1);
  }

  const IdColumn& ids_;
  std::string_view wanted_;
  std::vector<Parsed> parsed_;
};

}  // namespace

Snapshot::Snapshot() = default;
Snapshot::~Snapshot() = default;

std::span<const std::uint8_t> Snapshot::bytes() const {
  return storage_->bytes;
}
std::uint32_t Snapshot::format_version() const {
  return storage_->format_version;
}
std::uint64_t Snapshot::generation() const {
  return storage_->generation;
}
std::uint64_t Snapshot::tie_seed() const {
  return storage_->tie_seed;
}

std::uint32_t Snapshot::attribute_set_count() const {
  const std::size_t begins = storage_->attribute_set_begin.size();
  return begins == 0 ? 0 : static_cast<std::uint32_t>(begins - 1);
}

std::span<const AttributePair> Snapshot::attribute_set_pairs(std::uint32_t set) const {
  const std::uint32_t begin = storage_->attribute_set_begin[set];
  return storage_->attribute_set_pairs.subspan(begin, storage_->attribute_set_begin[set + 1] - begin);
}

std::uint32_t Snapshot::port_set_count() const {
  return static_cast<std::uint32_t>(storage_->tcp_begin.size() - 1);
}

PortSet Snapshot::port_set(std::uint32_t set) const {
  const Storage& in = *storage_;
  return {in.tcp.subspan(in.tcp_begin[set], in.tcp_begin[set + 1] - in.tcp_begin[set]),
          in.udp.subspan(in.udp_begin[set], in.udp_begin[set + 1] - in.udp_begin[set])};
}

Snapshot::GpuRange Snapshot::gpus(std::uint32_t instance) const {
  const auto at = std::ranges::lower_bound(gpu_instances_, instance);
  if (at == gpu_instances_.end() || *at != instance) {
    return {0, 0};
  }
  const auto place = static_cast<std::size_t>(at - gpu_instances_.begin());
  const std::uint32_t begin = storage_->gpu_begin[place];
  return {begin, storage_->gpu_begin[place + 1] - begin};
}

std::optional<std::uint32_t> Snapshot::find_instance(std::string_view arn_or_id) const {
  const std::uint32_t at = instance_arns_.lower_bound(arn_or_id);
  if (at < instance_count_ && instance_arns_.text(at) == arn_or_id) {
    return at;
  }
  if (arn_or_id.empty() || arn_or_id.find('/') != std::string_view::npos) {
    return std::nullopt;
  }
  const LastPart wanted(instance_arns_, arn_or_id);
  std::optional<std::uint32_t> found;
  for (std::uint32_t index = 0; index < instance_count_; ++index) {
    if (wanted.matches(index)) {
      if (found) {
        return std::nullopt;
      }
      found = index;
    }
  }
  return found;
}

std::optional<std::uint32_t> Snapshot::find_own_resource(std::string_view name) const {
  const auto at = std::ranges::find(own_resources_, name, &OwnResource::name);
  return at == own_resources_.end() ? std::nullopt : std::optional(static_cast<std::uint32_t>(at - own_resources_.begin()));
}

std::uint32_t Snapshot::attribute(std::uint32_t instance, std::uint32_t name) const {
  const std::span<const AttributePair> set = attribute_set_pairs(attribute_set_[instance]);
  if (const auto at = std::ranges::lower_bound(set, name, {}, &AttributePair::name); at != set.end() && at->name == name) {
    return at->value;
  }
  const auto wide = std::ranges::lower_bound(wide_attributes_, name, {}, &WideAttribute::name);
  return wide != wide_attributes_.end() && wide->name == name ? wide->values[instance] : kAttributeAbsent;
}

std::optional<std::string_view> Snapshot::attribute_text(std::uint32_t instance, std::string_view name) const {
  const std::optional<std::uint32_t> name_id = attribute_names_.find(name);
  const std::uint32_t value = name_id ? attribute(instance, *name_id) : kAttributeAbsent;
  if (value == kAttributeAbsent) {
    return std::nullopt;
  }
  return value == kAttributeNameOnly ? std::string_view{} : attribute_values_.at(value);
}

}  // namespace berth
