#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "engine/snapshot/builder.h"
#include "engine/snapshot/reader.h"
#include "engine/snapshot/storage.h"

namespace berth {
namespace {

// Bytes per read or write call: bounded so that reads can share the executor and no call nears the 2 GiB that Linux transfers at once.
constexpr std::size_t kTransferBytes = std::size_t{8} << 20U;

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  // Closes now; false when the system reports a late error.
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

Error io_error(std::string_view action, const std::string& path, int cause) {
  return Error{.code = StatusCode::kIoError,
               .message = "cannot " + std::string(action) + " \"" + path + "\": " + std::generic_category().message(cause),
               .source = path};
}

Error with_source(Error error, const std::string& path) {
  error.source = path;
  return error;
}

// An open regular file and its size.
Result<std::size_t> size_of(const FileDescriptor& file, const std::string& path) {
  struct stat status{};
  if (::fstat(file.number(), &status) != 0) {
    return io_error("read", path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{.code = StatusCode::kIoError, .message = "cannot read \"" + path + "\": it is no regular file", .source = path};
  }
  return static_cast<std::size_t>(status.st_size);
}

// 0, or the errno of the failure; EIO when the file ends early.
int read_range(int file, std::uint8_t* out, std::size_t begin, std::size_t end) {
  while (begin < end) {
    const ssize_t count = ::pread(file, out + begin, end - begin, static_cast<off_t>(begin));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return count < 0 ? errno : EIO;
    }
    begin += static_cast<std::size_t>(count);
  }
  return 0;
}

int write_all(int file, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), std::min(bytes.size(), kTransferBytes));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return count < 0 ? errno : EIO;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return 0;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Where a file goes: the path with links followed, and what stands there.
struct Target {
  std::string path;
  std::optional<struct stat> old = {};
};

// Follows a link, so that what it leads to is replaced and the link stays. Only regular files are replaced: a FIFO or a device would be
// gone for whoever else uses it.
Result<Target> find_target(const std::string& path) {
  struct stat link{};
  if (::lstat(path.c_str(), &link) != 0) {
    return errno == ENOENT ? Result<Target>(Target{.path = path}) : io_error("write", path, errno);
  }
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    return io_error("follow the link", path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{.code = StatusCode::kIoError, .message = "cannot write \"" + path + "\": it is no regular file", .source = path};
  }
  if (!S_ISLNK(link.st_mode)) {
    return Target{.path = path, .old = status};
  }
  std::error_code cause;
  std::string followed = std::filesystem::canonical(path, cause).string();
  if (cause) {
    return io_error("follow the link", path, cause.value());
  }
  return Target{.path = std::move(followed), .old = status};
}

// Makes a new file beside `path`; what a crash left there keeps its name and is passed over.
int create_beside(const std::string& path, mode_t mode, std::string& name) {
  constexpr int kAttemptsMax = 1000;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    name = path + ".new" + std::to_string(attempt);
    const int number = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (number >= 0 || errno != EEXIST) {
      return number;
    }
  }
  return -1;
}

// Gives the new file the mode of the old one, and its owner and group where the system permits that. 0, or the errno of the failure.
int keep_access(int file, const struct stat& old) {
  constexpr mode_t kPermissionBits = 0777;
  // The mode first: a file that was given away can no longer be changed.
  if (::fchmod(file, old.st_mode & kPermissionBits) != 0) {
    return errno;
  }
  if (::fchown(file, old.st_uid, old.st_gid) != 0) {
    // The group alone may be permitted; when it is not either, the file stays the writer's.
    [[maybe_unused]] const int kept = ::fchown(file, static_cast<uid_t>(-1), old.st_gid);
  }
  return 0;
}

// 0, or the errno of the failure.
int fill(FileDescriptor& file, const std::optional<struct stat>& old, std::span<const std::uint8_t> bytes) {
  int cause = old.has_value() ? keep_access(file.number(), *old) : 0;
  if (cause == 0) {
    cause = write_all(file.number(), bytes);
  }
  if (cause == 0 && ::fsync(file.number()) != 0) {
    cause = errno;
  }
  if (!file.close() && cause == 0) {
    cause = errno;
  }
  return cause;
}

