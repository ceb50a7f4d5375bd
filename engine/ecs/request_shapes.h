// The shapes of RunTask and StartTask requests as of API version 2014-11-13, with Berth's own member "berth".
//
// Thread rule: constants. Lifetime: static.
#pragma once

#include "engine/ecs/request_shape.h"

namespace berth::ecs {

const Shape& run_task_shape();
const Shape& start_task_shape();
const Shape& task_override_shape();
// The member "berth" (engine/ecs/README.md).
const Shape& berth_shape();
// Requests of simulate, which is Berth's own.
const Shape& simulate_shape();
// One entry of `berth.subnets`.
const Shape& berth_subnet_shape();

}  // namespace berth::ecs
