// The benches by workload: each function registers those of one file with Google Benchmark. They put their figures into the counters of a
// run under flat keys ("W3.random_ms"), from where FigureReporter takes them.
//
// Thread rule: call from the benchmark's main thread, once.
#pragma once

namespace berth::bench {

void register_memory();
void register_first_decision();
void register_churn();
void register_large_request();
void register_query();
void register_load();
void register_deltas();
void register_forks();
void register_replay();

}  // namespace berth::bench
