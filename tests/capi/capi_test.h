/* What the C tests share: checks that count, and small documents. Thread rule: one thread. Lifetime: all is static. */
#ifndef BERTH_TESTS_CAPI_TEST_H
#define BERTH_TESTS_CAPI_TEST_H

#include <stdio.h>
#include <string.h>

#include "berth/berth.h"

extern int checks_failed;
extern const char* test_folder;

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      ++checks_failed;                                                        \
    }                                                                         \
  } while (0)

/* The call fails with this status and an error that agrees, has a message, and holds `text` in it. */
#define CHECK_FAILS(wanted, text, call)                                        \
  do {                                                                         \
    berth_error* error = NULL;                                                 \
    const berth_status status = (call);                                        \
    check_failure(__FILE__, __LINE__, #call, status, (wanted), error, (text)); \
  } while (0)

void check_failure(const char* file, int line, const char* call, berth_status status, berth_status wanted, berth_error* error,
                   const char* text);

/* A cluster of two instances, one of them with a task. */
extern const char kInstances[];
extern const char kTasks[];
extern const char kRunRequest[];

berth_engine* make_test_engine(void);
berth_snapshot* make_test_snapshot(berth_engine* engine);

void test_arguments(void);
void test_handles(void);
void test_calls(void);
void test_live(void);
void test_live_calls(void);

#endif /* BERTH_TESTS_CAPI_TEST_H */
