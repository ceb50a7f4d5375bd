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
// Columns of the help: where descriptions begin, and how wide it is.
constexpr std::size_t kHelpIndent = 34;
constexpr std::size_t kHelpColumns = 110;

// "-s=FILE", which CLI11 would read as the file "=FILE".
bool is_short_with_equals(std::string_view argument) {
  return argument.size() >= 3 && argument[0] == '-' && argument[1] != '-' && argument[2] == '=';
}

// CLI11 takes arguments in reverse order.
std::vector<std::string> sealed(const std::vector<std::string>& arguments) {
  std::vector<std::string> result;
  for (auto argument = arguments.rbegin(); argument != arguments.rend(); ++argument) {
    std::string text = *argument;
    if (is_short_with_equals(text)) {
      result.push_back(kWhole + text.substr(3));
      result.push_back(text.substr(0, 2));
      continue;
    }
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

// "ID" -> "id"; what is more than a word stays as it is.
std::string lowered(std::string text) {
  if (text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  }
  return text;
}

// Breaks a text into lines of at most `columns`; each line but the first begins with `indent` blanks.
std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
  std::string result;
  std::size_t at = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (at > 0 && at + 1 + end > columns) {
      result.append("\n").append(indent, ' ');
      at = 0;
    } else if (at > 0) {
      result += ' ';
      ++at;
    }
    result += text.substr(0, end);
    at += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

// "-s,--snapshot" -> "-s, --snapshot".
std::string spaced(std::string_view names) {
  std::string result(names);
  if (const std::size_t comma = result.find(','); comma != std::string::npos) {
    result.insert(comma + 1, 1, ' ');
  }
  return result;
}

// Whether the value makes the flag read standard input. Plain paths do so only where a file is expected.
bool is_standard_input(const std::string& value, bool reads_file) {
  const std::string path = local_path(value);
  return (reads_file || path.size() < value.size()) && names_standard_input(path);
}

}  // namespace

Command::Command(std::string_view verb, std::string_view purpose, std::string_view examples)
    : verb_(verb), purpose_(purpose), examples_(examples), app_("", "berth " + std::string(verb)) {
  // Answered before CLI11 sees the arguments, so that it works beside anything else.
  app_.set_help_flag("-h,--help");
  app_.allow_extras();
}

std::string Command::help() const {
  std::string usage = "Usage: berth " + verb_;
  std::string positional;
  std::string required;
  // Groups in the order of their first flag.
  std::vector<std::pair<std::string_view, std::string>> groups;
  for (const Registered& one : registered_) {
    std::string entry = "  " + one.heading;
    entry += entry.size() + 2 > kHelpIndent ? "\n" + std::string(kHelpIndent, ' ') : std::string(kHelpIndent - entry.size(), ' ');
    entry += wrapped(one.described, kHelpColumns - kHelpIndent, kHelpIndent) + "\n";
    const bool is_positional = !one.heading.starts_with('-');
    if (one.need != FlagText::Need::kOptional) {
      (is_positional ? positional : usage) += " " + one.shown;
      required += entry;
      continue;
    }
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& each) { return each.first == one.group; });
    if (group == groups.end()) {
      group = groups.emplace(groups.end(), one.group, "");
    }
    group->second += entry;
  }
  std::string text = wrapped(purpose_, kHelpColumns, 0) + "\n\n" + usage + " [FLAGS]" + positional + "\n";
  if (!required.empty()) {
    text += "\nRequired:\n" + required;
  }
  for (const auto& [name, entries] : groups) {
    text += fmt::format("\n{}:\n{}", name, entries);
  }
  text += "\nExamples:\n";
  for (std::string_view rest = examples_; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    text.append("  ").append(rest.substr(0, end)).append("\n");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return text;
}

std::string Command::fault(std::string_view message) const {
  return fmt::format("{}: {}; berth {} --help lists its flags", verb_, message, verb_);
}

