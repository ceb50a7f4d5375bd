/* What else a live cluster of berth.h is asked and told: figures, queries, registrations, events, snapshots, forks. */
#include <stdlib.h>

#include "capi_test.h"

/* What outputs hold before a call that must fail. Never followed. */
static char untouched;
static void* const untouched_address = &untouched;
#define UNTOUCHED(type) ((type*)untouched_address)

static const char kWeb[] =
    "{\"taskDefinition\": {\"family\": \"web\", \"containerDefinitions\": [{\"name\": \"web\", \"image\": \"web\", \"cpu\": 256,"
    " \"memory\": 256}]}, \"placementStrategy\": [{\"type\": \"binpack\", \"field\": \"memory\"}]}";
static const char kInZone[] =
    "{\"taskDefinition\": {\"family\": \"q\", \"containerDefinitions\": [{\"name\": \"q\", \"image\": \"q\", \"cpu\": 0, \"memory\": 4}]},"
    " \"placementConstraints\": [{\"type\": \"memberOf\", \"expression\": \"attribute:ecs.availability-zone == us-east-1c\"}]}";
#define INSTANCE(id, zone)                                                                                            \
  "{\"containerInstanceArn\": \"arn:aws:ecs:us-east-1:123456789012:container-instance/test/" id                       \
  "\", \"version\": 1, \"status\": \"ACTIVE\", \"agentConnected\": true, \"registeredResources\": ["                  \
  "{\"name\": \"CPU\", \"type\": \"INTEGER\", \"integerValue\": 2048}, {\"name\": \"MEMORY\", \"type\": \"INTEGER\"," \
  " \"integerValue\": 4096}], \"attributes\": [{\"name\": \"ecs.availability-zone\", \"value\": \"" zone "\"}]}"
#define FRESH_1 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FRESH_2 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
static const char kTwo[] = "{\"containerInstances\": [" INSTANCE(FRESH_1, "us-east-1c") ", " INSTANCE(FRESH_2, "us-east-1c") "]}";
static const char kOneAgain[] =
    "{\"containerInstances\": [" INSTANCE("cccccccccccccccccccccccccccccccc", "us-east-1a") ", " INSTANCE(FRESH_2, "us-east-1c") "]}";
static const char kTwice[] = "{\"containerInstances\": [" INSTANCE("cccccccccccccccccccccccccccccccc", "us-east-1a") ", " INSTANCE(
    "cccccccccccccccccccccccccccccccc", "us-east-1a") "]}";

static const char kDrainEvent[] =
    "{\"detail-type\": \"ECS Container Instance State Change\", \"detail\": {\"containerInstanceArn\":"
    " \"arn:aws:ecs:us-east-1:123456789012:container-instance/test/" FRESH_1
    "\", \"version\": 9, \"status\": \"DRAINING\", \"agentConnected\": true, \"registeredResources\": ["
    "{\"name\": \"CPU\", \"type\": \"INTEGER\", \"integerValue\": 2048},"
    "{\"name\": \"MEMORY\", \"type\": \"INTEGER\", \"integerValue\": 4096}]}}";

static uint32_t prepare(berth_engine* engine, berth_cluster* cluster, const char* request) {
  uint32_t number = 12345;
  CHECK(berth_cluster_prepare(engine, cluster, request, strlen(request), &number, NULL) == BERTH_OK);
  return number;
}

static berth_place_row place_row(uint32_t request_class, uint32_t count) {
  berth_place_row row;
  memset(&row, 0, sizeof row);
  row.request_class = request_class;
  row.count = count;
  return row;
}

static berth_change_row change_row(berth_change_kind kind, berth_instance instance, uint32_t value) {
  berth_change_row row;
  memset(&row, 0, sizeof row);
  row.kind = kind;
  row.instance = instance;
  row.value = value;
  return row;
}

static berth_cluster_stats_row stats_of(berth_cluster* cluster) {
  berth_cluster_stats_row stats;
  memset(&stats, 0xAB, sizeof stats);
  CHECK(berth_cluster_stats(cluster, &stats, NULL) == BERTH_OK);
  CHECK(stats.reserved[0] == 0 && stats.reserved[7] == 0 && stats.record_bytes > 0);
  return stats;
}

