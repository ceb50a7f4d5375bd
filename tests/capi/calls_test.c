/* What the calls answer, and the errors of wrong requests and documents. */
#include "capi_test.h"

static int holds(const berth_document* document, const char* text) {
  return strstr(berth_document_text(document, NULL), text) != NULL;
}

static void test_import_and_generate(berth_engine* engine) {
  const char blob[] = "file.json{\"containerInstances\": [{\"containerInstanceArn\": 7}]}";
  const berth_input input = {0, 9, 9, sizeof blob - 10};
  const berth_input good = {0, 0, 0, strlen(kInstances)};
  const char generate[] = "{\"instances\": 20, \"seed\": 3}";
  const char wrong[] = "{\"instancs\": 20}";
  berth_snapshot* snapshot = NULL;
  berth_document* report = NULL;
  uint32_t instance_count = 0;
  uint32_t task_count = 99;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "file.json",
              berth_snapshot_import(engine, &input, 1, blob, sizeof blob - 1, NULL, 0, &snapshot, &report, &error));
  CHECK(snapshot == NULL && report == NULL);
  CHECK(berth_snapshot_import(engine, &good, 1, kInstances, strlen(kInstances), "{\"cluster\": \"test\"}", 19, &snapshot, &report, NULL) ==
        BERTH_OK);
  CHECK(holds(report, "\"instances\": 2"));
  CHECK(berth_snapshot_counts(snapshot, &instance_count, &task_count) == BERTH_OK && instance_count == 2 && task_count == 0);
  berth_document_free(report);
  berth_snapshot_release(snapshot);
  snapshot = NULL;
  CHECK_FAILS(
      BERTH_INVALID_ARGUMENT, "format",
      berth_snapshot_import(engine, &good, 1, kInstances, strlen(kInstances), "{\"format\": \"csv\"}", 17, &snapshot, &report, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "file.json: line 1",
              berth_snapshot_import(engine, &input, 1, blob, sizeof blob - 1, "{\"format\": \"openb\"}", 19, &snapshot, &report, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "instances", berth_snapshot_generate(engine, wrong, sizeof wrong - 1, &snapshot, &error));
  CHECK(snapshot == NULL);
  CHECK(berth_snapshot_generate(engine, generate, sizeof generate - 1, &snapshot, NULL) == BERTH_OK);
  CHECK(berth_snapshot_counts(snapshot, &instance_count, NULL) == BERTH_OK && instance_count == 20);
  berth_snapshot_release(snapshot);
}

static void test_files(berth_engine* engine, berth_snapshot* snapshot) {
  char path[4096];
  const uint8_t* bytes = NULL;
  const uint8_t* read_bytes = NULL;
  size_t byte_count = 0;
  size_t read_count = 0;
  uint32_t flags = 0;
  berth_snapshot* copy = NULL;
  snprintf(path, sizeof path, "%s/capi_test.berth", test_folder);
  CHECK(berth_snapshot_bytes(snapshot, &bytes, &byte_count) == BERTH_OK && bytes != NULL && byte_count > 0);
  CHECK(berth_snapshot_write(snapshot, path, strlen(path), NULL) == BERTH_OK);
  for (flags = 0; flags <= BERTH_READ_MAP; ++flags) {
    CHECK(berth_snapshot_read(engine, path, strlen(path), flags, &copy, NULL) == BERTH_OK);
    CHECK(berth_snapshot_bytes(copy, &read_bytes, &read_count) == BERTH_OK);
    CHECK(read_count == byte_count && memcmp(read_bytes, bytes, byte_count) == 0);
    berth_snapshot_release(copy);
  }
  CHECK(berth_snapshot_from_bytes(engine, bytes, byte_count, &copy, NULL) == BERTH_OK);
  berth_snapshot_release(copy);
  copy = NULL;
  CHECK_FAILS(BERTH_MALFORMED, "", berth_snapshot_from_bytes(engine, bytes, byte_count / 2, &copy, &error));
  CHECK(copy == NULL);
  remove(path);
}

static void test_simulate(berth_engine* engine, berth_snapshot* snapshot) {
  const char trace[] = "arrival,departure,cpu,memory\n0,10,1,1\n5,10,1,999999999\n";
  const char bad[] = "arrival,departure,cpu,memory\n0,10,1,x\n";
  const char request[] = "{\"seed\": 3, \"step\": 10}";
  berth_document* answer = NULL;
  berth_document* steps = NULL;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "trace: line 2: memory",
              berth_snapshot_simulate(engine, snapshot, bad, sizeof bad - 1, NULL, 0, BERTH_FORMAT_JSON, &answer, &steps, &error));
  CHECK_FAILS(
      BERTH_INVALID_ARGUMENT, "stpe",
      berth_snapshot_simulate(engine, snapshot, trace, sizeof trace - 1, "{\"stpe\": 1}", 11, BERTH_FORMAT_JSON, &answer, &steps, &error));
  CHECK(answer == NULL && steps == NULL);
  CHECK(berth_snapshot_simulate(engine, snapshot, trace, sizeof trace - 1, request, sizeof request - 1, BERTH_FORMAT_JSON, &answer, &steps,
                                NULL) == BERTH_OK);
  CHECK(holds(answer, "\"placed\": 1") && holds(answer, "\"refused\": 1") && holds(answer, "\"seed\": 3"));
  CHECK(holds(steps, "time_s,arrived,placed,refused,departed,running,") && holds(steps, "\n10,1,0,1,1,0,"));
  berth_document_free(steps);
  berth_document_free(answer);
  CHECK(berth_snapshot_simulate(engine, snapshot, trace, sizeof trace - 1, NULL, 0, BERTH_FORMAT_TABLE, &answer, NULL, NULL) == BERTH_OK);
  CHECK(holds(answer, "Replayed 2 tasks over 10 s"));
  berth_document_free(answer);
}

