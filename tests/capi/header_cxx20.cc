// The header stands alone in C++20, may be included twice, and promises not to throw.
#include "berth/berth.h"
#include "berth/berth.h"  // NOLINT(readability-duplicate-include)

static_assert(noexcept(berth_version()));
static_assert(noexcept(berth_engine_new(nullptr, nullptr, nullptr)));

extern "C" uint32_t berth_test_version_from_cxx(void);
extern "C" uint32_t berth_test_version_from_cxx(void) {
  return berth_version();
}
