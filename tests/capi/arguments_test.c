/* Arguments that are refused by name, with every output left as it was. */
#include "capi_test.h"

/* What outputs hold before a call that must fail. Never followed. */
static char untouched;
static void* const untouched_address = &untouched;
#define UNTOUCHED(type) ((type*)untouched_address)

static void test_import_arguments(berth_engine* engine) {
  berth_snapshot* snapshot = UNTOUCHED(berth_snapshot);
  berth_document* report = UNTOUCHED(berth_document);
  berth_input input = {0, 1, 1, 2};
  const char blob[] = "a{}";
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", berth_snapshot_import(NULL, &input, 1, blob, 3, NULL, 0, &snapshot, &report, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "inputs", berth_snapshot_import(engine, NULL, 1, blob, 3, NULL, 0, &snapshot, &report, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "inputs", berth_snapshot_import(engine, &input, 0, blob, 3, NULL, 0, &snapshot, &report, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "blob", berth_snapshot_import(engine, &input, 1, NULL, 3, NULL, 0, &snapshot, &report, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "options", berth_snapshot_import(engine, &input, 1, blob, 3, NULL, 2, &snapshot, &report, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "snapshot", berth_snapshot_import(engine, &input, 1, blob, 3, NULL, 0, NULL, &report, &error));
  input.text_length = 3;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "inputs[0].text",
              berth_snapshot_import(engine, &input, 1, blob, 3, NULL, 0, &snapshot, &report, &error));
  input.text_offset = UINT64_MAX;
  input.text_length = 2;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "inputs[0].text",
              berth_snapshot_import(engine, &input, 1, blob, 3, NULL, 0, &snapshot, &report, &error));
  input.text_offset = 1;
  input.name_offset = 4;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "inputs[0].name",
              berth_snapshot_import(engine, &input, 1, blob, 3, NULL, 0, &snapshot, &report, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", berth_snapshot_generate(NULL, NULL, 0, &snapshot, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "options", berth_snapshot_generate(engine, NULL, 1, &snapshot, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "snapshot", berth_snapshot_generate(engine, "{}", 2, NULL, &error));
  CHECK(snapshot == UNTOUCHED(berth_snapshot) && report == UNTOUCHED(berth_document));
}

static void test_simulate_arguments(berth_engine* engine, berth_snapshot* held) {
  berth_document* answer = UNTOUCHED(berth_document);
  berth_document* steps = UNTOUCHED(berth_document);
  const berth_format json = BERTH_FORMAT_JSON;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", berth_snapshot_simulate(NULL, held, "a", 1, NULL, 0, json, &answer, &steps, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "snapshot", berth_snapshot_simulate(engine, NULL, "a", 1, NULL, 0, json, &answer, &steps, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "trace", berth_snapshot_simulate(engine, held, NULL, 1, NULL, 0, json, &answer, &steps, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "request", berth_snapshot_simulate(engine, held, "a", 1, NULL, 1, json, &answer, &steps, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "format", berth_snapshot_simulate(engine, held, "a", 1, NULL, 0, 9, &answer, &steps, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "answer", berth_snapshot_simulate(engine, held, "a", 1, NULL, 0, json, NULL, &steps, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "trace", berth_snapshot_simulate(engine, held, "a", 1, NULL, 0, json, &answer, &steps, &error));
  CHECK(answer == UNTOUCHED(berth_document) && steps == UNTOUCHED(berth_document));
}

