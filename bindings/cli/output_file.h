// Text files that a command writes beside its answer: seen to before any work is done, and replaced as a whole or not at all.
//
// Thread rule: one thread. Lifetime: nothing is kept.
#pragma once

#include <string>
#include <string_view>

namespace berth::cli {

// Whether the path names a snapshot.
bool is_snapshot_file(const std::string& path);

// Refuses a place that no regular file can be written to. `what` is what would go there: "a snapshot". Throws Failure.
void require_output_place(std::string_view verb, std::string_view flag, const std::string& path, std::string_view what);
// The same for text; a snapshot that stands there is not overwritten either.
void require_text_place(std::string_view verb, std::string_view flag, const std::string& path, std::string_view what);

// Writes beside `path` and renames. Throws a Failure with kExitFailed.
void write_text_file(const std::string& path, std::string_view text);

}  // namespace berth::cli
