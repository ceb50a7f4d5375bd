// GroupMembers: the instances with counting tasks of one group, and what changed of them of late, so that whoever sums them up by
// attributes need not do so anew.
//
// Thread rule: one thread at a time. Lifetime: owns its entries.
#pragma once

#include <array>
#include <cstdint>

#include "engine/cluster/slot_map.h"

namespace berth::cluster {

class GroupMembers {
 public:
  struct Member {
    std::uint32_t count = 0;
    std::uint32_t attribute_set = 0;
    std::uint32_t identity = 0;  // Which instance the slot holds.

    friend bool operator==(const Member&, const Member&) = default;
  };
  struct Step {
    Member before;
    Member after;
  };

  [[nodiscard]] const SlotMap<Member>& members() const { return members_; }
  // A count of 0 takes the slot out.
  void set(std::uint32_t slot, const Member& now) {
    const Member* known = members_.find(slot);
    const Member before = known == nullptr ? Member{0, now.attribute_set, now.identity} : *known;
    if (before == now || (before.count == 0 && now.count == 0)) {
      return;
    }
    if (now.count == 0) {
      members_.erase(slot);
    } else {
      members_.put(slot, now);
    }
    steps_[end_++ % kSteps] = {before, now};
  }
  void clear() {
    members_.clear();
    end_ += kSteps + 1;
  }

  // Steps are numbered; those from max(end() - kSteps, 0) on can be read.
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] bool reaches_back_to(std::uint64_t step) const { return end_ - step <= kSteps; }
  [[nodiscard]] const Step& step(std::uint64_t number) const { return steps_[number % kSteps]; }

 private:
  static constexpr std::uint64_t kSteps = 32;
  SlotMap<Member> members_;
  std::array<Step, kSteps> steps_{};
  std::uint64_t end_ = 0;
};

}  // namespace berth::cluster
