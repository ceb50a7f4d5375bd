/* The live part of berth.h from C: clusters, rows, changes, cancelling. */
#include <stdlib.h>

#include "capi_test.h"

/* What outputs hold before a call that must fail. Never followed. */
static char untouched;
static void* const untouched_address = &untouched;
#define UNTOUCHED(type) ((type*)untouched_address)

static const char kWeb[] =
    "{\"taskDefinition\": {\"family\": \"web\", \"containerDefinitions\": [{\"name\": \"web\", \"image\": \"web\", \"cpu\": 256,"
    " \"memory\": 256}]}, \"placementStrategy\": [{\"type\": \"binpack\", \"field\": \"memory\"}]}";
/* The same but for what a class does not know. */
static const char kWebAgain[] =
    "{\"count\": 7, \"berth\": {\"seed\": 3}, \"taskDefinition\": {\"family\": \"web\", \"containerDefinitions\": [{\"name\": \"web\","
    " \"image\": \"web\", \"cpu\": 256, \"memory\": 256}]}, \"placementStrategy\": [{\"type\": \"binpack\", \"field\": \"memory\"}]}";
static const char kHuge[] =
    "{\"taskDefinition\": {\"family\": \"huge\", \"containerDefinitions\": [{\"name\": \"huge\", \"image\": \"huge\", \"cpu\": 64,"
    " \"memory\": 1000000}]}}";
static const char kFargate[] =
    "{\"launchType\": \"FARGATE\", \"taskDefinition\": {\"family\": \"f\", \"networkMode\": \"awsvpc\", \"cpu\": \"256\","
    " \"memory\": \"512\", \"requiresCompatibilities\": [\"FARGATE\"], \"containerDefinitions\": [{\"name\": \"f\", \"image\": \"f\"}]},"
    " \"networkConfiguration\": {\"awsvpcConfiguration\": {\"subnets\": [\"subnet-1\"]}},"
    " \"berth\": {\"subnets\": {\"subnet-1\": {\"zone\": \"us-east-1a\"}}}}";
static const char kFirstArn[] = "arn:aws:ecs:us-east-1:123456789012:container-instance/test/0123456789abcdef0123456789abcdef";
static const char kSecondArn[] = "arn:aws:ecs:us-east-1:123456789012:container-instance/test/fedcba9876543210fedcba9876543210";

static uint32_t prepare(berth_engine* engine, berth_cluster* cluster, const char* request) {
  uint32_t number = 12345;
  CHECK(berth_cluster_prepare(engine, cluster, request, strlen(request), &number, NULL) == BERTH_OK);
  return number;
}

static berth_instance find(berth_cluster* cluster, const char* arn) {
  berth_instance instance = {0, 0};
  berth_text_range range;
  range.offset = 0;
  range.length = strlen(arn);
  CHECK(berth_cluster_find_instances(cluster, &range, 1, arn, strlen(arn), &instance, NULL) == BERTH_OK);
  return instance;
}

static berth_place_row place_row(uint32_t request_class, uint32_t count) {
  berth_place_row row;
  memset(&row, 0, sizeof row);
  row.request_class = request_class;
  row.count = count;
  row.seed = 1;
  row.id_base = 99;
  return row;
}

static berth_change_row task_change(berth_change_kind kind, berth_task task) {
  berth_change_row row;
  memset(&row, 0, sizeof row);
  row.kind = kind;
  row.task = task;
  return row;
}

static berth_change_row instance_change(berth_change_kind kind, berth_instance instance, uint32_t value) {
  berth_change_row row;
  memset(&row, 0, sizeof row);
  row.kind = kind;
  row.instance = instance;
  row.value = value;
  return row;
}

static berth_change_result change(berth_cluster* cluster, berth_change_row row, const char* blob) {
  berth_change_result result;
  memset(&result, 0xAB, sizeof result);
  CHECK(berth_cluster_change(cluster, &row, 1, blob, strlen(blob), NULL, &result, NULL) == BERTH_OK);
  CHECK(result.is_attempted == 1);
  return result;
}

static int is_same_instance(berth_instance a, berth_instance b) {
  return a.slot == b.slot && a.identity == b.identity;
}

static uint32_t count_tasks(berth_cluster* cluster, berth_instance instance) {
  uint32_t count = 0;
  CHECK(berth_cluster_tasks(cluster, &instance, NULL, 0, &count, NULL) == BERTH_OK);
  return count;
}

