// Alibaba's openb cluster as Berth takes it: its GPU nodes as a fleet, its pods as a trace, and what was published about policies on them.
//
// Thread rule: one thread. Lifetime: owns what it holds.
#pragma once

#include <map>
#include <string>

#include "engine/parallel/executor.h"
#include "engine/service/trace.h"
#include "engine/snapshot/snapshot.h"

namespace berth::quality {

struct OpenbInputs {
  SnapshotPtr fleet;
  service::Trace trace;
  // Mean percent of the GPUs in use, by policy and by percent of the GPUs demanded: "100", "110", ...
  std::map<std::string, std::map<std::string, double>> published;
};

// Reads BERTH_DATA; ends the program with one line when something of it cannot be read.
OpenbInputs read_openb(Executor& executor);

}  // namespace berth::quality
