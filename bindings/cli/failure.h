// Failure: why the command ends without an answer. It carries the one line for standard error and the exit code.
//
// Thread rule: a plain value. Lifetime: owns its text.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace berth::cli {

enum ExitCode : int {
  kExitDecided = 0,   // The request was decided, even if nothing fitted.
  kExitFailed = 1,    // Not the caller's doing: an output that cannot be written, memory, a defect.
  kExitBadInput = 2,  // The line says what is wrong, where, and the mend. Nothing was written.
};

class Failure : public std::exception {
 public:
  explicit Failure(std::string message, ExitCode code = kExitBadInput) : message_(std::move(message)), code_(code) {}

  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] ExitCode code() const { return code_; }
  // Lines for people below the first one; only check-expression has any.
  [[nodiscard]] const std::string& picture() const { return picture_; }
  void set_picture(std::string picture) { picture_ = std::move(picture); }

 private:
  std::string message_;
  std::string picture_;
  ExitCode code_;
};

}  // namespace berth::cli
