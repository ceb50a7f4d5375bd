// A second unit of C++ in the same binary: the header defines nothing that would then be there twice.
#include "berth/berth.h"

extern "C" uint32_t berth_test_version_from_another_unit(void);
extern "C" uint32_t berth_test_version_from_another_unit(void) {
  return berth_version();
}