/* A small instance takes the first tasks (256 of 1,024 MiB each, the fullest first), the large one the rest. */
static void test_placing(berth_engine* engine, berth_cluster* cluster) {
  berth_place_row rows[3];
  berth_decision_row decisions[16];
  const berth_instance first = find(cluster, kFirstArn);
  const berth_instance second = find(cluster, kSecondArn);
  const uint32_t web = prepare(engine, cluster, kWeb);
  const uint32_t huge = prepare(engine, cluster, kHuge);
  uint32_t i = 0;
  CHECK(web != huge);
  CHECK(prepare(engine, cluster, kWeb) == web);
  CHECK(prepare(engine, cluster, kWebAgain) == web);
  CHECK(first.identity != BERTH_NO_INSTANCE && second.identity != BERTH_NO_INSTANCE);
  CHECK(find(cluster, "arn:nobody").identity == BERTH_NO_INSTANCE);

  rows[0] = place_row(web, 1);
  rows[0].flags = BERTH_PLACE_DRY_RUN;
  CHECK(berth_cluster_place(cluster, rows, 1, NULL, decisions, 1, NULL) == BERTH_OK);
  CHECK(decisions[0].outcome == BERTH_PLACED && is_same_instance(decisions[0].instance, second));
  CHECK(count_tasks(cluster, second) == 0);

  rows[0] = place_row(web, 5);
  rows[1] = place_row(huge, 2);
  rows[2] = place_row(web, 1);
  rows[2].id_base = 0;
  CHECK(berth_cluster_place(cluster, rows, 3, NULL, decisions, 16, NULL) == BERTH_OK);
  for (i = 0; i < 8; ++i) {
    const berth_decision_row* it = &decisions[i];
    CHECK(it->row == (i < 5 ? 0U : i < 7 ? 1U : 2U) && it->index == (i < 5 ? i : i < 7 ? i - 5 : 0));
    CHECK(it->cause == BERTH_OK && it->reserved[0] == 0 && it->task.reserved == 0);
    CHECK(it->outcome == (uint32_t)(i == 5 || i == 6 ? BERTH_NOT_PLACED : BERTH_PLACED));
    CHECK(is_same_instance(it->instance, second) == (i < 4));
    CHECK(is_same_instance(it->instance, first) == (i == 4 || i == 7));
    CHECK(it->position == (i < 5 ? i : 5U));
    CHECK(it->outcome == BERTH_NOT_PLACED ? it->instance.identity == BERTH_NO_INSTANCE : it->task.slot == it->instance.slot);
  }
  CHECK(count_tasks(cluster, second) == 4 && count_tasks(cluster, first) == 3);

  /* For all or nothing: 2 more fit on the first instance (2 of 4 vCPU quarters are taken), 3 do not. */
  rows[0] = place_row(web, 3);
  rows[0].flags = BERTH_PLACE_ALL_OR_NOTHING;
  rows[0].id_base = 7;
  CHECK(berth_cluster_place(cluster, rows, 1, NULL, decisions, 3, NULL) == BERTH_OK);
  CHECK(decisions[0].outcome == BERTH_NOT_PLACED && decisions[2].outcome == BERTH_NOT_PLACED);
  CHECK(count_tasks(cluster, first) == 3);
  rows[0].count = 2;
  CHECK(berth_cluster_place(cluster, rows, 1, NULL, decisions, 2, NULL) == BERTH_OK);
  CHECK(decisions[0].outcome == BERTH_PLACED && decisions[1].outcome == BERTH_PLACED);
  CHECK(count_tasks(cluster, first) == 5);
}

static void test_task_changes(berth_cluster* cluster, uint32_t web) {
  berth_instance second = find(cluster, kSecondArn);
  berth_task tasks[4];
  berth_change_row rows[3];
  berth_change_result results[3];
  berth_place_row again = place_row(web, 1);
  berth_decision_row decision;
  uint32_t count = 0;
  CHECK(berth_cluster_tasks(cluster, &second, tasks, 2, &count, NULL) == BERTH_OK);
  CHECK(count == 4);
  CHECK(berth_cluster_tasks(cluster, &second, tasks, 4, &count, NULL) == BERTH_OK);

  /* A full cluster: only a release makes room, stopping does not. */
  CHECK(change(cluster, task_change(BERTH_CHANGE_STOP, tasks[0]), "").status == BERTH_OK);
  again.id_base = 1000;
  CHECK(berth_cluster_place(cluster, &again, 1, NULL, &decision, 1, NULL) == BERTH_OK && decision.outcome == BERTH_NOT_PLACED);
  rows[0] = task_change(BERTH_CHANGE_STOP, tasks[0]);
  rows[1] = task_change(BERTH_CHANGE_RELEASE, tasks[0]);
  rows[2] = task_change(BERTH_CHANGE_RELEASE, tasks[0]);
  CHECK(berth_cluster_change(cluster, rows, 3, NULL, 0, NULL, results, NULL) == BERTH_OK);
  CHECK(results[0].status == BERTH_OK && results[0].position == UINT64_MAX);
  CHECK(results[1].status == BERTH_OK && results[1].position != UINT64_MAX);
  CHECK(results[2].status == BERTH_NOT_FOUND && results[2].is_attempted == 1 && results[2].position == UINT64_MAX);
  CHECK(count_tasks(cluster, second) == 3);
  CHECK(berth_cluster_place(cluster, &again, 1, NULL, &decision, 1, NULL) == BERTH_OK && decision.outcome == BERTH_PLACED);
  CHECK(is_same_instance(decision.instance, second));

  rows[0] = task_change(BERTH_CHANGE_TASK_STATE, tasks[1]);
  rows[0].last_status = BERTH_TASK_RUNNING;
  rows[0].health = BERTH_HEALTH_HEALTHY;
  CHECK(change(cluster, rows[0], "").status == BERTH_OK);
  rows[0] = task_change(BERTH_CHANGE_PROTECT, tasks[1]);
  rows[0].value = 1;
  rows[0].until_ms = 5000;
  CHECK(change(cluster, rows[0], "").status == BERTH_OK);
  tasks[1].generation += 1;
  CHECK(change(cluster, task_change(BERTH_CHANGE_STOP, tasks[1]), "").status == BERTH_NOT_FOUND);
}