static void test_figures(berth_engine* engine, berth_cluster* cluster) {
  berth_place_row row = place_row(prepare(engine, cluster, kWeb), 20);
  berth_decision_row decisions[20];
  berth_instance instances[4];
  uint64_t counts[BERTH_REASON_COUNT];
  uint32_t count = 0;
  berth_cluster_stats_row stats = stats_of(cluster);
  CHECK(stats.commits == 0 && stats.instances == 2 && stats.tasks == 1 && stats.placed == 0);
  CHECK(berth_cluster_explain(cluster, row.request_class, NULL, counts, BERTH_REASON_COUNT, NULL) == BERTH_OK);
  CHECK(counts[BERTH_REASON_NONE] == 2 && counts[BERTH_REASON_MEMORY] == 0);
  CHECK(berth_cluster_select(cluster, row.request_class, NULL, NULL, 0, &count, NULL) == BERTH_OK && count == 2);
  CHECK(berth_cluster_select(cluster, row.request_class, NULL, instances, 4, &count, NULL) == BERTH_OK && count == 2);
  CHECK(instances[0].slot < instances[1].slot);
  CHECK(berth_cluster_place(cluster, &row, 1, NULL, decisions, 20, NULL) == BERTH_OK);
  stats = stats_of(cluster);
  CHECK(stats.commits == 8 && stats.tasks == 9 && stats.placed == 8 && stats.not_placed == 12);
  CHECK(stats.request_classes == 1 && stats.workers == 1);
  CHECK(berth_cluster_explain(cluster, row.request_class, NULL, counts, BERTH_REASON_COUNT, NULL) == BERTH_OK);
  CHECK(counts[BERTH_REASON_NONE] == 0 && counts[BERTH_REASON_CPU] == 2);
  CHECK(berth_cluster_select(cluster, row.request_class, NULL, instances, 4, &count, NULL) == BERTH_OK && count == 0);
}

