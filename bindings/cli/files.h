// Files and streams. Reading names the file and the cause when it fails; writing to standard output goes around stdio, so that a full
// disk is noticed.
//
// Thread rule: any thread. Lifetime: results own their bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace berth::cli {

// "-" is standard input, which one command can read only once.
inline constexpr std::string_view kStandardInput = "-";

// Whether a path leads to standard input: "-", "/dev/stdin" and its like.
bool names_standard_input(std::string_view path);

// Appends the whole file (or standard input) to `bytes`. Throws Failure.
void append_file(const std::string& path, std::string& bytes);
std::string read_file(const std::string& path);
// At most the first `byte_count` bytes.
std::string read_file_head(const std::string& path, std::size_t byte_count);
// The path that "file://PATH" names, as AWS CLI's parameters write it; any other text is a path already.
std::string local_path(const std::string& text);

// Returns the errno of the write that failed, or 0.
int write_all(int descriptor, std::string_view text);
// Throws Failure with kExitFailed; a reader that went away ends the command quietly instead (an empty message).
void write_standard_output(std::string_view text);
// Best effort: there is nobody to tell.
void write_standard_error(std::string_view text);

}  // namespace berth::cli
