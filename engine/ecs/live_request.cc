#include "engine/ecs/live_request.h"

#include <utility>

#include "engine/ecs/request.h"
#include "engine/ecs/run_task.h"

namespace berth::ecs {

Result<placement::Request> read_live_request(std::string_view request_json, const Snapshot& base, const DocumentOptions& options) {
  Result<JsonDocument> document = JsonDocument::parse(kRequestSource, request_json);
  if (!document.ok()) {
    return std::move(document).error();
  }
  Result<TaskRequest> request = read_run_task(document->root(), base, options);
  if (!request.ok()) {
    return std::move(request).error();
  }
  if (request->is_fargate()) {
    return Error{.code = StatusCode::kUnsupported,
                 .message =
                     "launchType: tasks on Fargate are on no instance, so that there is nothing to make ready; ask for EC2 or EXTERNAL, or "
                     "call RunTask with the whole request",
                 .source = std::string(kRequestSource)};
  }
  return std::move(request->placement);
}

}  // namespace berth::ecs
