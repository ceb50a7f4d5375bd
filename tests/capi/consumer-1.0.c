/* A program that was built against berth.h 1.0 and never again: consumer-1.0.o, made of this file when 1.0 was, is linked with today's
 * library. What it checks is what no list of symbols shows: defaults, tails of zeros, outputs that failures leave alone, which status is
 * whose. Checks are never taken back; those of a later edition stand in a consumer of their own.
 * usage: consumer FOLDER (where a file may be written); prints each broken promise. */
#include <stdio.h>
#include <string.h>

#include "berth/berth.h"

static int broken_count = 0;

#define PROMISE(condition)                                              \
  do {                                                                  \
    if (!(condition)) {                                                 \
      printf("broken since 1.0 (line %d): %s\n", __LINE__, #condition); \
      ++broken_count;                                                   \
    }                                                                   \
  } while (0)

static const char kFleet[] = "{\"instances\": 50, \"seed\": 7}";
static const char kRequest[] =
    "{\"count\": 2, \"berth\": {\"seed\": 1, \"now\": \"2026-01-01T00:00:00Z\"}, \"taskDefinition\": {\"family\": \"web\","
    " \"containerDefinitions\": [{\"name\": \"web\", \"image\": \"nginx\", \"cpu\": 256, \"memory\": 512}]}}";
static const char kBadRequest[] = "{\"count\": 0}";

static int holds(const berth_document* document, const char* text) {
  return strstr(berth_document_text(document, NULL), text) != NULL;
}

static void check_versions(void) {
  PROMISE(berth_version() >> 16 == 1);
  PROMISE(strncmp(berth_version_string(), "1.", 2) == 0);
  PROMISE(berth_build_info()[0] != '\0');
}

static void check_nothing(void) {
  size_t length = 99;
  uint32_t offset = 7;
  uint32_t place_length = 8;
  berth_engine_free(NULL);
  berth_document_free(NULL);
  berth_error_free(NULL);
  berth_snapshot_release(NULL);
  berth_program_release(NULL);
  PROMISE(berth_snapshot_retain(NULL) == NULL && berth_program_retain(NULL) == NULL);
  PROMISE(berth_document_text(NULL, &length)[0] == '\0' && length == 0);
  PROMISE(berth_error_status(NULL) == BERTH_OK && berth_error_message(NULL, NULL)[0] == '\0');
  PROMISE(berth_error_exception(NULL, NULL)[0] == '\0' && berth_error_source(NULL, NULL)[0] == '\0');
  PROMISE(berth_error_place(NULL, &offset, &place_length) == 0 && offset == 7 && place_length == 8);
}

/* An options structure that is longer than 1.0's: from a caller of a later edition, and from one that set what 1.0 does not know. */
static void check_options(void) {
  struct {
    berth_engine_options known;
    unsigned char later[64];
  } options;
  berth_engine* engine = NULL;
  berth_error* error = NULL;
  size_t index;
  memset(&options, 0xAB, sizeof options);
  PROMISE(berth_engine_options_init(&options.known, BERTH_ENGINE_OPTIONS_SIZE_V1) == BERTH_OK);
  PROMISE(options.known.struct_size == 16 && options.known.executor == BERTH_EXECUTOR_TBB);
  PROMISE(options.known.worker_count_max == 0 && options.known.reserved == 0);
  for (index = 0; index < sizeof options.later; ++index) {
    PROMISE(options.later[index] == 0xAB);
  }
  PROMISE(berth_engine_options_init(&options.known, 15) == BERTH_INVALID_ARGUMENT);
  PROMISE(berth_engine_options_init(NULL, 16) == BERTH_INVALID_ARGUMENT);
  PROMISE(berth_engine_options_init(&options.known, (uint32_t)sizeof options) == BERTH_OK);
  PROMISE(berth_engine_new(&options.known, &engine, &error) == BERTH_OK && engine != NULL && error == NULL);
  berth_engine_free(engine);
  engine = NULL;
  /* The last byte, so that no edition in sight knows it. */
  options.later[sizeof options.later - 1] = 1;
  PROMISE(berth_engine_new(&options.known, &engine, &error) == BERTH_UNSUPPORTED && engine == NULL && error != NULL);
  PROMISE(berth_error_status(error) == BERTH_UNSUPPORTED);
  berth_error_free(error);
}

static void check_failures(berth_engine* engine, berth_snapshot* fleet) {
  static const uint8_t kNoSnapshot[64] = {0};
  static const char kMalformed[] = "runningTasksCount ==";
  berth_document* answer = NULL;
  berth_snapshot* next = NULL;
  berth_error* error = NULL;
  size_t length = 0;
  uint32_t offset = 0;
  uint32_t place_length = 0;
  uint64_t words[1] = {42};
  uint64_t selected = 43;
  PROMISE(berth_snapshot_run_task(engine, fleet, kBadRequest, sizeof kBadRequest - 1, BERTH_FORMAT_JSON, &answer, &next, &error) ==
          BERTH_INVALID_ARGUMENT);
  PROMISE(answer == NULL && next == NULL && berth_error_message(error, &length)[0] != '\0' && length != 0);
  berth_error_free(error);
  error = NULL;
  PROMISE(berth_snapshot_from_bytes(engine, kNoSnapshot, sizeof kNoSnapshot, &next, &error) == BERTH_MALFORMED && next == NULL);
  berth_error_free(error);
  error = NULL;
  PROMISE(berth_snapshot_read(engine, "/nowhere/fleet.berth", 20, 0, &next, &error) == BERTH_IO_ERROR && next == NULL);
  berth_error_free(error);
  error = NULL;
  PROMISE(berth_snapshot_check_expression(engine, NULL, kMalformed, sizeof kMalformed - 1, BERTH_FORMAT_JSON, &answer, &error) ==
          BERTH_INVALID_ARGUMENT);
  PROMISE(answer == NULL && berth_error_place(error, &offset, &place_length) == 1);
  berth_error_free(error);
  PROMISE(berth_program_select(engine, NULL, 0, fleet, words, 1, &selected, NULL) == BERTH_INVALID_ARGUMENT);
  PROMISE(words[0] == 42 && selected == 43);
}

static void check_files(berth_engine* engine, berth_snapshot* fleet, const char* folder) {
  char path[1024];
  const uint8_t* bytes = NULL;
  const uint8_t* same_bytes = NULL;
  size_t byte_count = 0;
  size_t same_byte_count = 0;
  berth_snapshot* same = NULL;
  const size_t path_bytes = (size_t)sprintf(path, "%.900s/consumer-1.0.berth", folder);
  PROMISE(berth_snapshot_bytes(fleet, &bytes, &byte_count) == BERTH_OK);
  PROMISE(berth_snapshot_from_bytes(engine, bytes, byte_count, &same, NULL) == BERTH_OK);
  berth_snapshot_release(same);
  PROMISE(berth_snapshot_write(fleet, path, path_bytes, NULL) == BERTH_OK);
  PROMISE(berth_snapshot_read(engine, path, path_bytes, BERTH_READ_MAP, &same, NULL) == BERTH_OK);
  PROMISE(berth_snapshot_bytes(same, &same_bytes, &same_byte_count) == BERTH_OK && same_byte_count == byte_count);
  PROMISE(memcmp(bytes, same_bytes, byte_count) == 0);
  berth_snapshot_release(same);
}

static void check_programs(berth_engine* engine, berth_snapshot* fleet) {
  static const char kBlob[] = "agentConnected == truerunningTasksCount >= 0";
  static const berth_text_range kRange = {22, 22};
  berth_program* program = NULL;
  uint64_t words[1] = {0};
  uint64_t selected = 0;
  PROMISE(berth_program_new(&kRange, 1, kBlob, sizeof kBlob - 1, &program, NULL) == BERTH_OK);
  PROMISE(berth_program_retain(program) == program);
  berth_program_release(program);
  PROMISE(berth_program_select(engine, program, 0, fleet, words, 1, &selected, NULL) == BERTH_OK);
  PROMISE(selected == 50 && words[0] == ((uint64_t)1 << 50) - 1);
  berth_program_release(program);
}

static void check_documents(berth_engine* engine, berth_snapshot* fleet) {
  berth_document* answer = NULL;
  berth_document* again = NULL;
  berth_snapshot* next = NULL;
  berth_progress progress;
  size_t length = 0;
  uint32_t tasks_before = 0;
  uint32_t tasks_after = 0;
  const size_t request_bytes = sizeof kRequest - 1;
  PROMISE(berth_snapshot_run_task(engine, fleet, kRequest, request_bytes, BERTH_FORMAT_JSON, &answer, &next, NULL) == BERTH_OK);
  PROMISE(berth_snapshot_run_task(engine, fleet, kRequest, request_bytes, BERTH_FORMAT_JSON, &again, NULL, NULL) == BERTH_OK);
  PROMISE(strlen(berth_document_text(answer, &length)) == length && holds(answer, "\"tasks\"") && holds(answer, "\"failures\""));
  PROMISE(strcmp(berth_document_text(answer, NULL), berth_document_text(again, NULL)) == 0);
  PROMISE(berth_snapshot_counts(fleet, NULL, &tasks_before) == BERTH_OK && berth_snapshot_counts(next, NULL, &tasks_after) == BERTH_OK);
  PROMISE(tasks_after == tasks_before + 2);
  berth_snapshot_release(next);
  berth_document_free(again);
  berth_document_free(answer);
  PROMISE(berth_snapshot_explain(engine, fleet, kRequest, request_bytes, BERTH_FORMAT_JSON, &answer, NULL) == BERTH_OK);
  berth_document_free(answer);
  PROMISE(berth_snapshot_list(engine, fleet, "{}", 2, BERTH_FORMAT_JSON, &answer, NULL) == BERTH_OK);
  PROMISE(holds(answer, "\"containerInstanceArns\""));
  berth_document_free(answer);
  PROMISE(berth_snapshot_describe(engine, fleet, "{}", 2, BERTH_FORMAT_JSON, &answer, NULL) == BERTH_OK);
  PROMISE(holds(answer, "\"containerInstances\""));
  berth_document_free(answer);
  PROMISE(berth_snapshot_inspect(engine, fleet, BERTH_FORMAT_TABLE, &answer, NULL) == BERTH_OK);
  berth_document_free(answer);
  PROMISE(berth_engine_progress(engine, &progress) == BERTH_OK && progress.phase == BERTH_PHASE_IDLE && progress.reserved == 0);
}

int main(int argument_count, char** arguments) {
  berth_engine* engine = NULL;
  berth_snapshot* fleet = NULL;
  uint32_t instance_count = 0;
  check_versions();
  check_nothing();
  check_options();
  if (berth_engine_new(NULL, &engine, NULL) != BERTH_OK ||
      berth_snapshot_generate(engine, kFleet, sizeof kFleet - 1, &fleet, NULL) != BERTH_OK) {
    puts("broken since 1.0: there is no engine, or no fleet");
    return 1;
  }
  PROMISE(berth_snapshot_counts(fleet, &instance_count, NULL) == BERTH_OK && instance_count == 50);
  PROMISE(berth_snapshot_retain(fleet) == fleet);
  berth_snapshot_release(fleet);
  check_failures(engine, fleet);
  check_files(engine, fleet, argument_count > 1 ? arguments[1] : ".");
  check_programs(engine, fleet);
  check_documents(engine, fleet);
  /* In the other order: a snapshot outlives its engine. */
  berth_engine_free(engine);
  berth_snapshot_release(fleet);
  return broken_count == 0 ? 0 : 1;
}
