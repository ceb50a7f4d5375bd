#include "berth/berth.h"

#define BERTH_TEXT_OF(x) #x
#define BERTH_TEXT(x) BERTH_TEXT_OF(x)
#define BERTH_VERSION_TEXT BERTH_TEXT(BERTH_VERSION_MAJOR) "." BERTH_TEXT(BERTH_VERSION_MINOR) "." BERTH_TEXT(BERTH_VERSION_PATCH)

uint32_t berth_version(void) noexcept {
  static_assert(BERTH_VERSION_MINOR < 256 && BERTH_VERSION_PATCH < 256, "one byte each");
  return (uint32_t{BERTH_VERSION_MAJOR} << 16U) | (uint32_t{BERTH_VERSION_MINOR} << 8U) | uint32_t{BERTH_VERSION_PATCH};
}

const char* berth_version_string(void) noexcept {
  return BERTH_VERSION_TEXT;
}

const char* berth_build_info(void) noexcept {
  return "berth " BERTH_VERSION_TEXT "; " BERTH_BUILD_COMPILER "; oneTBB " BERTH_BUILD_TBB "; " BERTH_BUILD_TYPE "; " BERTH_BUILD_PROCESSOR
         "; sanitizers: " BERTH_BUILD_SANITIZERS;
}
