// Choice: what a worker chooses by for the length of a call: its index, and the class's window that goes with it.
//
// Thread rule: the worker's. Lifetime: the call.
#pragma once

#include "engine/cluster/index.h"
#include "engine/cluster/inventory.h"
#include "engine/cluster/request_class.h"
#include "engine/cluster/window.h"

namespace berth::cluster {

struct Choice {
  Choice(Inventory& inventory, RequestClass& request_class, const WorkerSlot& worker)
      : index(inventory.indexes->of(inventory, worker)), window(request_class.window(inventory, worker)) {}

  // Reads the log up to `position`, where the ledger is settled.
  void catch_up(std::uint64_t position, WorkerSlot& worker) {
    index.catch_up(position);
    window.catch_up(index.feed(), worker);
  }

  Index& index;
  Window& window;
};

}  // namespace berth::cluster
