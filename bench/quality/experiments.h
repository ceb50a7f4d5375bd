// The experiments; each prints its table to standard output.
//
// Thread rule: one thread.
#pragma once

namespace berth::quality {

// Inflation on openb's GPU nodes, per chain, beside the published order of policies.
void print_openb();
// Instances used over the proven optimum, beside first fit and first fit decreasing.
void print_vp2d();

}  // namespace berth::quality