static void test_file_arguments(berth_engine* engine, berth_snapshot* held) {
  berth_snapshot* snapshot = UNTOUCHED(berth_snapshot);
  const uint8_t* bytes = (const uint8_t*)"x";
  const uint8_t* const bytes_before = bytes;
  size_t byte_count = 77;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", berth_snapshot_read(NULL, "a", 1, 0, &snapshot, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "path", berth_snapshot_read(engine, NULL, 0, 0, &snapshot, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "path", berth_snapshot_read(engine, "a\0b", 3, 0, &snapshot, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "flags", berth_snapshot_read(engine, "a", 1, 2, &snapshot, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "snapshot", berth_snapshot_read(engine, "a", 1, 0, NULL, &error));
  CHECK_FAILS(BERTH_IO_ERROR, "nowhere.berth", berth_snapshot_read(engine, "/nowhere/nowhere.berth", 22, 0, &snapshot, &error));
  CHECK_FAILS(BERTH_IO_ERROR, "nowhere.berth",
              berth_snapshot_read(engine, "/nowhere/nowhere.berth", 22, BERTH_READ_MAP, &snapshot, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "snapshot", berth_snapshot_write(NULL, "a", 1, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "path", berth_snapshot_write(held, "", 0, &error));
  CHECK_FAILS(BERTH_IO_ERROR, "nowhere.berth", berth_snapshot_write(held, "/nowhere/nowhere.berth", 22, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", berth_snapshot_from_bytes(NULL, bytes, 1, &snapshot, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "bytes", berth_snapshot_from_bytes(engine, NULL, 1, &snapshot, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "snapshot", berth_snapshot_from_bytes(engine, bytes, 1, NULL, &error));
  CHECK_FAILS(BERTH_MALFORMED, "", berth_snapshot_from_bytes(engine, bytes, 1, &snapshot, &error));
  CHECK_FAILS(BERTH_MALFORMED, "", berth_snapshot_from_bytes(engine, NULL, 0, &snapshot, &error));
  CHECK(berth_snapshot_bytes(NULL, &bytes, &byte_count) == BERTH_INVALID_ARGUMENT);
  CHECK(berth_snapshot_bytes(held, NULL, &byte_count) == BERTH_INVALID_ARGUMENT);
  CHECK(berth_snapshot_bytes(held, &bytes, NULL) == BERTH_INVALID_ARGUMENT);
  CHECK(bytes == bytes_before && byte_count == 77);
  CHECK(berth_snapshot_counts(NULL, NULL, NULL) == BERTH_INVALID_ARGUMENT);
  CHECK(berth_snapshot_counts(held, NULL, NULL) == BERTH_OK);
  CHECK(snapshot == UNTOUCHED(berth_snapshot));
}

typedef berth_status (*document_call)(berth_engine*, berth_snapshot*, const char*, size_t, berth_format, berth_document**, berth_error**);

static berth_status run_without_next(berth_engine* engine, berth_snapshot* snapshot, const char* request, size_t request_bytes,
                                     berth_format format, berth_document** answer, berth_error** error) {
  return berth_snapshot_run_task(engine, snapshot, request, request_bytes, format, answer, NULL, error);
}

static berth_status start_without_next(berth_engine* engine, berth_snapshot* snapshot, const char* request, size_t request_bytes,
                                       berth_format format, berth_document** answer, berth_error** error) {
  return berth_snapshot_start_task(engine, snapshot, request, request_bytes, format, answer, NULL, error);
}

static berth_status inspect_without_request(berth_engine* engine, berth_snapshot* snapshot, const char* request, size_t request_bytes,
                                            berth_format format, berth_document** answer, berth_error** error) {
  if (request == NULL && request_bytes != 0) {
    return run_without_next(engine, snapshot, request, request_bytes, format, answer, error);
  }
  return berth_snapshot_inspect(engine, snapshot, format, answer, error);
}

static void test_document_arguments(berth_engine* engine, berth_snapshot* snapshot) {
  static const document_call kCalls[] = {
      berth_snapshot_list,     berth_snapshot_describe,        run_without_next, start_without_next, berth_snapshot_explain,
      inspect_without_request, berth_snapshot_check_expression};
  size_t i = 0;
  for (i = 0; i < sizeof kCalls / sizeof kCalls[0]; ++i) {
    berth_document* answer = UNTOUCHED(berth_document);
    CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", kCalls[i](NULL, snapshot, "{}", 2, BERTH_FORMAT_JSON, &answer, &error));
    CHECK_FAILS(BERTH_INVALID_ARGUMENT, "is NULL", kCalls[i](engine, snapshot, NULL, 2, BERTH_FORMAT_JSON, &answer, &error));
    CHECK_FAILS(BERTH_INVALID_ARGUMENT, "format", kCalls[i](engine, snapshot, "{}", 2, 0, &answer, &error));
    CHECK_FAILS(BERTH_INVALID_ARGUMENT, "format", kCalls[i](engine, snapshot, "{}", 2, 3, &answer, &error));
    CHECK_FAILS(BERTH_INVALID_ARGUMENT, "answer", kCalls[i](engine, snapshot, "{}", 2, BERTH_FORMAT_JSON, NULL, &error));
    if (kCalls[i] != berth_snapshot_check_expression) {
      CHECK_FAILS(BERTH_INVALID_ARGUMENT, "snapshot", kCalls[i](engine, NULL, "{}", 2, BERTH_FORMAT_JSON, &answer, &error));
    }
    /* Without an error object the status says it alone. */
    CHECK(kCalls[i](engine, snapshot, "{}", 2, 9, &answer, NULL) == BERTH_INVALID_ARGUMENT);
    CHECK(answer == UNTOUCHED(berth_document));
  }
}

static void test_program_arguments(berth_engine* engine, berth_snapshot* snapshot) {
  const char blob[] = "runningTasksCount == 0";
  berth_text_range range = {0, sizeof blob - 1};
  berth_program* program = UNTOUCHED(berth_program);
  uint64_t words[1] = {0xABABU};
  uint64_t selected = 77;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "expressions", berth_program_new(NULL, 1, blob, sizeof blob - 1, &program, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "expressions", berth_program_new(&range, 0, blob, sizeof blob - 1, &program, &error));
  CHECK_FAILS(BERTH_LIMIT_EXCEEDED, "expressions", berth_program_new(&range, 65537, blob, sizeof blob - 1, &program, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "blob", berth_program_new(&range, 1, NULL, sizeof blob - 1, &program, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "program", berth_program_new(&range, 1, blob, sizeof blob - 1, NULL, &error));
  range.offset = 1;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "expressions[0].text", berth_program_new(&range, 1, blob, sizeof blob - 1, &program, &error));
  CHECK(program == UNTOUCHED(berth_program));
  range.offset = 0;
  CHECK(berth_program_new(&range, 1, blob, sizeof blob - 1, &program, NULL) == BERTH_OK);
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", berth_program_select(NULL, program, 0, snapshot, words, 1, &selected, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "program", berth_program_select(engine, NULL, 0, snapshot, words, 1, &selected, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "snapshot", berth_program_select(engine, program, 0, NULL, words, 1, &selected, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "index", berth_program_select(engine, program, 1, snapshot, words, 1, &selected, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "word_capacity", berth_program_select(engine, program, 0, snapshot, words, 0, &selected, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "word_capacity", berth_program_select(engine, program, 0, snapshot, NULL, 1, &selected, &error));
  CHECK(words[0] == 0xABABU && selected == 77);
  CHECK(berth_program_select(engine, program, 0, snapshot, NULL, 0, NULL, NULL) == BERTH_OK);
  berth_program_release(program);
}

void test_arguments(void) {
  berth_engine* engine = make_test_engine();
  berth_snapshot* snapshot = make_test_snapshot(engine);
  test_import_arguments(engine);
  test_file_arguments(engine, snapshot);
  test_simulate_arguments(engine, snapshot);
  test_document_arguments(engine, snapshot);
  test_program_arguments(engine, snapshot);
  berth_snapshot_release(snapshot);
  berth_engine_free(engine);
}
