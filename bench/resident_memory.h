// What a process that holds a fleet keeps in memory, measured in a fresh process: one that has made or measured other things keeps pages
// of theirs.
//
// Thread rule: one thread.
#pragma once

#include <optional>
#include <string>

namespace berth::bench {

// The first argument of the fresh process.
inline constexpr const char* kMeasureFlag = "--measure-resident-memory";

// Resident MiB of a fresh process of this program that has read the snapshot ("snapshot") or made a live cluster of it ("cluster"),
// program text and libraries included. nullopt: it could not be run.
std::optional<double> resident_mib(const std::string& what, const std::string& file);
// The fresh process's side; returns its exit code.
int print_resident_memory(const char* what, const char* file);

}  // namespace berth::bench
