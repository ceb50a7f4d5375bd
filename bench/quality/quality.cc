// berth_quality [openb|vp2d]: how well decisions pack; both tables without an argument.

#include <fmt/format.h>

#include <string_view>

#include "bench/quality/experiments.h"

int main(int argument_count, char** arguments) {
  const std::string_view which = argument_count > 1 ? arguments[1] : "";
  if (argument_count > 2 || (!which.empty() && which != "openb" && which != "vp2d")) {
    fmt::print(stderr, "usage: berth_quality [openb|vp2d]\n");
    return 2;
  }
  if (which != "vp2d") {
    berth::quality::print_openb();
  }
  if (which != "openb") {
    berth::quality::print_vp2d();
  }
  return 0;
}