// Whether the device failed. Any other errno of fsync() on a directory means that its file system does not sync directories (EINVAL) or
// does not permit it (EACCES).
bool is_device_failure(int cause) {
  return cause == EIO || cause == ENOSPC || cause == EDQUOT;
}

}  // namespace

Mapping::Mapping(Mapping&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Mapping::~Mapping() {
  if (data_ != nullptr) {
    ::munmap(const_cast<std::uint8_t*>(data_), size_);
  }
}

Result<std::shared_ptr<const Snapshot>> Snapshot::read_file(const std::string& path, Executor& executor) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return io_error("open", path, errno);
  }
  const Result<std::size_t> size = size_of(file, path);
  if (!size) {
    return size.error();
  }
  // Not cleared first: every byte is read.
  std::unique_ptr<std::uint8_t[]> block(new std::uint8_t[*size]);
  std::atomic<int> cause{0};
  executor.run((*size + kTransferBytes - 1) / kTransferBytes, [&](std::size_t part) {
    const int failure = read_range(file.number(), block.get(), part * kTransferBytes, std::min(*size, (part + 1) * kTransferBytes));
    if (failure != 0) {
      cause.store(failure, std::memory_order_relaxed);
    }
  });
  if (cause.load(std::memory_order_relaxed) != 0) {
    return io_error("read", path, cause.load(std::memory_order_relaxed));
  }
  Result<std::shared_ptr<const Snapshot>> snapshot = SnapshotReader::read(SnapshotReader::hold(std::move(block), *size), executor);
  if (!snapshot) {
    return with_source(std::move(snapshot).error(), path);
  }
  return snapshot;
}

Result<std::shared_ptr<const Snapshot>> Snapshot::map_file(const std::string& path, Executor& executor) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return io_error("open", path, errno);
  }
  const Result<std::size_t> size = size_of(file, path);
  if (!size) {
    return size.error();
  }
  // An empty file has nothing to map; verify() says what is wrong with it.
  Mapping mapping;
  if (*size > 0) {
    void* const data = ::mmap(nullptr, *size, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (data == MAP_FAILED) {
      return io_error("map", path, errno);
    }
    mapping = Mapping(static_cast<const std::uint8_t*>(data), *size);
  }
  Result<std::shared_ptr<const Snapshot>> snapshot = SnapshotReader::read(SnapshotReader::hold(std::move(mapping)), executor);
  if (!snapshot) {
    return with_source(std::move(snapshot).error(), path);
  }
  return snapshot;
}

Outcome write_file_atomically(const std::string& path, std::span<const std::uint8_t> bytes) {
  const Result<Target> target = find_target(path);
  if (!target) {
    return target.error();
  }
  // Opened before anything is replaced, so that a failure here leaves the old file. A directory that may be written to but not read
  // (EACCES) cannot be synced.
  const FileDescriptor directory(::open(directory_of(target->path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() && errno != EACCES) {
    return io_error("open the directory of", path, errno);
  }
  // Nobody else may read a file that replaces a private one, not even while it is written.
  const mode_t mode = target->old.has_value() ? 0600 : 0666;
  std::string beside;
  FileDescriptor file(create_beside(target->path, mode, beside));
  if (!file.is_open()) {
    return io_error("create a file beside", path, errno);
  }
  int cause = fill(file, target->old, bytes);
  if (cause == 0 && ::rename(beside.c_str(), target->path.c_str()) != 0) {
    cause = errno;
  }
  if (cause != 0) {
    ::unlink(beside.c_str());
    return io_error("write", path, cause);
  }
  // The new name lasts over a crash once the directory is on disk.
  if (directory.is_open() && ::fsync(directory.number()) != 0 && is_device_failure(errno)) {
    Error error = io_error("sync the directory of", path, errno);
    error.message += "; the new file is in place, but may not survive a crash";
    return error;
  }
  return {};
}

}  // namespace berth
