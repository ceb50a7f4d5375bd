// Fleets from node lists of Alibaba's openb cluster: CSV with the columns sn, cpu_milli, memory_mib, gpu and model.
//
// Thread rule: pure functions. Lifetime: results own what they hold.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/ecs/documents.h"
#include "engine/parallel/executor.h"

namespace berth::ecs {

// Each node becomes an ACTIVE instance of the cluster, without tasks: CPU units are 1.024 per thousandth of a vCPU, rounded down; its
// model of GPU is the attribute gpu.model. Errors: kInvalidArgument, naming document, line and column; kAlreadyExists (a node twice).
Result<Imported> import_openb_nodes(std::span<const Document> documents, const std::string& cluster, std::uint64_t tie_seed,
                                    Executor& executor, const DocumentOptions& options);

}  // namespace berth::ecs