static void test_instance_changes(berth_engine* engine, berth_cluster* cluster, uint32_t web) {
  berth_instance first = find(cluster, kFirstArn);
  berth_instance second = find(cluster, kSecondArn);
  berth_instance nobody = {0, BERTH_NO_INSTANCE};
  berth_change_row row;
  berth_change_result result;
  berth_place_row place = place_row(web, 1);
  berth_decision_row decision;
  static const char kBlob[] = "stackproduction";
  static const char kOnStack[] =
      "{\"taskDefinition\": {\"family\": \"web\", \"containerDefinitions\": [{\"name\": \"web\", \"image\": \"web\", \"cpu\": 1,"
      " \"memory\": 4}]}, \"placementConstraints\": [{\"type\": \"memberOf\", \"expression\": \"attribute:stack == production\"}]}";
  const uint32_t on_stack = prepare(engine, cluster, kOnStack);

  row = instance_change(BERTH_CHANGE_RESOURCES, first, 0);
  row.cpu_units = 8192;
  row.memory_mib = 16384;
  CHECK(change(cluster, row, "").status == BERTH_OK);
  CHECK(change(cluster, row, "").position == UINT64_MAX);
  place.request_class = on_stack;
  CHECK(berth_cluster_place(cluster, &place, 1, NULL, &decision, 1, NULL) == BERTH_OK && decision.outcome == BERTH_NOT_PLACED);
  row = instance_change(BERTH_CHANGE_PUT_ATTRIBUTE, first, 0);
  row.name.length = 5;
  row.text.offset = 5;
  row.text.length = 10;
  CHECK(change(cluster, row, kBlob).status == BERTH_OK);
  CHECK(berth_cluster_place(cluster, &place, 1, NULL, &decision, 1, NULL) == BERTH_OK && decision.outcome == BERTH_PLACED);
  CHECK(is_same_instance(decision.instance, first));
  row.value = 1;
  row.text.offset = 0;
  row.text.length = 0;
  CHECK(change(cluster, row, kBlob).status == BERTH_OK);
  row = instance_change(BERTH_CHANGE_REMOVE_ATTRIBUTE, first, 0);
  row.name.length = 5;
  CHECK(change(cluster, row, kBlob).status == BERTH_OK);
  row = instance_change(BERTH_CHANGE_AGENT_VERSION, first, 0);
  row.text.length = 5;
  CHECK(change(cluster, row, "1.2.3").status == BERTH_OK);
  row = instance_change(BERTH_CHANGE_CAPACITY_PROVIDER, first, 0);
  row.text.length = 5;
  CHECK(change(cluster, row, "1.2.3").status == BERTH_OK);
  row.text.length = 0;
  CHECK(change(cluster, row, "").status == BERTH_OK);
  CHECK(change(cluster, instance_change(BERTH_CHANGE_AGENT_CONNECTED, first, 0), "").status == BERTH_OK);
  CHECK(change(cluster, instance_change(BERTH_CHANGE_AGENT_CONNECTED, first, 1), "").status == BERTH_OK);
  CHECK(change(cluster, instance_change(BERTH_CHANGE_STATUS, nobody, BERTH_INSTANCE_DRAINING), "").status == BERTH_NOT_FOUND);
  nobody.slot = UINT32_MAX;
  nobody.identity = 1;
  CHECK(change(cluster, instance_change(BERTH_CHANGE_STATUS, nobody, BERTH_INSTANCE_DRAINING), "").status == BERTH_NOT_FOUND);

  /* Only at the version that was seen. */
  row = instance_change(BERTH_CHANGE_STATUS, first, BERTH_INSTANCE_DRAINING);
  row.flags = BERTH_CHANGE_IF_VERSION;
  row.version = 1;
  result = change(cluster, row, "");
  CHECK(result.status == BERTH_CONFLICT && result.version_found > 3 && result.position == UINT64_MAX);
  row.version = result.version_found;
  CHECK(change(cluster, row, "").status == BERTH_OK);

  /* StartTask on a named instance, with the reason when it does not fit. */
  row = instance_change(BERTH_CHANGE_START, first, 0);
  row.request_class = web;
  result = change(cluster, row, "");
  CHECK(result.status == BERTH_OK && result.reason == BERTH_REASON_INACTIVE && result.position == UINT64_MAX);
  CHECK(change(cluster, instance_change(BERTH_CHANGE_STATUS, first, BERTH_INSTANCE_ACTIVE), "").status == BERTH_OK);
  result = change(cluster, row, "");
  CHECK(result.status == BERTH_OK && result.reason == BERTH_REASON_NONE && result.position != UINT64_MAX);
  CHECK(result.task.slot == first.slot);
  CHECK(change(cluster, task_change(BERTH_CHANGE_RELEASE, result.task), "").status == BERTH_OK);

  /* Deregistering: not while tasks run, but by force. */
  CHECK(change(cluster, instance_change(BERTH_CHANGE_DEREGISTER, second, 0), "").status == BERTH_INVALID_ARGUMENT);
  result = change(cluster, instance_change(BERTH_CHANGE_DEREGISTER, second, 1), "");
  CHECK(result.status == BERTH_OK && result.orphans == 4);
  CHECK(find(cluster, kSecondArn).identity == BERTH_NO_INSTANCE);
  CHECK(change(cluster, instance_change(BERTH_CHANGE_DEREGISTER, second, 1), "").status == BERTH_NOT_FOUND);
}

