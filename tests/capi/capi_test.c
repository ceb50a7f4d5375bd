/* Every function of berth.h from C, its failures included. usage: berth_capi_test FOLDER (where files may be written) */
#include "capi_test.h"

int checks_failed = 0;
const char* test_folder = ".";

const char kInstances[] =
    "{\"containerInstances\": ["
    "{\"containerInstanceArn\": \"arn:aws:ecs:us-east-1:123456789012:container-instance/test/0123456789abcdef0123456789abcdef\","
    " \"ec2InstanceId\": \"i-0001\", \"version\": 3, \"status\": \"ACTIVE\", \"agentConnected\": true,"
    " \"runningTasksCount\": 1, \"pendingTasksCount\": 0,"
    " \"registeredResources\": [{\"name\": \"CPU\", \"type\": \"INTEGER\", \"integerValue\": 2048},"
    "  {\"name\": \"MEMORY\", \"type\": \"INTEGER\", \"integerValue\": 4096}],"
    " \"remainingResources\": [{\"name\": \"CPU\", \"type\": \"INTEGER\", \"integerValue\": 1024},"
    "  {\"name\": \"MEMORY\", \"type\": \"INTEGER\", \"integerValue\": 2048}],"
    " \"attributes\": [{\"name\": \"ecs.availability-zone\", \"value\": \"us-east-1a\"}]},"
    "{\"containerInstanceArn\": \"arn:aws:ecs:us-east-1:123456789012:container-instance/test/fedcba9876543210fedcba9876543210\","
    " \"ec2InstanceId\": \"i-0002\", \"version\": 4, \"status\": \"ACTIVE\", \"agentConnected\": true,"
    " \"runningTasksCount\": 0, \"pendingTasksCount\": 0,"
    " \"registeredResources\": [{\"name\": \"CPU\", \"type\": \"INTEGER\", \"integerValue\": 1024},"
    "  {\"name\": \"MEMORY\", \"type\": \"INTEGER\", \"integerValue\": 1024}],"
    " \"remainingResources\": [{\"name\": \"CPU\", \"type\": \"INTEGER\", \"integerValue\": 1024},"
    "  {\"name\": \"MEMORY\", \"type\": \"INTEGER\", \"integerValue\": 1024}],"
    " \"attributes\": [{\"name\": \"ecs.availability-zone\", \"value\": \"us-east-1b\"}]}"
    "], \"failures\": []}";

const char kTasks[] =
    "{\"tasks\": [{\"taskArn\": \"arn:aws:ecs:us-east-1:123456789012:task/test/11111111111111111111111111111111\","
    " \"containerInstanceArn\": \"arn:aws:ecs:us-east-1:123456789012:container-instance/test/0123456789abcdef0123456789abcdef\","
    " \"taskDefinitionArn\": \"arn:aws:ecs:us-east-1:123456789012:task-definition/web:1\", \"group\": \"service:web\","
    " \"lastStatus\": \"RUNNING\", \"desiredStatus\": \"RUNNING\", \"launchType\": \"EC2\", \"cpu\": \"1024\", \"memory\": \"2048\"}]}";

const char kRunRequest[] =
    "{\"taskDefinition\": {\"family\": \"job\", \"containerDefinitions\": [{\"name\": \"job\", \"image\": \"job\", \"cpu\": 128,"
    " \"memory\": 512}]}, \"count\": 2, \"berth\": {\"seed\": 1, \"now\": \"2026-01-01T00:00:00Z\"}}";

void check_failure(const char* file, int line, const char* call, berth_status status, berth_status wanted, berth_error* error,
                   const char* text) {
  size_t length = 0;
  const char* message = berth_error_message(error, &length);
  if (status != wanted || error == NULL || berth_error_status(error) != wanted || length == 0 || strlen(message) != length ||
      strstr(message, text) == NULL) {
    fprintf(stderr, "%s:%d: %s gave status %d and the error \"%s\", wanted %d and \"%s\"\n", file, line, call, (int)status, message,
            (int)wanted, text);
    ++checks_failed;
  }
  berth_error_free(error);
}

berth_engine* make_test_engine(void) {
  berth_engine* engine = NULL;
  berth_engine_options options;
  CHECK(berth_engine_options_init(&options, sizeof options) == BERTH_OK);
  options.executor = BERTH_EXECUTOR_SERIAL;
  CHECK(berth_engine_new(&options, &engine, NULL) == BERTH_OK);
  return engine;
}

berth_snapshot* make_test_snapshot(berth_engine* engine) {
  char blob[8192];
  berth_input inputs[2];
  berth_snapshot* snapshot = NULL;
  const size_t instances_bytes = sizeof kInstances - 1;
  const size_t tasks_bytes = sizeof kTasks - 1;
  blob[0] = 'a';
  blob[1] = 'b';
  memcpy(blob + 2, kInstances, sizeof kInstances);
  memcpy(blob + 2 + instances_bytes, kTasks, sizeof kTasks);
  inputs[0].name_offset = 0;
  inputs[0].name_length = 1;
  inputs[0].text_offset = 2;
  inputs[0].text_length = instances_bytes;
  inputs[1].name_offset = 1;
  inputs[1].name_length = 1;
  inputs[1].text_offset = 2 + instances_bytes;
  inputs[1].text_length = tasks_bytes;
  CHECK(berth_snapshot_import(engine, inputs, 2, blob, 2 + instances_bytes + tasks_bytes, NULL, 0, &snapshot, NULL, NULL) == BERTH_OK);
  CHECK(snapshot != NULL);
  return snapshot;
}

int main(int argument_count, char** arguments) {
  if (argument_count > 1) {
    test_folder = arguments[1];
  }
  test_arguments();
  test_handles();
  test_calls();
  test_live();
  test_live_calls();
  if (checks_failed != 0) {
    fprintf(stderr, "%d checks failed\n", checks_failed);
    return 1;
  }
  return 0;
}
