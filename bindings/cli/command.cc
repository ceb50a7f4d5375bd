#include "bindings/cli/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "bindings/cli/failure.h"
#include "bindings/cli/files.h"
#include "bindings/cli/nearest.h"

namespace berth::cli {
namespace {

// CLI11 takes "[a,b]" apart and treats an empty value as none; behind this byte, which no argument begins with, values stay whole.
constexpr char kWhole = '\x01';
constexpr std::size_t kHelpColumn = 34;
constexpr std::size_t kHelpTextColumns = 84;

// CLI11 takes arguments in reverse order.
std::vector<std::string> sealed(const std::vector<std::string>& arguments) {
  std::vector<std::string> result;
  for (auto argument = arguments.rbegin(); argument != arguments.rend(); ++argument) {
    std::string text = *argument;
    const std::size_t equals = text.find('=');
    if (text.starts_with("--") && equals != std::string::npos) {
      text.insert(equals + 1, 1, kWhole);
    } else if (!text.starts_with('-')) {
      text.insert(0, 1, kWhole);
    }
    result.push_back(std::move(text));
  }
  return result;
}

std::string unsealed(std::string text) {
  if (text.starts_with(kWhole)) {
    text.erase(0, 1);
  }
  return text;
}

std::string_view name_of(std::string_view argument) {
  return argument.substr(0, argument.find('='));
}

// Breaks a description into lines; CLI11 indents what follows a newline.
std::string wrapped(std::string_view text) {
  std::string result;
  std::size_t columns = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (columns > 0 && columns + 1 + end > kHelpTextColumns) {
      result += '\n';
      columns = 0;
    } else if (columns > 0) {
      result += ' ';
      ++columns;
    }
    result += text.substr(0, end);
    columns += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

}  // namespace

Command::Command(std::string_view verb, std::string_view purpose, std::string_view examples)
    : verb_(verb), app_(wrapped(purpose), "berth " + std::string(verb)) {
  // Answered before CLI11 sees the arguments, so that it works beside anything else.
  app_.set_help_flag("-h,--help", "Print this text");
  app_.allow_extras();
  app_.get_formatter()->column_width(kHelpColumn);
  std::string footer = "\nExamples:";
  while (!examples.empty()) {
    const std::size_t end = std::min(examples.find('\n'), examples.size());
    footer += "\n  " + std::string(examples.substr(0, end));
    examples.remove_prefix(std::min(end + 1, examples.size()));
  }
  app_.footer(footer);
}

std::string Command::fault(std::string_view message) const {
  return fmt::format("{}: {}; berth {} --help lists its flags", verb_, message, verb_);
}

CLI::Option* Command::register_option(const FlagText& text, std::string_view value) {
  CLI::Option* option = app_.add_option(std::string(text.names));
  option->description(wrapped(text.description));
  option->type_name(fmt::format("{}{}", value, text.is_required ? " (required)" : ""));
  option->group(group_);
  return option;
}

void Command::add(const FlagText& text, std::optional<std::string>& target) {
  CLI::Option* option = register_option(text, text.value);
  option->expected(1);
  registered_.push_back(
      {option, fmt::format("{} {}", text.names.substr(0, text.names.find(',')), text.value), text.is_required, &target, nullptr, nullptr});
}

void Command::add(const FlagText& text, std::vector<std::string>& target) {
  CLI::Option* option = register_option(text, text.value);
  option->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
  registered_.push_back(
      {option, fmt::format("{} {}", text.names.substr(0, text.names.find(',')), text.value), text.is_required, nullptr, &target, nullptr});
}

void Command::add(const FlagText& text, bool& target) {
  CLI::Option* option = app_.add_flag(std::string(text.names));
  option->description(wrapped(text.description));
  option->group(group_);
  registered_.push_back({option, std::string(text.names), false, nullptr, nullptr, &target});
}

void Command::ignore(std::string_view name) {
  app_.add_flag(std::string(name))->group("");
}

bool Command::parse(const std::vector<std::string>& arguments) {
  if (std::find_if(arguments.begin(), arguments.end(), [](const std::string& a) { return a == "--help" || a == "-h"; }) !=
      arguments.end()) {
    write_standard_output(app_.help());
    return false;
  }
  refuse_named(arguments);
  require_single_use(arguments);
  try {
    app_.parse(sealed(arguments));
  } catch (const CLI::ParseError& error) {
    std::string message = error.what();
    message.erase(std::remove(message.begin(), message.end(), kWhole), message.end());
    throw Failure(fault(message));
  }
  fail_on_remaining();
  for (const Registered& one : registered_) {
    if (one.is_required && one.option->count() == 0) {
      throw Failure(fault(fmt::format("{} is required", one.shown)));
    }
  }
  store();
  return true;
}

void Command::refuse_named(const std::vector<std::string>& arguments) const {
  for (const std::string& argument : arguments) {
    for (const auto& [name, reason] : refused_) {
      if (name_of(argument) == name) {
        throw Failure(fmt::format("{}: {}: {}", verb_, name, reason));
      }
    }
  }
}

void Command::require_single_use(const std::vector<std::string>& arguments) const {
  std::map<const CLI::Option*, int> uses;
  for (const std::string& argument : arguments) {
    const CLI::Option* option = argument.starts_with('-') ? app_.get_option_no_throw(std::string(name_of(argument))) : nullptr;
    if (option != nullptr && ++uses[option] > 1) {
      const bool is_list = option->get_items_expected_max() > 1;
      throw Failure(fault(
          fmt::format("{} is given twice; {}", name_of(argument), is_list ? "give all its values after one of them" : "give it once")));
    }
  }
}

void Command::fail_on_remaining() const {
  std::vector<std::string> remaining = app_.remaining();
  if (remaining.empty()) {
    return;
  }
  const auto flag = std::find_if(remaining.begin(), remaining.end(), [](const std::string& one) { return one.starts_with('-'); });
  if (flag == remaining.end()) {
    throw Failure(fault(fmt::format("does not know what to do with '{}'", unsealed(remaining.front()))));
  }
  const std::string name(name_of(*flag));
  std::vector<std::string> names;
  for (const Registered& one : registered_) {
    for (const std::string& long_name : one.option->get_lnames()) {
      names.push_back("--" + long_name);
    }
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  const auto near = nearest(name, known);
  throw Failure(near ? fmt::format("{}: unknown flag {}, did you mean {}?", verb_, name, *near)
                     : fault(fmt::format("unknown flag {}", name)));
}

void Command::store() const {
  for (const Registered& one : registered_) {
    if (one.option->count() == 0) {
      continue;
    }
    if (one.flag != nullptr) {
      *one.flag = true;
      continue;
    }
    for (const std::string& result : one.option->results()) {
      if (one.text != nullptr) {
        *one.text = unsealed(result);
      } else {
        one.texts->push_back(unsealed(result));
      }
    }
  }
}

}  // namespace berth::cli
