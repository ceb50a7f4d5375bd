#include "bindings/cli/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>

#include "bindings/cli/failure.h"

namespace berth::cli {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20U;

std::string cause(int error) {
  return std::generic_category().message(error);
}

// Closes what open() gave, but never standard input.
class Input {
 public:
  explicit Input(const std::string& path) : is_owned_(path != kStandardInput) {
    descriptor_ = is_owned_ ? open(path.c_str(), O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (descriptor_ < 0) {
      throw Failure(fmt::format("{}: cannot be read: {}", path, cause(errno)));
    }
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    if (is_owned_) {
      close(descriptor_);
    }
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
  bool is_owned_;
};

}  // namespace

bool names_standard_input(std::string_view path) {
  return path == kStandardInput || path == "/dev/stdin" || path == "/dev/fd/0" || path == "/proc/self/fd/0";
}

void append_file(const std::string& path, std::string& bytes) {
  const Input input(path);
  struct stat status{};
  if (fstat(input.descriptor(), &status) == 0 && S_ISREG(status.st_mode)) {
    // One byte more, so that the read that finds the end needs no further growth.
    bytes.reserve(bytes.size() + static_cast<std::size_t>(status.st_size) + 1);
  }
  while (true) {
    const std::size_t size = bytes.size();
    const std::size_t room = std::max(bytes.capacity() - size, std::size_t{1});
    bytes.resize(size + std::min(std::max(room, std::size_t{4096}), kReadBytes));
    const ssize_t count = read(input.descriptor(), bytes.data() + size, bytes.size() - size);
    const int error = errno;
    bytes.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0) {
      return;
    }
    if (count < 0 && error != EINTR) {
      throw Failure(fmt::format("{}: cannot be read: {}", path == kStandardInput ? "standard input" : path, cause(error)));
    }
  }
}

std::string read_file(const std::string& path) {
  std::string bytes;
  append_file(path, bytes);
  return bytes;
}

std::string read_file_head(const std::string& path, std::size_t byte_count) {
  const Input input(path);
  std::string bytes(byte_count, '\0');
  const ssize_t count = pread(input.descriptor(), bytes.data(), bytes.size(), 0);
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return bytes;
}

std::string local_path(const std::string& text) {
  constexpr std::string_view kScheme = "file://";
  return text.starts_with(kScheme) ? text.substr(kScheme.size()) : text;
}

int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return 0;
}

void write_standard_output(std::string_view text) {
  if (const int error = write_all(STDOUT_FILENO, text); error != 0) {
    throw Failure(error == EPIPE ? std::string() : fmt::format("standard output: cannot be written: {}", cause(error)), kExitFailed);
  }
}

void write_standard_error(std::string_view text) {
  write_all(STDERR_FILENO, text);
}

}  // namespace berth::cli
