#include "bindings/cli/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "bindings/cli/failure.h"
#include "bindings/cli/files.h"

namespace berth::cli {
namespace {

[[noreturn]] void fail_write(const std::string& path, int error) {
  throw Failure(fmt::format("{}: cannot be written: {}", path, std::generic_category().message(error)), kExitFailed);
}

// What a new file may be read and written by, apart from what umask takes away.
constexpr mode_t kFileMode = 0666;
constexpr mode_t kPermissionBits = 07777;

}  // namespace

bool is_snapshot_file(const std::string& path) {
  constexpr std::string_view kIdentifier = "BRTH";  // At byte 4 of every snapshot.
  constexpr std::size_t kIdentifierOffset = 4;
  const std::string head = read_file_head(path, kIdentifierOffset + kIdentifier.size());
  return head.size() >= kIdentifierOffset && std::string_view(head).substr(kIdentifierOffset) == kIdentifier;
}

void require_output_place(std::string_view verb, std::string_view flag, const std::string& path, std::string_view what) {
  if (path.empty() || path == kStandardInput) {
    throw Failure(fmt::format("{}: {}: {} goes to a file, not to standard output; name one", verb, flag, what));
  }
  struct stat status{};
  if (stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) {
      throw Failure(fmt::format("{}: {}: {} is a directory; name a file", verb, flag, path));
    }
    if (!S_ISREG(status.st_mode)) {
      throw Failure(fmt::format("{}: {}: {} is no regular file, and {} cannot replace it; name another file", verb, flag, path, what));
    }
  } else if (lstat(path.c_str(), &status) == 0) {
    throw Failure(fmt::format("{}: {}: {} is a link that leads to no file; remove it, or name another file", verb, flag, path));
  }
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    throw Failure(fmt::format("{}: {}: there is no directory {}", verb, flag, folder));
  }
  // A file is written beside its old self and renamed, so the folder counts and not the file.
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    throw Failure(fmt::format("{}: {}: the directory {} cannot be written to ({}); name a file elsewhere, or change its permissions", verb,
                              flag, folder, std::generic_category().message(errno)));
  }
}

void require_text_place(std::string_view verb, std::string_view flag, const std::string& path, std::string_view what) {
  require_output_place(verb, flag, path, what);
  if (access(path.c_str(), F_OK) == 0 && is_snapshot_file(path)) {
    throw Failure(fmt::format("{}: {}: {} is a snapshot; name another file for {}", verb, flag, path, what));
  }
}

void write_text_file(const std::string& path, std::string_view text) {
  // Through a link, the file that it leads to is replaced.
  char* resolved = realpath(path.c_str(), nullptr);
  const std::string target = resolved == nullptr ? path : std::string(resolved);
  std::free(resolved);
  const std::string part = fmt::format("{}.part-{}", target, getpid());
  const int descriptor = open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
  if (descriptor < 0) {
    fail_write(path, errno);
  }
  struct stat old{};
  if (stat(target.c_str(), &old) == 0) {
    fchmod(descriptor, old.st_mode & kPermissionBits);
  }
  int error = write_all(descriptor, text);
  error = error == 0 && fsync(descriptor) != 0 ? errno : error;
  error = close(descriptor) == 0 || error != 0 ? error : errno;
  if (error == 0 && rename(part.c_str(), target.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    unlink(part.c_str());
    fail_write(path, error);
  }
}

}  // namespace berth::cli