static void test_answers(berth_engine* engine, berth_snapshot* snapshot) {
  const char list[] = "{\"filter\": \"runningTasksCount == 0\"}";
  const char describe[] = "{\"containerInstances\": [\"fedcba9876543210fedcba9876543210\", \"nothing\"]}";
  berth_document* answer = NULL;
  CHECK(berth_snapshot_list(engine, snapshot, list, sizeof list - 1, BERTH_FORMAT_JSON, &answer, NULL) == BERTH_OK);
  CHECK(holds(answer, "containerInstanceArns") && holds(answer, "fedcba98") && !holds(answer, "01234567"));
  berth_document_free(answer);
  CHECK(berth_snapshot_list(engine, snapshot, NULL, 0, BERTH_FORMAT_TABLE, &answer, NULL) == BERTH_OK);
  CHECK(holds(answer, "fedcba98") && holds(answer, "01234567"));
  berth_document_free(answer);
  CHECK(berth_snapshot_describe(engine, snapshot, describe, sizeof describe - 1, BERTH_FORMAT_JSON, &answer, NULL) == BERTH_OK);
  CHECK(holds(answer, "i-0002") && !holds(answer, "i-0001") && holds(answer, "MISSING"));
  berth_document_free(answer);
  CHECK(berth_snapshot_inspect(engine, snapshot, BERTH_FORMAT_TABLE, &answer, NULL) == BERTH_OK);
  berth_document_free(answer);
  CHECK(berth_snapshot_check_expression(engine, snapshot, "runningTasksCount == 0", 22, BERTH_FORMAT_JSON, &answer, NULL) == BERTH_OK);
  berth_document_free(answer);
  CHECK(berth_snapshot_check_expression(engine, NULL, "runningTasksCount == 0", 22, BERTH_FORMAT_JSON, &answer, NULL) == BERTH_OK);
  berth_document_free(answer);
  CHECK(berth_snapshot_explain(engine, snapshot, kRunRequest, strlen(kRunRequest), BERTH_FORMAT_JSON, &answer, NULL) == BERTH_OK);
  berth_document_free(answer);
}

static void test_decisions(berth_engine* engine, berth_snapshot* snapshot) {
  char request[1024];
  berth_document* answer = NULL;
  berth_document* again = NULL;
  berth_snapshot* next = NULL;
  uint32_t task_count = 0;
  CHECK(berth_snapshot_run_task(engine, snapshot, kRunRequest, strlen(kRunRequest), BERTH_FORMAT_JSON, &answer, &next, NULL) == BERTH_OK);
  CHECK(holds(answer, "\"tasks\"") && holds(answer, "\"failures\"") && holds(answer, "\"placed\": 2"));
  CHECK(berth_snapshot_counts(next, NULL, &task_count) == BERTH_OK && task_count == 3);
  CHECK(berth_snapshot_counts(snapshot, NULL, &task_count) == BERTH_OK && task_count == 1);
  CHECK(berth_snapshot_run_task(engine, snapshot, kRunRequest, strlen(kRunRequest), BERTH_FORMAT_JSON, &again, NULL, NULL) == BERTH_OK);
  CHECK(strcmp(berth_document_text(answer, NULL), berth_document_text(again, NULL)) == 0);
  berth_document_free(again);
  berth_document_free(answer);
  berth_snapshot_release(next);

  /* Nothing fits: an answer, and the next inventory is the same snapshot. */
  snprintf(request, sizeof request,
           "{\"taskDefinition\": {\"family\": \"big\", \"containerDefinitions\": [{\"name\": \"big\", \"image\": \"big\", \"memory\": "
           "500000}]}}");
  CHECK(berth_snapshot_run_task(engine, snapshot, request, strlen(request), BERTH_FORMAT_JSON, &answer, &next, NULL) == BERTH_OK);
  CHECK(holds(answer, "RESOURCE:MEMORY") && holds(answer, "\"seed\""));
  CHECK(next == snapshot);
  berth_document_free(answer);
  berth_snapshot_release(next);

  snprintf(request, sizeof request,
           "{\"containerInstances\": [\"fedcba9876543210fedcba9876543210\"], \"taskDefinition\": {\"family\": \"job\","
           " \"containerDefinitions\": [{\"name\": \"job\", \"image\": \"job\", \"memory\": 100}]}}");
  CHECK(berth_snapshot_start_task(engine, snapshot, request, strlen(request), BERTH_FORMAT_TABLE, &answer, &next, NULL) == BERTH_OK);
  CHECK(berth_snapshot_counts(next, NULL, &task_count) == BERTH_OK && task_count == 2);
  berth_document_free(answer);
  berth_snapshot_release(next);
}

