// check-expression: the syntax of an expression with a caret under the mistake; against an inventory, what each term selects.

#include <cstdint>
#include <optional>
#include <string>

#include "bindings/cli/call.h"
#include "bindings/cli/caret.h"
#include "bindings/cli/command.h"
#include "bindings/cli/files.h"
#include "bindings/cli/json_parameter.h"
#include "bindings/cli/progress_line.h"
#include "bindings/cli/request_flags.h"
#include "bindings/cli/verbs.h"

namespace berth::cli {
namespace {

std::string read_expression(const std::string& argument) {
  std::string expression = argument == kStandardInput ? read_file(argument) : parameter_text("EXPRESSION", argument);
  // The newline with which files and echo end is not part of the expression.
  while (expression.ends_with('\n') || expression.ends_with('\r')) {
    expression.pop_back();
  }
  return expression;
}

}  // namespace

ExitCode run_check_expression(const Arguments& arguments) {
  std::optional<std::string> path, argument, format;
  Command command(
      "check-expression",
      "Check an expression of the cluster query language. A mistake is shown with a caret below it. With -s: how many instances "
      "the expression and each of its terms select, terms that match everything or nothing, and attributes that no instance has.",
      "berth check-expression \"attribute:ecs.instance-type =~ c5.* and runningTasksCount < 5\"\n"
      "berth check-expression -s fleet.berth --output table \"attribute:ecs.os-type == windows\"");
  command.add({.names = "EXPRESSION",
               .value = "",
               .description = "The expression; - is standard input, file://PATH a file",
               .need = FlagText::Need::kConditional,
               .reads_file = true},
              argument);
  command.add({.names = "-s,--snapshot",
               .value = "FILE",
               .description = "Check against this inventory (default: the syntax alone)",
               .reads_file = true},
              path);
  command.add({.names = "--output", .value = "FORMAT", .description = "json or table (default json)"}, format);
  add_global_flags(command);
  if (!command.parse(arguments)) {
    return kExitDecided;
  }
  if (!argument.has_value()) {
    throw Failure("check-expression: no expression is given; put it in quotes behind the flags");
  }
  const berth_format rendered = read_format("check-expression", format.value_or("json"));
  const std::string expression = read_expression(*argument);

  const EngineHandle engine = make_engine();
  ProgressLine progress(engine.get());
  const SnapshotHandle snapshot = path.has_value() ? read_snapshot(engine.get(), *path) : nullptr;
  berth_document* made = nullptr;
  berth_error* error = nullptr;
  const berth_status status =
      berth_snapshot_check_expression(engine.get(), snapshot.get(), expression.data(), expression.size(), rendered, &made, &error);
  const DocumentHandle document(made);
  uint32_t offset = 0;
  uint32_t length = 0;
  if (status != BERTH_OK && berth_error_place(error, &offset, &length) == 1) {
    const ErrorHandle held(error);
    Failure failure(describe_error(error, {}));
    failure.set_picture(caret_picture(expression, offset, length));
    throw failure;
  }
  require_ok(status, error);
  progress.finish();
  write_standard_output(text_of(document));
  return kExitDecided;
}

}  // namespace berth::cli