static void test_arns(berth_cluster* cluster) {
  berth_instance instances[2];
  berth_text_range ranges[2];
  char texts[256];
  size_t bytes = 0;
  const size_t length = sizeof kFirstArn - 1;
  instances[0] = find(cluster, kFirstArn);
  instances[1] = find(cluster, kSecondArn);
  CHECK(berth_cluster_instance_arns(cluster, instances, 2, NULL, 0, &bytes, ranges, NULL) == BERTH_OK);
  CHECK(bytes == 2 * length);
  memset(texts, 'x', sizeof texts);
  CHECK(berth_cluster_instance_arns(cluster, instances, 2, texts, bytes - 1, &bytes, ranges, NULL) == BERTH_OK && texts[0] == 'x');
  CHECK(berth_cluster_instance_arns(cluster, instances, 2, texts, bytes, &bytes, ranges, NULL) == BERTH_OK);
  CHECK(memcmp(texts, kFirstArn, length) == 0 && memcmp(texts + length, kSecondArn, length) == 0 && texts[2 * length] == 'x');
  CHECK(ranges[0].offset == 0 && ranges[0].length == length && ranges[1].offset == length && ranges[1].length == length);
  bytes = 77;
  instances[1].slot += 1;
  CHECK_FAILS(BERTH_NOT_FOUND, "instances[1]", berth_cluster_instance_arns(cluster, instances, 2, texts, 256, &bytes, ranges, &error));
  instances[1].identity = BERTH_NO_INSTANCE;
  CHECK_FAILS(BERTH_NOT_FOUND, "instances[1]", berth_cluster_instance_arns(cluster, instances, 2, texts, 256, &bytes, ranges, &error));
  CHECK(bytes == 77);
}

static void test_limits(berth_cluster* cluster, uint32_t web) {
  berth_call_options options;
  berth_cancel* cancel = NULL;
  berth_place_row row = place_row(web, 2);
  berth_change_row changed = instance_change(BERTH_CHANGE_STATUS, find(cluster, kFirstArn), BERTH_INSTANCE_ACTIVE);
  berth_change_result result;
  berth_decision_row decisions[2];
  berth_decision_row before;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  memset(decisions, 0xCD, sizeof decisions);
  memset(&before, 0xCD, sizeof before);
  memset(&result, 0xCD, sizeof result);
  CHECK(berth_cancel_new(&cancel, NULL) == BERTH_OK);
  options.cancel = cancel;
  berth_cancel_set(cancel);
  CHECK_FAILS(BERTH_CANCELLED, "cancelled", berth_cluster_place(cluster, &row, 1, &options, decisions, 2, &error));
  CHECK_FAILS(BERTH_CANCELLED, "cancelled", berth_cluster_change(cluster, &changed, 1, NULL, 0, &options, &result, &error));
  options.cancel = NULL;
  options.timeout_ns = 1;
  CHECK_FAILS(BERTH_DEADLINE_EXCEEDED, "timeout_ns", berth_cluster_place(cluster, &row, 1, &options, decisions, 2, &error));
  CHECK_FAILS(BERTH_DEADLINE_EXCEEDED, "timeout_ns", berth_cluster_change(cluster, &changed, 1, NULL, 0, &options, &result, &error));
  CHECK(memcmp(&decisions[0], &before, sizeof before) == 0 && memcmp(&decisions[1], &before, sizeof before) == 0);
  CHECK(result.status == (berth_status)0xCDCDCDCD);
  options.timeout_ns = UINT64_MAX;
  options.cancel = cancel;
  berth_cancel_clear(cancel);
  CHECK(berth_cluster_place(cluster, &row, 1, &options, decisions, 2, NULL) == BERTH_OK && decisions[0].outcome == BERTH_PLACED);
  CHECK(berth_cluster_change(cluster, &changed, 1, NULL, 0, &options, &result, NULL) == BERTH_OK && result.status == BERTH_OK);
  berth_cancel_free(cancel);
  berth_cancel_set(NULL);
  berth_cancel_clear(NULL);
  berth_cancel_free(NULL);
}