static void test_registering(berth_engine* engine, berth_cluster* cluster) {
  berth_instance instances[2] = {{0, 0}, {0, 0}};
  berth_instance found = {9, 9};
  berth_document* report = NULL;
  uint32_t count = 77;
  uint32_t in_zone = prepare(engine, cluster, kInZone);
  CHECK(berth_cluster_select(cluster, in_zone, NULL, NULL, 0, &count, NULL) == BERTH_OK && count == 0);
  CHECK(berth_cluster_register(engine, cluster, kTwo, sizeof kTwo - 1, instances, 1, &count, NULL) == BERTH_OK);
  CHECK(count == 2 && instances[1].identity == 0);
  CHECK(berth_cluster_select(cluster, in_zone, NULL, NULL, 0, &count, NULL) == BERTH_OK && count == 2);
  CHECK(stats_of(cluster).instances == 4);

  count = 77;
  CHECK_FAILS(BERTH_ALREADY_EXISTS, FRESH_2,
              berth_cluster_register(engine, cluster, kOneAgain, sizeof kOneAgain - 1, instances, 2, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "twice",
              berth_cluster_register(engine, cluster, kTwice, sizeof kTwice - 1, instances, 2, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "containerInstances", berth_cluster_register(engine, cluster, "{}", 2, instances, 2, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "", berth_cluster_register(engine, cluster, "{", 1, instances, 2, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", berth_cluster_register(NULL, cluster, kTwo, 2, instances, 2, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_register(engine, NULL, kTwo, 2, instances, 2, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "document", berth_cluster_register(engine, cluster, NULL, 2, instances, 2, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "instance_capacity", berth_cluster_register(engine, cluster, kTwo, 2, NULL, 2, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "instance_count", berth_cluster_register(engine, cluster, kTwo, 2, instances, 2, NULL, &error));
  CHECK(count == 77 && stats_of(cluster).instances == 4);

  CHECK(berth_cluster_apply_events(cluster, kDrainEvent, sizeof kDrainEvent - 1, &report, NULL) == BERTH_OK);
  CHECK(strstr(berth_document_text(report, NULL), "\"applied\": 1") != NULL);
  berth_document_free(report);
  report = UNTOUCHED(berth_document);
  CHECK(berth_cluster_select(cluster, in_zone, NULL, NULL, 0, &count, NULL) == BERTH_OK && count == 1);
  CHECK(berth_cluster_apply_events(cluster, kDrainEvent, sizeof kDrainEvent - 1, NULL, NULL) == BERTH_OK);
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_apply_events(NULL, "[]", 2, &report, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "events", berth_cluster_apply_events(cluster, NULL, 2, &report, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "events before it were taken", berth_cluster_apply_events(cluster, "[{]", 3, &report, &error));
  CHECK(report == UNTOUCHED(berth_document));
  CHECK(berth_cluster_find_instances(cluster, &(berth_text_range){0, 1}, 1, "x", 1, &found, NULL) == BERTH_OK);
  CHECK(found.identity == BERTH_NO_INSTANCE);
}

static void test_snapshot(berth_engine* engine, berth_cluster* cluster) {
  berth_snapshot* snapshot = NULL;
  berth_call_options options;
  berth_cancel* cancel = NULL;
  berth_cluster* again = NULL;
  berth_cluster_options own_versions = {sizeof own_versions, 0, 0, BERTH_CLUSTER_OWN_VERSIONS};
  uint64_t counts[BERTH_REASON_COUNT] = {77};
  uint32_t instances = 0;
  uint32_t tasks = 0;
  uint32_t count = 77;
  const berth_cluster_stats_row stats = stats_of(cluster);
  CHECK(berth_cluster_snapshot(engine, cluster, NULL, &snapshot, NULL) == BERTH_OK);
  CHECK(berth_snapshot_counts(snapshot, &instances, &tasks) == BERTH_OK);
  CHECK(instances == stats.instances && tasks == stats.tasks);
  CHECK(berth_cluster_new(snapshot, &own_versions, &again, NULL) == BERTH_OK);
  CHECK(stats_of(again).tasks == stats.tasks && stats_of(again).instances == stats.instances);
  CHECK(berth_cluster_apply_events(again, kDrainEvent, sizeof kDrainEvent - 1, NULL, NULL) == BERTH_OK);
  berth_cluster_release(again);
  berth_snapshot_release(snapshot);

  snapshot = UNTOUCHED(berth_snapshot);
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.timeout_ns = 1;
  CHECK_FAILS(BERTH_DEADLINE_EXCEEDED, "timeout_ns", berth_cluster_snapshot(engine, cluster, &options, &snapshot, &error));
  CHECK_FAILS(BERTH_DEADLINE_EXCEEDED, "timeout_ns", berth_cluster_explain(cluster, 0, &options, counts, BERTH_REASON_COUNT, &error));
  CHECK_FAILS(BERTH_DEADLINE_EXCEEDED, "timeout_ns", berth_cluster_select(cluster, 0, &options, NULL, 0, &count, &error));
  CHECK(berth_cancel_new(&cancel, NULL) == BERTH_OK);
  berth_cancel_set(cancel);
  options.timeout_ns = 0;
  options.cancel = cancel;
  CHECK_FAILS(BERTH_CANCELLED, "cancelled", berth_cluster_snapshot(engine, cluster, &options, &snapshot, &error));
  CHECK_FAILS(BERTH_CANCELLED, "cancelled", berth_cluster_explain(cluster, 0, &options, counts, BERTH_REASON_COUNT, &error));
  CHECK_FAILS(BERTH_CANCELLED, "cancelled", berth_cluster_select(cluster, 0, &options, NULL, 0, &count, &error));
  berth_cancel_free(cancel);
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", berth_cluster_snapshot(NULL, cluster, NULL, &snapshot, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_snapshot(engine, NULL, NULL, &snapshot, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "snapshot", berth_cluster_snapshot(engine, cluster, NULL, NULL, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_stats(NULL, NULL, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "stats", berth_cluster_stats(cluster, NULL, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_explain(NULL, 0, NULL, counts, BERTH_REASON_COUNT, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "counts", berth_cluster_explain(cluster, 0, NULL, NULL, BERTH_REASON_COUNT, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "count_capacity", berth_cluster_explain(cluster, 0, NULL, counts, 21, &error));
  CHECK_FAILS(BERTH_NOT_FOUND, "request_class", berth_cluster_explain(cluster, 999, NULL, counts, BERTH_REASON_COUNT, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_select(NULL, 0, NULL, NULL, 0, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "instance_capacity", berth_cluster_select(cluster, 0, NULL, NULL, 1, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "instance_count", berth_cluster_select(cluster, 0, NULL, NULL, 0, NULL, &error));
  CHECK_FAILS(BERTH_NOT_FOUND, "request_class", berth_cluster_select(cluster, 999, NULL, NULL, 0, &count, &error));
  CHECK(snapshot == UNTOUCHED(berth_snapshot) && counts[0] == 77 && count == 77);
}

static berth_document* run_task(berth_engine* engine, berth_cluster* cluster, const char* request, berth_format format) {
  berth_document* answer = NULL;
  CHECK(berth_cluster_run_task(engine, cluster, request, strlen(request), format, NULL, &answer, NULL) == BERTH_OK);
  return answer;
}

/* The text of a member's string in a document, which ends where the caller's buffer does. */
static void read_member(const berth_document* document, const char* name, char* text, size_t capacity) {
  const char* at = strstr(berth_document_text(document, NULL), name);
  size_t i = 0;
  CHECK(at != NULL);
  at = at == NULL ? "" : at + strlen(name);
  for (i = 0; i + 1 < capacity && at[i] != '\0' && at[i] != '"'; ++i) {
    text[i] = at[i];
  }
  text[i] = '\0';
}

static void test_documents(berth_engine* engine, berth_cluster* cluster) {
  static const char kRun[] =
      "{\"count\": 2, \"startedBy\": \"me\", \"berth\": {\"seed\": 7}, \"taskDefinition\": {\"family\": \"job\","
      " \"containerDefinitions\": [{\"name\": \"job\", \"image\": \"job\", \"cpu\": 128, \"memory\": 128}]},"
      " \"placementConstraints\": [{\"type\": \"memberOf\", \"expression\": \"attribute:ecs.availability-zone == us-east-1c\"}]}";
  static const char kTooMany[] =
      "{\"count\": 3, \"taskDefinition\": {\"family\": \"big\", \"containerDefinitions\": [{\"name\": \"big\","
      " \"image\": \"big\", \"cpu\": 1500, \"memory\": 128}]}}";
  static const char kFargate[] =
      "{\"launchType\": \"FARGATE\", \"taskDefinition\": {\"family\": \"f\", \"networkMode\": \"awsvpc\", \"cpu\": \"256\","
      " \"memory\": \"512\", \"requiresCompatibilities\": [\"FARGATE\"], \"containerDefinitions\": [{\"name\": \"f\","
      " \"image\": \"f\"}]}, \"networkConfiguration\": {\"awsvpcConfiguration\": {\"subnets\": [\"subnet-1\"]}},"
      " \"berth\": {\"subnets\": {\"subnet-1\": {\"zone\": \"us-east-1a\"}}}}";
  char arn[256];
  char again[256];
  char request[400];
  berth_document* answer = NULL;
  berth_call_options options;
  const berth_cluster_stats_row before = stats_of(cluster);
  /* An instance that the snapshot did not have takes them; the same request again makes other tasks. */
  answer = run_task(engine, cluster, kRun, BERTH_FORMAT_JSON);
  read_member(answer, "\"containerInstanceArn\": \"", arn, sizeof arn);
  CHECK(strstr(arn, FRESH_2) != NULL);
  read_member(answer, "\"availabilityZone\": \"", arn, sizeof arn);
  CHECK(strcmp(arn, "us-east-1c") == 0);
  read_member(answer, "\"lastStatus\": \"", arn, sizeof arn);
  CHECK(strcmp(arn, "PENDING") == 0);
  read_member(answer, "\"taskArn\": \"", arn, sizeof arn);
  CHECK(strstr(arn, ":task/test/") != NULL);
  CHECK(strstr(berth_document_text(answer, NULL), "\"failures\": []") != NULL);
  berth_document_free(answer);
  answer = run_task(engine, cluster, kRun, BERTH_FORMAT_JSON);
  read_member(answer, "\"taskArn\": \"", again, sizeof again);
  CHECK(strcmp(arn, again) != 0);
  berth_document_free(answer);
  answer = run_task(engine, cluster, kTooMany, BERTH_FORMAT_JSON);
  CHECK(strstr(berth_document_text(answer, NULL), "RESOURCE:CPU") != NULL);
  CHECK(strstr(berth_document_text(answer, NULL), "\"placed\": 1") != NULL);
  CHECK(strstr(berth_document_text(answer, NULL), "\"examined\": 3") != NULL);
  berth_document_free(answer);
  answer = run_task(engine, cluster, kTooMany, BERTH_FORMAT_TABLE);
  CHECK(strstr(berth_document_text(answer, NULL), "Placed 0 of 3 tasks") != NULL);
  berth_document_free(answer);
  answer = run_task(engine, cluster, kFargate, BERTH_FORMAT_JSON);
  CHECK(strstr(berth_document_text(answer, NULL), "\"launchType\": \"FARGATE\"") != NULL);
  berth_document_free(answer);
  CHECK(stats_of(cluster).tasks == before.tasks + 5 && stats_of(cluster).placed == before.placed + 5);

  /* Stopping by ARN and by id; the task keeps its resources. */
  sprintf(request, "{\"task\": \"%s\", \"reason\": \"over\"}", arn);
  CHECK(berth_cluster_stop_task(engine, cluster, request, strlen(request), &answer, NULL) == BERTH_OK);
  read_member(answer, "\"taskArn\": \"", again, sizeof again);
  CHECK(strcmp(arn, again) == 0);
  CHECK(strstr(berth_document_text(answer, NULL), "\"desiredStatus\": \"STOPPED\"") != NULL);
  CHECK(strstr(berth_document_text(answer, NULL), "\"stoppedReason\": \"over\"") != NULL);
  berth_document_free(answer);
  sprintf(request, "{\"task\": \"%s\", \"cluster\": \"test\"}", strrchr(arn, '/') + 1);
  CHECK(berth_cluster_stop_task(engine, cluster, request, strlen(request), &answer, NULL) == BERTH_OK);
  berth_document_free(answer);
  strcpy(request, "{\"task\": \"11111111111111111111111111111111\"}");
  CHECK(berth_cluster_stop_task(engine, cluster, request, strlen(request), &answer, NULL) == BERTH_OK);
  read_member(answer, "\"taskDefinitionArn\": \"", again, sizeof again);
  CHECK(strstr(again, "task-definition/web:1") != NULL);
  berth_document_free(answer);
  CHECK(stats_of(cluster).tasks == before.tasks + 5);

  answer = UNTOUCHED(berth_document);
  strcpy(request, "{\"task\": \"11111111111111111111111111111112\"}");
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "The referenced task was not found",
              berth_cluster_stop_task(engine, cluster, request, strlen(request), &answer, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "task", berth_cluster_stop_task(engine, cluster, "{}", 2, &answer, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", berth_cluster_stop_task(NULL, cluster, "{}", 2, &answer, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_stop_task(engine, NULL, "{}", 2, &answer, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "request", berth_cluster_stop_task(engine, cluster, NULL, 2, &answer, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "answer", berth_cluster_stop_task(engine, cluster, "{}", 2, NULL, &error));
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.timeout_ns = 1;
#define RUN(engine, cluster, request, bytes, format, options, answer) \
  berth_cluster_run_task(engine, cluster, request, bytes, format, options, answer, &error)
  CHECK_FAILS(BERTH_DEADLINE_EXCEEDED, "timeout_ns", RUN(engine, cluster, kRun, sizeof kRun - 1, BERTH_FORMAT_JSON, &options, &answer));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", RUN(NULL, cluster, kRun, 2, BERTH_FORMAT_JSON, NULL, &answer));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", RUN(engine, NULL, kRun, 2, BERTH_FORMAT_JSON, NULL, &answer));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "request", RUN(engine, cluster, NULL, 2, BERTH_FORMAT_JSON, NULL, &answer));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "format", RUN(engine, cluster, kRun, 2, 3, NULL, &answer));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "answer", RUN(engine, cluster, kRun, 2, BERTH_FORMAT_JSON, NULL, NULL));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "taskDefinition", RUN(engine, cluster, "{}", 2, BERTH_FORMAT_JSON, NULL, &answer));
#undef RUN
  CHECK(answer == UNTOUCHED(berth_document));
}

/* A fork drains, places and releases; the cluster sees none of it, and takes none of its tasks for its own. */
static void test_forks(berth_engine* engine, berth_cluster* cluster) {
  berth_fork* fork = NULL;
  berth_fork* other = UNTOUCHED(berth_fork);
  berth_instance instances[4];
  berth_place_row row = place_row(prepare(engine, cluster, kWeb), 1);
  berth_decision_row decision;
  berth_change_row changed;
  berth_change_result result;
  berth_task placed;
  uint32_t count = 0;
  const berth_cluster_stats_row before = stats_of(cluster);
  CHECK(berth_cluster_select(cluster, row.request_class, NULL, instances, 4, &count, NULL) == BERTH_OK && count == 1);
  CHECK(berth_fork_new(cluster, &fork, NULL) == BERTH_OK);
  CHECK(berth_fork_place(fork, &row, 1, NULL, &decision, 1, NULL) == BERTH_OK && decision.outcome == BERTH_PLACED);
  CHECK(decision.instance.slot == instances[0].slot && decision.instance.identity == instances[0].identity);
  placed = decision.task;
  changed = change_row(BERTH_CHANGE_STATUS, instances[0], BERTH_INSTANCE_DRAINING);
  CHECK(berth_fork_change(fork, &changed, 1, NULL, 0, NULL, &result, NULL) == BERTH_OK && result.status == BERTH_OK);
  CHECK(berth_fork_place(fork, &row, 1, NULL, &decision, 1, NULL) == BERTH_OK && decision.outcome == BERTH_NOT_PLACED);
  memset(&changed, 0, sizeof changed);
  changed.kind = BERTH_CHANGE_RELEASE;
  changed.task = placed;
  CHECK(berth_cluster_change(cluster, &changed, 1, NULL, 0, NULL, &result, NULL) == BERTH_OK && result.status == BERTH_NOT_FOUND);
  CHECK(berth_fork_change(fork, &changed, 1, NULL, 0, NULL, &result, NULL) == BERTH_OK && result.status == BERTH_OK);
  changed.kind = BERTH_CHANGE_STOP;
  CHECK(berth_fork_change(fork, &changed, 1, NULL, 0, NULL, &result, NULL) == BERTH_OK && result.status == BERTH_NOT_FOUND);
  changed = change_row(BERTH_CHANGE_START, instances[0], 0);
  changed.request_class = row.request_class;
  CHECK(berth_fork_change(fork, &changed, 1, NULL, 0, NULL, &result, NULL) == BERTH_OK);
  CHECK(result.status == BERTH_OK && result.reason == BERTH_REASON_INACTIVE);
  CHECK(berth_fork_discard(fork, NULL) == BERTH_OK);
  CHECK(berth_fork_change(fork, &changed, 1, NULL, 0, NULL, &result, NULL) == BERTH_OK);
  CHECK(result.status == BERTH_OK && result.reason == BERTH_REASON_NONE && result.position != UINT64_MAX);
  row.flags = BERTH_PLACE_DRY_RUN;
  CHECK(berth_fork_place(fork, &row, 1, NULL, &decision, 1, NULL) == BERTH_OK && decision.outcome == BERTH_PLACED);
  row.flags = BERTH_PLACE_ALL_OR_NOTHING;
  row.count = 1;
  CHECK(berth_fork_place(fork, &row, 1, NULL, &decision, 1, NULL) == BERTH_OK && decision.outcome == BERTH_PLACED);
  changed = change_row(BERTH_CHANGE_PUT_ATTRIBUTE, instances[0], 1);
  changed.name.length = 4;
  CHECK(berth_fork_change(fork, &changed, 1, "name", 4, NULL, &result, NULL) == BERTH_OK && result.status == BERTH_OK);
  changed.kind = BERTH_CHANGE_REMOVE_ATTRIBUTE;
  changed.value = 0;
  CHECK(berth_fork_change(fork, &changed, 1, "name", 4, NULL, &result, NULL) == BERTH_OK && result.status == BERTH_OK);
  changed = change_row(BERTH_CHANGE_AGENT_CONNECTED, instances[0], 0);
  CHECK(berth_fork_change(fork, &changed, 1, NULL, 0, NULL, &result, NULL) == BERTH_OK && result.status == BERTH_OK);
  changed.instance.identity += 1;
  CHECK(berth_fork_change(fork, &changed, 1, NULL, 0, NULL, &result, NULL) == BERTH_OK && result.status == BERTH_NOT_FOUND);
  changed = change_row(BERTH_CHANGE_DEREGISTER, instances[0], 1);
  CHECK_FAILS(BERTH_UNSUPPORTED, "rows[0].kind", berth_fork_change(fork, &changed, 1, NULL, 0, NULL, &result, &error));
  changed = change_row(BERTH_CHANGE_STATUS, instances[0], 1);
  changed.flags = BERTH_CHANGE_IF_VERSION;
  CHECK_FAILS(BERTH_UNSUPPORTED, "rows[0].flags", berth_fork_change(fork, &changed, 1, NULL, 0, NULL, &result, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "fork", berth_fork_change(NULL, &changed, 1, NULL, 0, NULL, &result, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "fork", berth_fork_place(NULL, &row, 1, NULL, &decision, 1, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "decision_capacity", berth_fork_place(fork, &row, 1, NULL, &decision, 0, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "fork", berth_fork_discard(NULL, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_fork_new(NULL, &other, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "fork", berth_fork_new(cluster, NULL, &error));
  CHECK(other == UNTOUCHED(berth_fork));
  CHECK(stats_of(cluster).tasks == before.tasks && stats_of(cluster).commits == before.commits);
  CHECK(stats_of(cluster).placed == before.placed);
  berth_fork_free(fork);
  berth_fork_free(NULL);
}

/* 64 places, one of which the events hold; a fork keeps its cluster alive. */
static void test_places(berth_cluster* cluster) {
  berth_fork* forks[64];
  berth_fork* extra = UNTOUCHED(berth_fork);
  berth_cluster_stats_row stats;
  size_t i = 0;
  for (i = 0; i < 63; ++i) {
    forks[i] = NULL;
    CHECK(berth_fork_new(cluster, &forks[i], NULL) == BERTH_OK);
  }
  CHECK_FAILS(BERTH_LIMIT_EXCEEDED, "64", berth_fork_new(cluster, &extra, &error));
  CHECK_FAILS(BERTH_LIMIT_EXCEEDED, "64", berth_cluster_stats(cluster, &stats, &error));
  CHECK(extra == UNTOUCHED(berth_fork));
  for (i = 1; i < 63; ++i) {
    berth_fork_free(forks[i]);
  }
  CHECK(stats_of(cluster).workers == 64);
  berth_cluster_release(cluster);
  CHECK(berth_fork_discard(forks[0], NULL) == BERTH_OK);
  berth_fork_free(forks[0]);
}

void test_live_calls(void) {
  berth_engine* engine = make_test_engine();
  berth_snapshot* snapshot = make_test_snapshot(engine);
  berth_cluster* cluster = NULL;
  CHECK(berth_cluster_new(snapshot, NULL, &cluster, NULL) == BERTH_OK);
  berth_snapshot_release(snapshot);
  test_figures(engine, cluster);
  test_registering(engine, cluster);
  test_snapshot(engine, cluster);
  test_forks(engine, cluster);
  test_documents(engine, cluster);
  test_places(cluster);
  berth_engine_free(engine);
}
