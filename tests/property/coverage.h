// Coverage: how often each feature of requests occurred, so that a run which left one out fails instead of passing.
//
// Thread rule: one thread. Lifetime: a plain value.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/oracle/place.h"

namespace berth::property {

// The features of a RunTask request that the oracle accepted.
std::vector<std::string> features_of(const oracle::Json& request, const oracle::Request& read);

// Every name that features_of() can answer.
const std::vector<std::string>& all_features();

}  // namespace berth::property