/* A deadline in the middle of a call: what was decided stands, the rest says why it was not tried. */
static void test_deadline_midway(berth_engine* engine) {
  static const char kGenerate[] = "{\"instances\": 2000, \"seed\": 5, \"utilization\": 0}";
  enum { kCount = 200000 };
  berth_snapshot* snapshot = NULL;
  berth_cluster* cluster = NULL;
  berth_decision_row* decisions = calloc(kCount, sizeof *decisions);
  berth_call_options options;
  berth_place_row row;
  uint32_t placed = 0;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.timeout_ns = 20000000;
  CHECK(berth_snapshot_generate(engine, kGenerate, sizeof kGenerate - 1, &snapshot, NULL) == BERTH_OK);
  CHECK(berth_cluster_new(snapshot, NULL, &cluster, NULL) == BERTH_OK);
  row = place_row(prepare(engine, cluster, kRunRequest), kCount);
  CHECK(berth_cluster_place(cluster, &row, 1, &options, decisions, kCount, NULL) == BERTH_OK);
  while (placed < kCount && decisions[placed].outcome == BERTH_PLACED) {
    ++placed;
  }
  CHECK(placed > 0 && placed < kCount);
  if (placed < kCount && decisions[placed].outcome == BERTH_NOT_ATTEMPTED) {
    CHECK(decisions[placed].cause == BERTH_DEADLINE_EXCEEDED && decisions[kCount - 1].outcome == BERTH_NOT_ATTEMPTED);
    CHECK(decisions[kCount - 1].index == kCount - 1 && decisions[placed].instance.identity == BERTH_NO_INSTANCE);
  }
  free(decisions);
  berth_cluster_release(cluster);
  berth_snapshot_release(snapshot);
}

