// What a file that was given in the wrong place looks like, and which flag or verb takes it.
//
// Thread rule: pure functions. Lifetime: constants.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace berth::cli {

enum class FileKind : std::uint8_t { kSnapshot, kInventory, kTaskDefinition, kRequest, kOtherJson, kCompressed };

// "this is a task definition; run-task, start-task and explain take it with --task-definition". Empty when the kind is `wanted`, and for
// JSON of no known kind unless a snapshot is wanted. Of long JSON only the beginning is looked at.
std::string misplaced_file(std::string_view bytes, FileKind wanted);

}  // namespace berth::cli
