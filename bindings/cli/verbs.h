// The verbs of `berth`, and how a command line finds its verb.
//
// Thread rule: one thread. Lifetime: nothing is kept.
#pragma once

#include <string>
#include <vector>

#include "bindings/cli/failure.h"

namespace berth::cli {

using Arguments = std::vector<std::string>;

// Runs the verb that the first argument names; throws Failure.
ExitCode run(const Arguments& arguments);

// Each takes what follows the verb.
ExitCode run_import(const Arguments& arguments);
ExitCode run_generate(const Arguments& arguments);
ExitCode run_list_container_instances(const Arguments& arguments);
ExitCode run_describe_container_instances(const Arguments& arguments);
ExitCode run_run_task(const Arguments& arguments);
ExitCode run_start_task(const Arguments& arguments);
ExitCode run_explain(const Arguments& arguments);
ExitCode run_check_expression(const Arguments& arguments);
ExitCode run_simulate(const Arguments& arguments);
ExitCode run_inspect(const Arguments& arguments);

}  // namespace berth::cli