static void test_cluster_arguments(berth_engine* engine, berth_snapshot* snapshot) {
  berth_cluster* cluster = UNTOUCHED(berth_cluster);
  berth_cluster_options options[2];
  memset(options, 0, sizeof options);
  options[0].struct_size = sizeof options[0];
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "snapshot", berth_cluster_new(NULL, NULL, &cluster, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_new(snapshot, NULL, NULL, &error));
  options[0].struct_size = 15;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "options.struct_size", berth_cluster_new(snapshot, options, &cluster, &error));
  options[0].struct_size = sizeof options;
  options[1].flags = 1;
  CHECK_FAILS(BERTH_UNSUPPORTED, "options", berth_cluster_new(snapshot, options, &cluster, &error));
  options[1].flags = 0;
  options[0].flags = 2;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "options.flags", berth_cluster_new(snapshot, options, &cluster, &error));
  options[0].flags = BERTH_CLUSTER_OWN_VERSIONS;
  options[0].instances_max = UINT32_MAX;
  CHECK_FAILS(BERTH_LIMIT_EXCEEDED, "instances", berth_cluster_new(snapshot, options, &cluster, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cancel", berth_cancel_new(NULL, &error));
  CHECK(cluster == UNTOUCHED(berth_cluster));
  options[0].instances_max = 10;
  options[0].tasks_max = 2;
  CHECK(berth_cluster_new(snapshot, options, &cluster, NULL) == BERTH_OK);
  if (cluster != UNTOUCHED(berth_cluster)) {
    /* tasks_max: what fits stays, the rest is not attempted. */
    berth_place_row row = place_row(prepare(engine, cluster, kWeb), 4);
    berth_decision_row decisions[4];
    CHECK(berth_cluster_place(cluster, &row, 1, NULL, decisions, 4, NULL) == BERTH_OK);
    CHECK(decisions[1].outcome == BERTH_PLACED && decisions[2].outcome == BERTH_NOT_ATTEMPTED);
    CHECK(decisions[3].cause == BERTH_LIMIT_EXCEEDED);
    CHECK_FAILS(BERTH_LIMIT_EXCEEDED, "tasks_max", berth_cluster_place(cluster, &row, 1, NULL, decisions, 4, &error));
    CHECK(berth_cluster_retain(cluster) == cluster);
    berth_cluster_release(cluster);
    berth_cluster_release(cluster);
  }
  CHECK(berth_cluster_retain(NULL) == NULL);
  berth_cluster_release(NULL);
}

static void test_place_arguments(berth_engine* engine, berth_cluster* cluster, uint32_t web) {
  berth_place_row rows[2];
  berth_decision_row decisions[4];
  berth_decision_row before;
  berth_call_options options[2];
  uint32_t number = 77;
  memset(&before, 0xEF, sizeof before);
  memset(decisions, 0xEF, sizeof decisions);
  memset(options, 0, sizeof options);
  rows[0] = place_row(web, 1);
  rows[1] = place_row(web, 1);
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "engine", berth_cluster_prepare(NULL, cluster, "{}", 2, &number, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_prepare(engine, NULL, "{}", 2, &number, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "request", berth_cluster_prepare(engine, cluster, NULL, 2, &number, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "request_class", berth_cluster_prepare(engine, cluster, "{}", 2, NULL, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "taskDefinition", berth_cluster_prepare(engine, cluster, "{}", 2, &number, &error));
  CHECK_FAILS(BERTH_UNSUPPORTED, "Fargate", berth_cluster_prepare(engine, cluster, kFargate, sizeof kFargate - 1, &number, &error));
  CHECK(number == 77);
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_place(NULL, rows, 1, NULL, decisions, 4, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "rows", berth_cluster_place(cluster, NULL, 1, NULL, decisions, 4, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "rows", berth_cluster_place(cluster, rows, 0, NULL, decisions, 4, &error));
  CHECK_FAILS(BERTH_LIMIT_EXCEEDED, "rows", berth_cluster_place(cluster, rows, 1048577, NULL, decisions, 4, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "decisions", berth_cluster_place(cluster, rows, 1, NULL, NULL, 4, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "decision_capacity", berth_cluster_place(cluster, rows, 2, NULL, decisions, 1, &error));
  rows[1].count = 0;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "rows[1].count", berth_cluster_place(cluster, rows, 2, NULL, decisions, 4, &error));
  rows[1].count = 1048577;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "rows[1].count", berth_cluster_place(cluster, rows, 2, NULL, decisions, 4, &error));
  rows[1].count = 2;
  rows[1].flags = BERTH_PLACE_DRY_RUN;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "rows[1].count", berth_cluster_place(cluster, rows, 2, NULL, decisions, 4, &error));
  rows[1].flags = 4;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "rows[1].flags", berth_cluster_place(cluster, rows, 2, NULL, decisions, 4, &error));
  rows[1].flags = 0;
  rows[1].reserved[8] = 1;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "rows[1].reserved", berth_cluster_place(cluster, rows, 2, NULL, decisions, 4, &error));
  rows[1].reserved[8] = 0;
  rows[1].request_class = 1000;
  CHECK_FAILS(BERTH_NOT_FOUND, "rows[1].request_class", berth_cluster_place(cluster, rows, 2, NULL, decisions, 4, &error));
  options[0].struct_size = 23;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "options.struct_size", berth_cluster_place(cluster, rows, 1, options, decisions, 4, &error));
  options[0].struct_size = sizeof options;
  options[1].timeout_ns = 1;
  CHECK_FAILS(BERTH_UNSUPPORTED, "options", berth_cluster_place(cluster, rows, 1, options, decisions, 4, &error));
  options[0].struct_size = sizeof options[0];
  options[0].reserved = 1;
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "options.reserved", berth_cluster_place(cluster, rows, 1, options, decisions, 4, &error));
  CHECK(memcmp(&decisions[0], &before, sizeof before) == 0);
}

static void check_row_refused(berth_cluster* cluster, berth_change_row row, berth_status refused, const char* member) {
  berth_change_row rows[2];
  berth_change_result results[2];
  berth_change_result before;
  memset(&before, 0xEF, sizeof before);
  memset(results, 0xEF, sizeof results);
  rows[0] = instance_change(BERTH_CHANGE_STATUS, find(cluster, kFirstArn), BERTH_INSTANCE_DRAINING);
  rows[1] = row;
  CHECK_FAILS(refused, member, berth_cluster_change(cluster, rows, 2, "name\0\xFF", 6, NULL, results, &error));
  CHECK(memcmp(&results[0], &before, sizeof before) == 0 && memcmp(&results[1], &before, sizeof before) == 0);
}

