// Decision: where one task goes. Worked out as of one position of the log, and carried on to later ones without another search for as long
// as no change in between concerns it (README.md, "Windows").
//
// Thread rule: the worker's. Lifetime: one task of a call.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "engine/base/limits.h"
#include "engine/cluster/choice.h"
#include "engine/cluster/roster.h"

namespace berth::cluster {

class Decision {
 public:
  Decision(Inventory& inventory, const RequestClass& request_class, Choice& choice, Roster& roster, WorkerSlot& worker)
      : inventory_(inventory), class_(request_class), choice_(choice), roster_(roster), worker_(worker) {}

  // The slot for the request's task `index` as of `position`, where the ledger is settled; nullopt: nothing fits. The same task every time,
  // and no position before that of the last call.
  std::optional<std::uint32_t> at(std::uint64_t position, std::uint64_t seed, std::uint32_t index);

 private:
  std::optional<std::uint32_t> draw(std::uint64_t seed, std::uint32_t index);
  [[nodiscard]] bool is_tied(std::uint32_t slot);
  void forget_draws() { missed_ = 0; }
  void forget_changed_draws();

  Inventory& inventory_;
  const RequestClass& class_;
  Choice& choice_;
  Roster& roster_;
  WorkerSlot& worker_;
  bool is_made_ = false;
  std::uint64_t position_ = 0;  // As of which `best_` holds, and the draws that missed.
  std::optional<std::uint32_t> best_;
  std::uint64_t roster_changes_ = 0;                     // As of which draws have ranks.
  std::uint32_t missed_ = 0;                             // That many draws, from the first on.
  std::array<std::uint32_t, kRandomMissesMax> drawn_{};  // Their slots.
};

}  // namespace berth::cluster
