// The shapes of the API's task definitions and of the pieces that requests share with them, as of API version 2014-11-13.
//
// Thread rule: constants. Lifetime: static.
#pragma once

#include "engine/ecs/request_shape.h"

namespace berth::ecs {

// RegisterTaskDefinitionRequest and TaskDefinition together: what register-task-definition takes and what describe-task-definition prints.
const Shape& task_definition_shape();
// {"taskDefinition": {...}, "tags": [...]}: the whole answer of describe-task-definition.
const Shape& task_definition_wrapper_shape();

const Shape& tag_shape();
const Shape& ephemeral_storage_shape();
const Shape& key_value_shape();
const Shape& environment_file_shape();
const Shape& resource_requirement_shape();

}  // namespace berth::ecs
