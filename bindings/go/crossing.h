/* What crosses from Go on the way of rows: the outcome of a call comes back by value and the call's options are made on C's stack, so that
 * no variable of Go is handed out by address and a call allocates nothing.
 * Thread rule: as the functions of berth.h that these call. Lifetime: everything is borrowed for the call; the error is the caller's. */
#ifndef BERTH_GO_CROSSING_H
#define BERTH_GO_CROSSING_H

#include <berth/berth.h>
#include <string.h>

typedef struct go_outcome {
  berth_status status;
  berth_error* error;
} go_outcome;

/* `options` filled in, or NULL where there is nothing to say. */
static inline const berth_call_options* go_call_options(berth_call_options* options, uint64_t timeout_ns, berth_cancel* cancel) {
  if (timeout_ns == 0 && cancel == NULL) {
    return NULL;
  }
  memset(options, 0, sizeof *options);
  options->struct_size = sizeof *options;
  options->timeout_ns = timeout_ns;
  options->cancel = cancel;
  return options;
}

static inline go_outcome go_cluster_place(berth_cluster* cluster, const berth_place_row* rows, uint32_t row_count, uint64_t timeout_ns,
                                          berth_cancel* cancel, berth_decision_row* decisions, uint32_t decision_capacity) {
  berth_call_options options;
  go_outcome outcome = {BERTH_OK, NULL};
  outcome.status = berth_cluster_place(cluster, rows, row_count, go_call_options(&options, timeout_ns, cancel), decisions,
                                       decision_capacity, &outcome.error);
  return outcome;
}

static inline go_outcome go_cluster_change(berth_cluster* cluster, const berth_change_row* rows, uint32_t row_count, const char* blob,
                                           size_t blob_bytes, uint64_t timeout_ns, berth_cancel* cancel, berth_change_result* results) {
  berth_call_options options;
  go_outcome outcome = {BERTH_OK, NULL};
  outcome.status = berth_cluster_change(cluster, rows, row_count, blob, blob_bytes, go_call_options(&options, timeout_ns, cancel), results,
                                        &outcome.error);
  return outcome;
}

static inline go_outcome go_fork_place(berth_fork* fork, const berth_place_row* rows, uint32_t row_count, uint64_t timeout_ns,
                                       berth_cancel* cancel, berth_decision_row* decisions, uint32_t decision_capacity) {
  berth_call_options options;
  go_outcome outcome = {BERTH_OK, NULL};
  outcome.status = berth_fork_place(fork, rows, row_count, go_call_options(&options, timeout_ns, cancel), decisions, decision_capacity,
                                    &outcome.error);
  return outcome;
}

static inline go_outcome go_fork_change(berth_fork* fork, const berth_change_row* rows, uint32_t row_count, const char* blob,
                                        size_t blob_bytes, uint64_t timeout_ns, berth_cancel* cancel, berth_change_result* results) {
  berth_call_options options;
  go_outcome outcome = {BERTH_OK, NULL};
  outcome.status = berth_fork_change(fork, rows, row_count, blob, blob_bytes, go_call_options(&options, timeout_ns, cancel), results,
                                     &outcome.error);
  return outcome;
}

static inline go_outcome go_cluster_run_task(berth_engine* engine, berth_cluster* cluster, const char* request, size_t request_bytes,
                                             uint64_t timeout_ns, berth_cancel* cancel, berth_document** answer) {
  berth_call_options options;
  go_outcome outcome = {BERTH_OK, NULL};
  outcome.status = berth_cluster_run_task(engine, cluster, request, request_bytes, BERTH_FORMAT_JSON,
                                          go_call_options(&options, timeout_ns, cancel), answer, &outcome.error);
  return outcome;
}

static inline go_outcome go_cluster_select(berth_cluster* cluster, uint32_t request_class, uint64_t timeout_ns, berth_cancel* cancel,
                                           berth_instance* instances, uint32_t instance_capacity, uint32_t* instance_count) {
  berth_call_options options;
  go_outcome outcome = {BERTH_OK, NULL};
  outcome.status = berth_cluster_select(cluster, request_class, go_call_options(&options, timeout_ns, cancel), instances,
                                        instance_capacity, instance_count, &outcome.error);
  return outcome;
}

static inline go_outcome go_cluster_explain(berth_cluster* cluster, uint32_t request_class, uint64_t timeout_ns, berth_cancel* cancel,
                                            uint64_t* counts, uint32_t count_capacity) {
  berth_call_options options;
  go_outcome outcome = {BERTH_OK, NULL};
  outcome.status = berth_cluster_explain(cluster, request_class, go_call_options(&options, timeout_ns, cancel), counts, count_capacity,
                                         &outcome.error);
  return outcome;
}

static inline go_outcome go_cluster_snapshot(berth_engine* engine, berth_cluster* cluster, uint64_t timeout_ns, berth_cancel* cancel,
                                             berth_snapshot** snapshot) {
  berth_call_options options;
  go_outcome outcome = {BERTH_OK, NULL};
  outcome.status =
      berth_cluster_snapshot(engine, cluster, go_call_options(&options, timeout_ns, cancel), snapshot, &outcome.error);
  return outcome;
}

#endif
