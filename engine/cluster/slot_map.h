// SlotMap: numbers by slot, in open addressing: a lookup touches one or two cache lines, and only growth allocates.
//
// Thread rule: a plain container. Lifetime: owns its entries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/hash.h"

namespace berth::cluster {

template <typename Value>
class SlotMap {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bytes() const { return entries_.capacity() * sizeof(Entry); }
  void clear() {
    for (Entry& entry : entries_) {
      entry.key_plus_one = 0;
    }
    size_ = 0;
  }

  // nullptr: not there. Good until the next insert or erase.
  [[nodiscard]] const Value* find(std::uint32_t slot) const {
    if (size_ == 0) {
      return nullptr;
    }
    for (std::size_t at = home(slot);; at = (at + 1) & mask()) {
      if (entries_[at].key_plus_one == 0) {
        return nullptr;
      }
      if (entries_[at].key_plus_one == slot + 1) {
        return &entries_[at].value;
      }
    }
  }

  // Starts to bring what find() looks at into the caches.
  void prefetch(std::uint32_t slot) const {
    if (size_ != 0) {
      __builtin_prefetch(&entries_[home(slot)]);
    }
  }

  // Calls visit(slot, value) for each entry, in no order.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (const Entry& entry : entries_) {
      if (entry.key_plus_one != 0) {
        visit(entry.key_plus_one - 1, entry.value);
      }
    }
  }

  void put(std::uint32_t slot, const Value& value) {
    if (2 * (size_ + 1) > entries_.size()) {
      grow();
    }
    for (std::size_t at = home(slot);; at = (at + 1) & mask()) {
      if (entries_[at].key_plus_one == slot + 1) {
        entries_[at].value = value;
        return;
      }
      if (entries_[at].key_plus_one == 0) {
        entries_[at] = {slot + 1, value};
        ++size_;
        return;
      }
    }
  }

  void erase(std::uint32_t slot) {
    if (size_ == 0) {
      return;
    }
    std::size_t at = home(slot);
    while (entries_[at].key_plus_one != slot + 1) {
      if (entries_[at].key_plus_one == 0) {
        return;
      }
      at = (at + 1) & mask();
    }
    --size_;
    // What follows in the run moves up, unless that would put it before its home.
    for (std::size_t from = (at + 1) & mask(); entries_[from].key_plus_one != 0; from = (from + 1) & mask()) {
      const std::size_t wanted = home(entries_[from].key_plus_one - 1);
      if (((from - wanted) & mask()) >= ((from - at) & mask())) {
        entries_[at] = entries_[from];
        at = from;
      }
    }
    entries_[at].key_plus_one = 0;
  }

 private:
  struct Entry {
    std::uint32_t key_plus_one = 0;
    Value value{};
  };
  [[nodiscard]] std::size_t mask() const { return entries_.size() - 1; }
  [[nodiscard]] std::size_t home(std::uint32_t slot) const { return static_cast<std::size_t>(mix64(slot)) & mask(); }
  void grow() {
    // By four, so that a number of entries that only wanders does not come to the next growth.
    std::vector<Entry> old(entries_.empty() ? 64 : 4 * entries_.size());
    old.swap(entries_);
    size_ = 0;
    for (const Entry& entry : old) {
      if (entry.key_plus_one != 0) {
        put(entry.key_plus_one - 1, entry.value);
      }
    }
  }

  std::vector<Entry> entries_;  // A power of two; at most half full.
  std::size_t size_ = 0;
};

}  // namespace berth::cluster