Command::Registered& Command::register_option(const FlagText& text, CLI::Option* option, bool is_list) {
  Registered one;
  one.option = option;
  const std::string value = (text.value.empty() ? "" : " " + std::string(text.value)) + (is_list ? "..." : "");
  one.shown = std::string(text.names.substr(0, text.names.find(','))) + value;
  one.value = text.value;
  one.heading = spaced(text.names) + value;
  one.described = text.description;
  one.group = group_;
  one.need = text.need;
  one.reads_file = text.reads_file;
  return registered_.emplace_back(std::move(one));
}

void Command::add(const FlagText& text, std::optional<std::string>& target) {
  CLI::Option* option = app_.add_option(std::string(text.names));
  option->expected(1);
  register_option(text, option, false).text = &target;
}

void Command::add(const FlagText& text, std::vector<std::string>& target) {
  CLI::Option* option = app_.add_option(std::string(text.names));
  option->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
  register_option(text, option, true).texts = &target;
}

void Command::add(const FlagText& text, bool& target) {
  register_option(text, app_.add_flag(std::string(text.names)), false).flag = &target;
}

void Command::ignore(std::string_view name) {
  app_.add_flag(std::string(name));
}

bool Command::parse(const std::vector<std::string>& arguments) {
  if (std::find_if(arguments.begin(), arguments.end(), [](const std::string& a) { return a == "--help" || a == "-h"; }) !=
      arguments.end()) {
    write_standard_output(help());
    return false;
  }
  refuse_named(arguments);
  require_values(arguments);
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
    if (one.need == FlagText::Need::kRequired && one.option->count() == 0) {
      throw Failure(fault(fmt::format("{} is required", one.shown)));
    }
  }
  require_one_standard_input();
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

bool Command::is_flag(std::string_view argument) const {
  constexpr std::size_t kLongNameMin = 3;
  return (argument.starts_with("--") && argument.size() >= kLongNameMin) ||
         (argument.starts_with('-') && argument.size() > 1 && app_.get_option_no_throw(std::string(name_of(argument))) != nullptr);
}

void Command::require_values(const std::vector<std::string>& arguments) const {
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::string& argument = arguments[at];
    const CLI::Option* option = argument.starts_with('-') ? app_.get_option_no_throw(argument) : nullptr;
    if (option == nullptr || option->get_items_expected_max() == 0) {
      continue;
    }
    const bool is_last = at + 1 == arguments.size();
    if (!is_last && !is_flag(arguments[at + 1])) {
      ++at;
      continue;
    }
    const auto named = std::find_if(registered_.begin(), registered_.end(), [&](const Registered& one) { return one.option == option; });
    const bool is_list = option->get_items_expected_max() > 1;
    const std::string what = is_list ? "at least one " + lowered(named->value) : "a value (" + named->value + ")";
    throw Failure(
        fault(fmt::format("{} needs {}{}", argument, what, is_last ? "" : fmt::format(" before {}", name_of(arguments[at + 1])))));
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
  const auto near = nearest_flag(name, known);
  throw Failure(near ? fmt::format("{}: unknown flag {}, did you mean {}?", verb_, name, *near)
                     : fault(fmt::format("unknown flag {}", name)));
}

void Command::require_one_standard_input() const {
  const Registered* first = nullptr;
  for (const Registered& one : registered_) {
    for (const std::string& result : one.option->results()) {
      if (one.flag != nullptr || !is_standard_input(unsealed(result), one.reads_file)) {
        continue;
      }
      const std::string name = one.shown.substr(0, one.shown.find_first_of(" ."));
      if (first == &one) {
        throw Failure(fmt::format("{}: {} names standard input twice; it can be read once", verb_, name));
      }
      if (first != nullptr) {
        const std::string other = first->shown.substr(0, first->shown.find_first_of(" ."));
        throw Failure(
            fmt::format("{}: {} and {} both name standard input, which can be read once; give a file to one of them", verb_, other, name));
      }
      first = &one;
    }
  }
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
