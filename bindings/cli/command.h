// Command: the flags of one verb. A thin frame around CLI11 that adds what AWS CLI's users expect: flags that are refused with a reason,
// the nearest name for one that is unknown, one flag given once, and values that reach the verb as they were typed.
//
// Thread rule: one thread. Lifetime: the targets that are registered outlive the command.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::cli {

struct FlagText {
  std::string_view names;        // "-s,--snapshot", or a bare word for a positional.
  std::string_view value;        // What stands for the value in the help: "FILE".
  std::string_view description;  // Units and default included.
  enum class Need : std::uint8_t {
    kOptional,
    kRequired,
    kConditional,  // Listed as required; the verb itself sees to it, because another flag can stand in.
  };
  Need need = Need::kOptional;
  bool reads_file = false;  // The value "-" is standard input.
};

class Command {
 public:
  // `examples` are whole command lines, one per line.
  Command(std::string_view verb, std::string_view purpose, std::string_view examples);

  // The heading under which the help lists the flags that follow.
  void group(std::string_view name) { group_ = name; }
  void add(const FlagText& text, std::optional<std::string>& target);
  void add(const FlagText& text, std::vector<std::string>& target);
  void add(const FlagText& text, bool& target);
  // A flag that AWS CLI has and Berth cannot honour: refused with the reason, not listed in the help.
  void refuse(std::string_view name, std::string_view reason) { refused_.emplace_back(name, reason); }
  // A flag that changes nothing here whatever its value: taken in silence. It has no value.
  void ignore(std::string_view name);

  // False when the help was asked for and printed. Throws Failure.
  [[nodiscard]] bool parse(const std::vector<std::string>& arguments);
  [[nodiscard]] const std::string& verb() const { return verb_; }

 private:
  struct Registered {
    CLI::Option* option = nullptr;
    std::string shown;    // "-s FILE", for messages.
    std::string value;    // "FILE".
    std::string heading;  // "-s, --snapshot FILE", for the help.
    std::string described;
    std::string group;
    FlagText::Need need = FlagText::Need::kOptional;
    bool reads_file = false;
    std::optional<std::string>* text = nullptr;
    std::vector<std::string>* texts = nullptr;
    bool* flag = nullptr;
  };

  Registered& register_option(const FlagText& text, CLI::Option* option, bool is_list);
  [[nodiscard]] std::string help() const;
  [[nodiscard]] bool is_flag(std::string_view argument) const;
  void refuse_named(const std::vector<std::string>& arguments) const;
  // A flag is no other flag's value; behind "=" any text is one.
  void require_values(const std::vector<std::string>& arguments) const;
  void require_single_use(const std::vector<std::string>& arguments) const;
  void fail_on_remaining() const;
  // One command reads standard input once.
  void require_one_standard_input() const;
  void store() const;
  [[nodiscard]] std::string fault(std::string_view message) const;

  std::string verb_;
  std::string purpose_;
  std::string examples_;
  std::string group_ = "Flags";
  CLI::App app_;
  std::vector<Registered> registered_;
  std::vector<std::pair<std::string, std::string>> refused_;
};

}  // namespace berth::cli
