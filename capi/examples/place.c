/* Places tasks on a fleet, twice: on the fleet as it is, and on what the first decision has left of it.
 * cc place.c $(pkg-config --cflags --libs berth) -o place && ./place [INSTANCES] */
#include <berth/berth.h>
#include <stdio.h>
#include <stdlib.h>

/* Prints why a call failed, if it did; returns whether it went well. */
static int went_well(berth_status status, const char* call, berth_error** error) {
  uint32_t offset = 0;
  uint32_t length = 0;
  if (status == BERTH_OK) {
    return 1;
  }
  fprintf(stderr, "place: %s: %s\n", call, berth_error_message(*error, NULL));
  if (berth_error_exception(*error, NULL)[0] != '\0') {
    fprintf(stderr, "place: ECS would answer %s\n", berth_error_exception(*error, NULL));
  }
  if (berth_error_place(*error, &offset, &length)) {
    fprintf(stderr, "place: in %s, byte %u\n", berth_error_source(*error, NULL), (unsigned)offset);
  }
  berth_error_free(*error);
  *error = NULL;
  return 0;
}

/* RunTask's request, with the seed and the time that make the answer the same in every run. */
static const char kRequest[] =
    "{\"count\": 3,"
    " \"placementConstraints\": [{\"type\": \"memberOf\", \"expression\": \"attribute:ecs.os-type == linux\"}],"
    " \"placementStrategy\": [{\"type\": \"spread\", \"field\": \"attribute:ecs.availability-zone\"}],"
    " \"taskDefinition\": {\"family\": \"web\", \"containerDefinitions\":"
    "  [{\"name\": \"web\", \"image\": \"nginx\", \"cpu\": 256, \"memory\": 512}]},"
    " \"berth\": {\"seed\": 1, \"now\": \"2026-01-01T00:00:00Z\"}}";

/* Decides once, prints the decision and moves *fleet on to what is left. */
static int place(berth_engine* engine, berth_snapshot** fleet) {
  berth_document* answer = NULL;
  berth_snapshot* next = NULL;
  berth_error* error = NULL;
  uint32_t instance_count = 0;
  uint32_t task_count = 0;
  if (!went_well(berth_snapshot_run_task(engine, *fleet, kRequest, sizeof kRequest - 1, BERTH_FORMAT_TABLE, &answer, &next, &error),
                 "berth_snapshot_run_task", &error)) {
    return 0;
  }
  puts(berth_document_text(answer, NULL));
  berth_document_free(answer);
  berth_snapshot_release(*fleet);
  *fleet = next;
  berth_snapshot_counts(*fleet, &instance_count, &task_count);
  printf("Now %u instances run %u tasks.\n\n", (unsigned)instance_count, (unsigned)task_count);
  return 1;
}

int main(int argument_count, char** arguments) {
  char options[96];
  berth_engine* engine = NULL;
  berth_snapshot* fleet = NULL;
  berth_error* error = NULL;
  int done = 0;
  const unsigned long instances = argument_count > 1 ? strtoul(arguments[1], NULL, 10) : 1000;
  const size_t options_bytes = (size_t)snprintf(options, sizeof options, "{\"instances\": %lu, \"seed\": 7}", instances);
  if (went_well(berth_engine_new(NULL, &engine, &error), "berth_engine_new", &error) &&
      went_well(berth_snapshot_generate(engine, options, options_bytes, &fleet, &error), "berth_snapshot_generate", &error)) {
    done = place(engine, &fleet) && place(engine, &fleet);
  }
  berth_snapshot_release(fleet);
  berth_engine_free(engine);
  return done ? 0 : 1;
}
