// berth: the command line. It speaks to libberth.so through berth/berth.h and to nothing else of the engine.

#include <algorithm>
#include <csignal>
#include <exception>
#include <new>
#include <string>

#include "bindings/cli/failure.h"
#include "bindings/cli/files.h"
#include "bindings/cli/verbs.h"

namespace {

// One line, whatever a path or a value in the message holds.
void report(std::string message, const std::string& picture) {
  std::replace_if(message.begin(), message.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, ' ');
  if (!message.empty()) {
    berth::cli::write_standard_error("berth: " + message + "\n" + picture);
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  // A reader that goes away is noticed by the write that fails.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return berth::cli::run({arguments + 1, arguments + std::max(argument_count, 1)});
  } catch (const berth::cli::Failure& failure) {
    report(failure.what(), failure.picture());
    return failure.code();
  } catch (const std::bad_alloc&) {
    report("out of memory", "");
  } catch (const std::exception& exception) {
    report(std::string("a defect of Berth: ") + exception.what(), "");
  }
  return berth::cli::kExitFailed;
}
