/* What no edition may change: sizes, offsets and values of everything that crosses the boundary by layout. Lines are only ever added, by
 * ./dev abi-baseline, with one exception: a structure that grows at its end gets its new size. */
#include "berth/berth.h"

/* C99 has no static assertion; an array of negative size stops the build as well. */
#define LAYOUT(name, condition) typedef char layout_##name[(condition) ? 1 : -1]
#define INTEGER(type, size, is_signed) LAYOUT(type, sizeof(type) == (size) && ((type) ~(type)0 < (type)1) == (is_signed))
#define STRUCTURE(type, size, alignment) \
  struct alignment_of_##type {           \
    char before;                         \
    type it;                             \
  };                                     \
  LAYOUT(type, sizeof(type) == (size) && offsetof(struct alignment_of_##type, it) == (alignment))
#define MEMBER(type, member, offset, size) \
  LAYOUT(type##_##member, offsetof(type, member) == (offset) && sizeof(((type*)0)->member) == (size))
#define VALUE(name, value) LAYOUT(name, (name) == (value))

INTEGER(berth_status, 4, 1);
INTEGER(berth_format, 4, 0);
INTEGER(berth_executor, 4, 0);
INTEGER(berth_phase, 4, 0);
STRUCTURE(berth_engine_options, 16, 4);
MEMBER(berth_engine_options, struct_size, 0, 4);
MEMBER(berth_engine_options, executor, 4, 4);
MEMBER(berth_engine_options, worker_count_max, 8, 4);
MEMBER(berth_engine_options, reserved, 12, 4);
STRUCTURE(berth_progress, 24, 8);
MEMBER(berth_progress, phase, 0, 4);
MEMBER(berth_progress, reserved, 4, 4);
MEMBER(berth_progress, done, 8, 8);
MEMBER(berth_progress, total, 16, 8);
STRUCTURE(berth_input, 32, 8);
MEMBER(berth_input, name_offset, 0, 8);
MEMBER(berth_input, name_length, 8, 8);
MEMBER(berth_input, text_offset, 16, 8);
MEMBER(berth_input, text_length, 24, 8);
STRUCTURE(berth_text_range, 16, 8);
MEMBER(berth_text_range, offset, 0, 8);
MEMBER(berth_text_range, length, 8, 8);
VALUE(BERTH_OK, 0);
VALUE(BERTH_INVALID_ARGUMENT, 1);
VALUE(BERTH_MALFORMED, 2);
VALUE(BERTH_INCONSISTENT, 3);
VALUE(BERTH_UNSUPPORTED, 4);
VALUE(BERTH_LIMIT_EXCEEDED, 5);
VALUE(BERTH_DEADLINE_EXCEEDED, 6);
VALUE(BERTH_CANCELLED, 7);
VALUE(BERTH_OUT_OF_MEMORY, 8);
VALUE(BERTH_INTERNAL, 9);
VALUE(BERTH_NOT_FOUND, 10);
VALUE(BERTH_ALREADY_EXISTS, 11);
VALUE(BERTH_CONFLICT, 12);
VALUE(BERTH_IO_ERROR, 13);
VALUE(BERTH_FORMAT_JSON, 1);
VALUE(BERTH_FORMAT_TABLE, 2);
VALUE(BERTH_EXECUTOR_TBB, 1);
VALUE(BERTH_EXECUTOR_THREADS, 2);
VALUE(BERTH_EXECUTOR_SERIAL, 3);
VALUE(BERTH_PHASE_IDLE, 0);
VALUE(BERTH_PHASE_READING, 1);
VALUE(BERTH_PHASE_BUILDING, 2);
VALUE(BERTH_PHASE_WRITING, 3);
VALUE(BERTH_PHASE_LOADING, 4);
VALUE(BERTH_PHASE_FILTERING, 5);
VALUE(BERTH_PHASE_PLACING, 6);
VALUE(BERTH_PHASE_EXPLAINING, 7);
VALUE(BERTH_PHASE_REPLAYING, 8);
VALUE(BERTH_READ_MAP, 1);
VALUE(BERTH_ENGINE_OPTIONS_SIZE_V1, 16);
