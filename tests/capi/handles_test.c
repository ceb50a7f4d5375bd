/* Versions, engines, ownership, and what the accessors say of nothing. */
#include "capi_test.h"

uint32_t berth_test_version_from_c(void);
uint32_t berth_test_version_from_cxx(void);

static void test_version(void) {
  char text[32];
  const uint32_t wanted = ((uint32_t)BERTH_VERSION_MAJOR << 16) | ((uint32_t)BERTH_VERSION_MINOR << 8) | (uint32_t)BERTH_VERSION_PATCH;
  CHECK(berth_version() == wanted);
  CHECK(berth_test_version_from_c() == wanted && berth_test_version_from_cxx() == wanted);
  snprintf(text, sizeof text, "%d.%d.%d", BERTH_VERSION_MAJOR, BERTH_VERSION_MINOR, BERTH_VERSION_PATCH);
  CHECK(strcmp(berth_version_string(), text) == 0);
  CHECK(strstr(berth_build_info(), text) != NULL && strchr(berth_build_info(), '\n') == NULL);
}

static void test_null_is_accepted(void) {
  size_t length = 99;
  uint32_t offset = 7;
  uint32_t place_length = 8;
  berth_engine_free(NULL);
  berth_document_free(NULL);
  berth_error_free(NULL);
  berth_snapshot_release(NULL);
  berth_program_release(NULL);
  CHECK(berth_snapshot_retain(NULL) == NULL && berth_program_retain(NULL) == NULL);
  CHECK(strcmp(berth_document_text(NULL, &length), "") == 0 && length == 0);
  CHECK(strcmp(berth_document_text(NULL, NULL), "") == 0);
  CHECK(berth_error_status(NULL) == BERTH_OK);
  CHECK(strcmp(berth_error_message(NULL, NULL), "") == 0);
  CHECK(strcmp(berth_error_exception(NULL, &length), "") == 0 && length == 0);
  CHECK(strcmp(berth_error_source(NULL, &length), "") == 0 && length == 0);
  CHECK(berth_error_place(NULL, &offset, &place_length) == 0 && offset == 7 && place_length == 8);
}

static void test_options(void) {
  struct {
    berth_engine_options known;
    uint32_t later[4];
  } grown;
  berth_engine_options options;
  berth_engine* engine = NULL;
  memset(&options, 0xAB, sizeof options);
  CHECK(berth_engine_options_init(NULL, sizeof options) == BERTH_INVALID_ARGUMENT);
  CHECK(berth_engine_options_init(&options, 8) == BERTH_INVALID_ARGUMENT && options.struct_size == 0xABABABABU);
  CHECK(berth_engine_options_init(&options, sizeof options) == BERTH_OK);
  CHECK(options.struct_size == sizeof options && options.executor == BERTH_EXECUTOR_TBB && options.worker_count_max == 0 &&
        options.reserved == 0);

  /* A caller that was built against a later header. */
  memset(&grown, 0xAB, sizeof grown);
  CHECK(berth_engine_options_init(&grown.known, sizeof grown) == BERTH_OK);
  CHECK(grown.known.struct_size == sizeof grown && grown.later[0] == 0 && grown.later[3] == 0);
  CHECK(berth_engine_new(&grown.known, &engine, NULL) == BERTH_OK && engine != NULL);
  berth_engine_free(engine);
  engine = NULL;
  grown.later[3] = 1;
  CHECK_FAILS(BERTH_UNSUPPORTED, "beyond", berth_engine_new(&grown.known, &engine, &error));
  CHECK(engine == NULL);

  options.struct_size = 15;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "options.struct_size", berth_engine_new(&options, &engine, &error));
  options.struct_size = 0xFFFFFFFFU;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "options.struct_size", berth_engine_new(&options, &engine, &error));
  options.struct_size = sizeof options;
  options.executor = 0;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "options.executor", berth_engine_new(&options, &engine, &error));
  options.executor = 4;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "options.executor", berth_engine_new(&options, &engine, &error));
  options.executor = BERTH_EXECUTOR_THREADS;
  options.reserved = 1;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "options.reserved", berth_engine_new(&options, &engine, &error));
  options.reserved = 0;
  options.worker_count_max = 4097;
  CHECK_FAILS(BERTH_LIMIT_EXCEEDED, "options.worker_count_max", berth_engine_new(&options, &engine, &error));
  CHECK(engine == NULL);
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", berth_engine_new(NULL, NULL, &error));
  CHECK(berth_engine_new(NULL, &engine, NULL) == BERTH_OK);
  berth_engine_free(engine);
}

static void test_progress(void) {
  berth_engine* engine = make_test_engine();
  berth_snapshot* snapshot = make_test_snapshot(engine);
  berth_progress progress;
  memset(&progress, 0xAB, sizeof progress);
  CHECK(berth_engine_progress(engine, NULL) == BERTH_INVALID_ARGUMENT);
  CHECK(berth_engine_progress(NULL, &progress) == BERTH_INVALID_ARGUMENT && progress.reserved == 0xABABABABU);
  CHECK(berth_engine_progress(engine, &progress) == BERTH_OK);
  /* No call runs any more. */
  CHECK(progress.phase == BERTH_PHASE_IDLE && progress.reserved == 0 && progress.done == 0 && progress.total == 0);
  berth_snapshot_release(snapshot);
  berth_engine_free(engine);
}

static void test_release_in_any_order(void) {
  static const berth_text_range kRange = {0, 22};
  berth_engine* engine = make_test_engine();
  berth_engine* other = make_test_engine();
  berth_snapshot* snapshot = make_test_snapshot(engine);
  berth_snapshot* same = berth_snapshot_retain(snapshot);
  berth_program* program = NULL;
  berth_document* answer = NULL;
  uint32_t instance_count = 0;
  uint64_t selected = 0;
  CHECK(same == snapshot);
  CHECK(berth_program_new(&kRange, 1, "runningTasksCount == 0", 22, &program, NULL) == BERTH_OK);
  CHECK(berth_program_retain(program) == program);
  CHECK(berth_snapshot_inspect(engine, snapshot, BERTH_FORMAT_JSON, &answer, NULL) == BERTH_OK);
  /* The engine that read the snapshot goes first. */
  berth_engine_free(engine);
  berth_snapshot_release(snapshot);
  berth_program_release(program);
  CHECK(berth_snapshot_counts(same, &instance_count, NULL) == BERTH_OK && instance_count == 2);
  CHECK(berth_program_select(other, program, 0, same, NULL, 0, &selected, NULL) == BERTH_OK && selected == 1);
  berth_engine_free(other);
  berth_snapshot_release(same);
  CHECK(strchr(berth_document_text(answer, NULL), '{') != NULL);
  berth_document_free(answer);
  berth_program_release(program);
}

void test_handles(void) {
  test_version();
  test_null_is_accepted();
  test_options();
  test_progress();
  test_release_in_any_order();
}
