#include "engine/snapshot/interner.h"

#include <functional>

namespace berth {
namespace {

constexpr std::size_t kSlotsMin = 64;

std::uint32_t fingerprint_of(std::size_t hash) {
  return static_cast<std::uint32_t>(std::uint64_t{hash} >> 32U);
}

}  // namespace

std::size_t Interner::slot_of(std::string_view text, std::uint32_t fingerprint, std::size_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].id_plus_one != 0 && (slots_[at].fingerprint != fingerprint || this->at(slots_[at].id_plus_one - 1) != text)) {
    at = (at + 1) & mask;
  }
  return at;
}

void Interner::grow() {
  std::vector<Slot> slots(slots_.empty() ? kSlotsMin : slots_.size() * 2);
  const std::size_t mask = slots.size() - 1;
  for (std::uint32_t id = 0; id < size(); ++id) {
    const std::size_t hash = std::hash<std::string_view>{}(at(id));
    std::size_t slot = hash & mask;
    while (slots[slot].id_plus_one != 0) {
      slot = (slot + 1) & mask;
    }
    slots[slot] = {id + 1, fingerprint_of(hash)};
  }
  slots_ = std::move(slots);
}

std::uint32_t Interner::intern(std::string_view text) {
  if ((std::size_t{size()} + 1) * 2 > slots_.size()) {
    grow();
  }
  const std::size_t hash = std::hash<std::string_view>{}(text);
  Slot& slot = slots_[slot_of(text, fingerprint_of(hash), hash)];
  if (slot.id_plus_one == 0) {
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    begin_.push_back(bytes_.size());
    slot = {size(), fingerprint_of(hash)};
  }
  return slot.id_plus_one - 1;
}

std::optional<std::uint32_t> Interner::find(std::string_view text) const {
  if (slots_.empty()) {
    return std::nullopt;
  }
  const std::size_t hash = std::hash<std::string_view>{}(text);
  const Slot& slot = slots_[slot_of(text, fingerprint_of(hash), hash)];
  return slot.id_plus_one == 0 ? std::nullopt : std::optional(slot.id_plus_one - 1);
}

}  // namespace berth
