#include "bindings/cli/resource_flag.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "bindings/cli/call.h"
#include "bindings/cli/failure.h"

namespace berth::cli {
namespace {

constexpr std::string_view kFlag = "--resource";

}  // namespace

Json resource_names(const std::string& given) {
  const std::string text = parameter_text(kFlag, given);
  Json names = Json::array();
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    names.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

void set_amounts(Json& amounts, const std::vector<std::string>& given) {
  std::vector<std::string> names;
  for (const std::string& value : given) {
    const std::string text = parameter_text(kFlag, value);
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
      throw Failure(fmt::format("{}: expected NAME=AMOUNT, found '{}'", kFlag, text));
    }
    const std::string name = text.substr(0, equals);
    for (const std::string& earlier : names) {
      if (earlier == name) {
        throw Failure(fmt::format("{}: {} is given twice; give one amount", kFlag, name));
      }
    }
    amounts[name] = read_unsigned_integer(kFlag, text.substr(equals + 1));
    names.push_back(name);
  }
}

}  // namespace berth::cli
