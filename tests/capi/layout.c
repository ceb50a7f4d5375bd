/* What no edition may change: sizes, offsets and values of everything that crosses the boundary by layout. */
#include "berth/berth.h"

/* C99 has no static assertion; an array of negative size stops the build as well. */
#define LAYOUT(name, condition) typedef char layout_##name[(condition) ? 1 : -1]

LAYOUT(options_size, sizeof(berth_engine_options) == 16 && BERTH_ENGINE_OPTIONS_SIZE_V1 == 16);
LAYOUT(options_struct_size, offsetof(berth_engine_options, struct_size) == 0);
LAYOUT(options_executor, offsetof(berth_engine_options, executor) == 4);
LAYOUT(options_workers, offsetof(berth_engine_options, worker_count_max) == 8);
LAYOUT(options_reserved, offsetof(berth_engine_options, reserved) == 12);
LAYOUT(progress_size, sizeof(berth_progress) == 24);
LAYOUT(progress_phase, offsetof(berth_progress, phase) == 0);
LAYOUT(progress_reserved, offsetof(berth_progress, reserved) == 4);
LAYOUT(progress_done, offsetof(berth_progress, done) == 8);
LAYOUT(progress_total, offsetof(berth_progress, total) == 16);
LAYOUT(input_size, sizeof(berth_input) == 32);
LAYOUT(input_name_offset, offsetof(berth_input, name_offset) == 0);
LAYOUT(input_name_length, offsetof(berth_input, name_length) == 8);
LAYOUT(input_text_offset, offsetof(berth_input, text_offset) == 16);
LAYOUT(input_text_length, offsetof(berth_input, text_length) == 24);
LAYOUT(range_size, sizeof(berth_text_range) == 16);
LAYOUT(range_offset, offsetof(berth_text_range, offset) == 0);
LAYOUT(range_length, offsetof(berth_text_range, length) == 8);
LAYOUT(status_size, sizeof(berth_status) == 4 && (berth_status)-1 < 0);
LAYOUT(format_size, sizeof(berth_format) == 4 && sizeof(berth_phase) == 4 && sizeof(berth_executor) == 4);

LAYOUT(status_ok, BERTH_OK == 0 && BERTH_INVALID_ARGUMENT == 1 && BERTH_MALFORMED == 2 && BERTH_INCONSISTENT == 3);
LAYOUT(status_limits, BERTH_UNSUPPORTED == 4 && BERTH_LIMIT_EXCEEDED == 5 && BERTH_DEADLINE_EXCEEDED == 6 && BERTH_CANCELLED == 7);
LAYOUT(status_faults, BERTH_OUT_OF_MEMORY == 8 && BERTH_INTERNAL == 9);
LAYOUT(status_states, BERTH_NOT_FOUND == 10 && BERTH_ALREADY_EXISTS == 11 && BERTH_CONFLICT == 12 && BERTH_IO_ERROR == 13);
LAYOUT(formats, BERTH_FORMAT_JSON == 1 && BERTH_FORMAT_TABLE == 2);
LAYOUT(executors, BERTH_EXECUTOR_TBB == 1 && BERTH_EXECUTOR_THREADS == 2 && BERTH_EXECUTOR_SERIAL == 3);
LAYOUT(phases_first, BERTH_PHASE_IDLE == 0 && BERTH_PHASE_READING == 1 && BERTH_PHASE_BUILDING == 2 && BERTH_PHASE_WRITING == 3);
LAYOUT(phases_last, BERTH_PHASE_LOADING == 4 && BERTH_PHASE_FILTERING == 5 && BERTH_PHASE_PLACING == 6 && BERTH_PHASE_EXPLAINING == 7);
LAYOUT(flags, BERTH_READ_MAP == 1);
