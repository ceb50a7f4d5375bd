// Deciding a TaskRequest: what run_task(), start_task() and explain() share between reading a request and writing its answer.
//
// Thread rule: pure functions. Lifetime: an Answer looks into the request, the snapshot and the decision.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/ecs/answer.h"
#include "engine/ecs/documents.h"
#include "engine/ecs/request.h"
#include "engine/placement/decision.h"

namespace berth::ecs {

// The name under which a request stands in errors.
inline constexpr std::string_view kRequestSource = "request";

// The answer that a decision gives. REQUIRES: the request is not for Fargate.
Answer answer_of(const TaskRequest& request, const Snapshot& snapshot, const placement::Decision& decision, std::string_view request_text);

// The answer to a request for Fargate, which takes all that is asked for.
Answer fargate_answer(const TaskRequest& request, const Snapshot& snapshot, std::string_view request_text);

// Writes an answer in the format that was asked for, and the next inventory if it is wanted.
Result<RunAnswer> finish_answer(const Answer& answer, bool want_next, Executor& executor, const DocumentOptions& options);

}  // namespace berth::ecs