/* Every member that a kind does not use, and every value that a member cannot have. Nothing is done before the wrong row either. */
static void test_change_arguments(berth_cluster* cluster) {
  static const berth_change_kind kKinds[] = {
      BERTH_CHANGE_STOP,      BERTH_CHANGE_RELEASE,       BERTH_CHANGE_TASK_STATE,        BERTH_CHANGE_PROTECT,
      BERTH_CHANGE_STATUS,    BERTH_CHANGE_AGENT_VERSION, BERTH_CHANGE_PUT_ATTRIBUTE,     BERTH_CHANGE_REMOVE_ATTRIBUTE,
      BERTH_CHANGE_RESOURCES, BERTH_CHANGE_DEREGISTER,    BERTH_CHANGE_CAPACITY_PROVIDER, BERTH_CHANGE_AGENT_CONNECTED,
      BERTH_CHANGE_START};
  berth_change_row row;
  berth_change_result result;
  size_t i = 0;
  memset(&row, 0, sizeof row);
  check_row_refused(cluster, row, BERTH_INVALID_ARGUMENT, "rows[1].kind");
  row.kind = 999;
  check_row_refused(cluster, row, BERTH_INVALID_ARGUMENT, "rows[1].kind");
  for (i = 0; i < sizeof kKinds / sizeof kKinds[0]; ++i) {
    const int is_of_task = kKinds[i] < BERTH_CHANGE_STATUS;
    memset(&row, 0, sizeof row);
    row.kind = kKinds[i];
    row.flags = 2;
    check_row_refused(cluster, row, BERTH_INVALID_ARGUMENT, "rows[1].flags");
    row.flags = 0;
    row.version = 1;
    check_row_refused(cluster, row, BERTH_INVALID_ARGUMENT, "rows[1].version");
    row.version = 0;
    row.reserved[2] = 1;
    check_row_refused(cluster, row, BERTH_INVALID_ARGUMENT, "rows[1].reserved");
    row.reserved[2] = 0;
    row.task.reserved = 1;
    check_row_refused(cluster, row, BERTH_INVALID_ARGUMENT, "rows[1].task.reserved");
    row.task.reserved = 0;
    row.task.number = is_of_task ? 0 : 1;
    row.instance.slot = is_of_task ? 1 : 0;
    check_row_refused(cluster, row, BERTH_INVALID_ARGUMENT, is_of_task ? "rows[1].instance" : "rows[1].task");
  }
#define REFUSED(wanted_kind, member, value, name) \
  memset(&row, 0, sizeof row);                    \
  row.kind = (wanted_kind);                       \
  row.member = (value);                           \
  check_row_refused(cluster, row, BERTH_INVALID_ARGUMENT, "rows[1]." name)
  REFUSED(BERTH_CHANGE_STOP, value, 1, "value");
  REFUSED(BERTH_CHANGE_STOP, request_class, 1, "request_class");
  REFUSED(BERTH_CHANGE_STOP, name.length, 1, "name");
  REFUSED(BERTH_CHANGE_STOP, text.offset, 1, "text");
  REFUSED(BERTH_CHANGE_STOP, cpu_units, 1, "cpu_units");
  REFUSED(BERTH_CHANGE_STOP, memory_mib, -1, "memory_mib");
  REFUSED(BERTH_CHANGE_STOP, last_status, 1, "last_status");
  REFUSED(BERTH_CHANGE_STOP, desired_status, 1, "desired_status");
  REFUSED(BERTH_CHANGE_STOP, health, 1, "health");
  REFUSED(BERTH_CHANGE_STOP, until_ms, 1, "until_ms");
  REFUSED(BERTH_CHANGE_STOP, id_base, 1, "id_base");
  REFUSED(BERTH_CHANGE_TASK_STATE, health, 0, "last_status");
  REFUSED(BERTH_CHANGE_TASK_STATE, health, 4, "health");
  REFUSED(BERTH_CHANGE_TASK_STATE, last_status, BERTH_TASK_STOPPED, "last_status");
  REFUSED(BERTH_CHANGE_TASK_STATE, last_status, 10, "last_status");
  REFUSED(BERTH_CHANGE_TASK_STATE, desired_status, BERTH_TASK_STOPPING, "desired_status");
  REFUSED(BERTH_CHANGE_PROTECT, value, 2, "value");
  REFUSED(BERTH_CHANGE_PROTECT, until_ms, 1, "until_ms");
  REFUSED(BERTH_CHANGE_STATUS, value, 0, "value");
  REFUSED(BERTH_CHANGE_STATUS, value, 7, "value");
  REFUSED(BERTH_CHANGE_AGENT_CONNECTED, value, 2, "value");
  REFUSED(BERTH_CHANGE_DEREGISTER, value, 2, "value");
  REFUSED(BERTH_CHANGE_RESOURCES, cpu_units, -1, "cpu_units");
  REFUSED(BERTH_CHANGE_RESOURCES, memory_mib, -1, "memory_mib");
  REFUSED(BERTH_CHANGE_PUT_ATTRIBUTE, name.length, 0, "name");
  REFUSED(BERTH_CHANGE_PUT_ATTRIBUTE, name.length, 129, "name");
  REFUSED(BERTH_CHANGE_PUT_ATTRIBUTE, name.length, 7, "name");
  REFUSED(BERTH_CHANGE_PUT_ATTRIBUTE, name.length, 5, "name");
  REFUSED(BERTH_CHANGE_REMOVE_ATTRIBUTE, name.length, 0, "name");
  REFUSED(BERTH_CHANGE_AGENT_VERSION, text.length, 6, "text");
  REFUSED(BERTH_CHANGE_AGENT_VERSION, text.offset, UINT64_MAX, "text");
#undef REFUSED
  memset(&row, 0, sizeof row);
  row.kind = BERTH_CHANGE_PUT_ATTRIBUTE;
  row.value = 1;
  row.name.length = 4;
  row.text.length = 4;
  check_row_refused(cluster, row, BERTH_INVALID_ARGUMENT, "rows[1].text");
  memset(&row, 0, sizeof row);
  row.kind = BERTH_CHANGE_START;
  row.request_class = 1000;
  check_row_refused(cluster, row, BERTH_NOT_FOUND, "rows[1].request_class");
  row = instance_change(BERTH_CHANGE_STATUS, find(cluster, kFirstArn), BERTH_INSTANCE_ACTIVE);
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_change(NULL, &row, 1, NULL, 0, NULL, &result, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "rows", berth_cluster_change(cluster, NULL, 1, NULL, 0, NULL, &result, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "blob", berth_cluster_change(cluster, &row, 1, NULL, 3, NULL, &result, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "results", berth_cluster_change(cluster, &row, 1, NULL, 0, NULL, NULL, &error));
  /* No refused call has drained it. */
  CHECK(change(cluster, row, "").position == UINT64_MAX);
}

static void test_lookup_arguments(berth_cluster* cluster) {
  berth_text_range range = {0, 3};
  berth_instance instance = {7, 7};
  berth_instance nobody = {0, BERTH_NO_INSTANCE};
  berth_task task;
  uint32_t count = 77;
  size_t bytes = 77;
  char texts[8];
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_find_instances(NULL, &range, 1, "abc", 3, &instance, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "arns", berth_cluster_find_instances(cluster, NULL, 1, "abc", 3, &instance, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "arns", berth_cluster_find_instances(cluster, &range, 0, "abc", 3, &instance, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "blob", berth_cluster_find_instances(cluster, &range, 1, NULL, 3, &instance, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "arns[0].text", berth_cluster_find_instances(cluster, &range, 1, "abc", 2, &instance, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "instances", berth_cluster_find_instances(cluster, &range, 1, "abc", 3, NULL, &error));
  CHECK(instance.slot == 7);
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_instance_arns(NULL, &instance, 1, texts, 8, &bytes, &range, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "instances", berth_cluster_instance_arns(cluster, NULL, 1, texts, 8, &bytes, &range, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "texts", berth_cluster_instance_arns(cluster, &instance, 1, NULL, 8, &bytes, &range, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "text_bytes", berth_cluster_instance_arns(cluster, &instance, 1, texts, 8, NULL, &range, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "ranges", berth_cluster_instance_arns(cluster, &instance, 1, texts, 8, &bytes, NULL, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "cluster", berth_cluster_tasks(NULL, &instance, &task, 1, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "instance", berth_cluster_tasks(cluster, NULL, &task, 1, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "task_capacity", berth_cluster_tasks(cluster, &instance, NULL, 1, &count, &error));
  CHECK_FAILS(BERTH_INVALID_ARGUMENT, "task_count", berth_cluster_tasks(cluster, &instance, &task, 1, NULL, &error));
  CHECK_FAILS(BERTH_NOT_FOUND, "instance", berth_cluster_tasks(cluster, &nobody, &task, 1, &count, &error));
  CHECK_FAILS(BERTH_NOT_FOUND, "instance", berth_cluster_tasks(cluster, &instance, &task, 1, &count, &error));
  CHECK(count == 77 && bytes == 77);
}

void test_live(void) {
  berth_engine* engine = make_test_engine();
  berth_snapshot* snapshot = make_test_snapshot(engine);
  berth_cluster* cluster = NULL;
  uint32_t web = 0;
  test_cluster_arguments(engine, snapshot);
  test_deadline_midway(engine);
  CHECK(berth_cluster_new(snapshot, NULL, &cluster, NULL) == BERTH_OK);
  /* The cluster keeps the snapshot. */
  berth_snapshot_release(snapshot);
  web = prepare(engine, cluster, kWeb);
  test_placing(engine, cluster);
  test_task_changes(cluster, web);
  test_arns(cluster);
  test_lookup_arguments(cluster);
  test_place_arguments(engine, cluster, web);
  test_change_arguments(cluster);
  test_instance_changes(engine, cluster, web);
  test_limits(cluster, web);
  berth_cluster_release(cluster);
  berth_engine_free(engine);
}
