/* The header stands alone in C99 and may be included twice. */
#include "berth/berth.h"
#include "berth/berth.h" /* NOLINT(readability-duplicate-include) */

uint32_t berth_test_version_from_c(void);
uint32_t berth_test_version_from_c(void) {
  return berth_version();
}