static void test_errors(berth_engine* engine, berth_snapshot* snapshot) {
  const char request[] =
      "{\"taskDefinition\": {\"family\": \"job\", \"containerDefinitions\": [{\"name\": \"job\", \"image\": \"job\", \"memory\": 100}]},"
      " \"placementConstraints\": [{\"type\": \"distinctInstance\", \"expression\": \"\"}]}";
  berth_document* answer = NULL;
  berth_snapshot* next = NULL;
  berth_error* error = NULL;
  uint32_t offset = 0;
  uint32_t length = 0;
  size_t text_length = 0;
  CHECK(berth_snapshot_run_task(engine, snapshot, request, sizeof request - 1, BERTH_FORMAT_JSON, &answer, &next, &error) ==
        BERTH_INVALID_ARGUMENT);
  CHECK(answer == NULL && next == NULL && error != NULL);
  CHECK(strcmp(berth_error_exception(error, &text_length), "InvalidParameterException") == 0 && text_length == 25);
  CHECK(strstr(berth_error_message(error, NULL), "distinctInstance expression should not be specified.") != NULL);
  berth_error_free(error);
  error = NULL;

  CHECK(berth_snapshot_check_expression(engine, NULL, "agentConnected === true", 23, BERTH_FORMAT_JSON, &answer, &error) ==
        BERTH_INVALID_ARGUMENT);
  CHECK(berth_error_place(error, &offset, &length) == 1 && offset >= 15 && offset <= 17);
  CHECK(berth_error_place(error, NULL, NULL) == 1);
  berth_error_free(error);

  /* A message is one line of UTF-8, whatever it quotes. */
  CHECK(berth_snapshot_read(engine, "no\nsuch\xFF", 8, 0, &next, &error) == BERTH_IO_ERROR);
  CHECK(strchr(berth_error_message(error, NULL), '\n') == NULL && strstr(berth_error_message(error, NULL), "\xEF\xBF\xBD") != NULL);
  berth_error_free(error);
}

static void test_programs(berth_engine* engine, berth_snapshot* snapshot) {
  const char blob[] = "runningTasksCount == 0attribute:ecs.availability-zone existsagentConnected ==";
  const berth_text_range ranges[3] = {{0, 22}, {22, 38}, {60, 17}};
  berth_program* program = NULL;
  berth_error* error = NULL;
  uint64_t words[2] = {0xABABU, 0xCDCDU};
  uint64_t selected = 0;
  CHECK(berth_program_new(ranges, 3, blob, sizeof blob - 1, &program, &error) == BERTH_INVALID_ARGUMENT && program == NULL);
  CHECK(strcmp(berth_error_source(error, NULL), "expressions[2]") == 0);
  CHECK(berth_error_place(error, NULL, NULL) == 1);
  berth_error_free(error);
  CHECK(berth_program_new(ranges, 2, blob, sizeof blob - 1, &program, NULL) == BERTH_OK);
  CHECK(berth_program_select(engine, program, 0, snapshot, words, 2, &selected, NULL) == BERTH_OK);
  /* Ascending by ARN: the idle instance is the second one. */
  CHECK(selected == 1 && words[0] == 2 && words[1] == 0xCDCDU);
  CHECK(berth_program_select(engine, program, 1, snapshot, words, 1, NULL, NULL) == BERTH_OK && words[0] == 3);
  berth_program_release(program);
}

void test_calls(void) {
  berth_engine* engine = make_test_engine();
  berth_snapshot* snapshot = make_test_snapshot(engine);
  test_import_and_generate(engine);
  test_files(engine, snapshot);
  test_answers(engine, snapshot);
  test_simulate(engine, snapshot);
  test_decisions(engine, snapshot);
  test_errors(engine, snapshot);
  test_programs(engine, snapshot);
  berth_snapshot_release(snapshot);
  berth_engine_free(engine);
}
