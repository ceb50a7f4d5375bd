#include "bindings/cli/hints.h"

#include <fmt/format.h>

#include <set>

#include "bindings/cli/files.h"
#include "bindings/cli/json_parameter.h"
#include "bindings/cli/utf8.h"

namespace berth::cli {
namespace {

// The answer to a call that may fail: a hint that cannot be made is left out.
Json answer_of(berth_status status, berth_document* made, berth_error* error) {
  const DocumentHandle document(made);
  const ErrorHandle held(error);
  return status == BERTH_OK ? parse_json("hint", text_of(document)) : Json::object();
}

Json checked_leaves(berth_engine* engine, berth_snapshot* snapshot, const std::string& expression) {
  berth_document* made = nullptr;
  berth_error* error = nullptr;
  const berth_status status =
      berth_snapshot_check_expression(engine, snapshot, expression.data(), expression.size(), BERTH_FORMAT_JSON, &made, &error);
  return answer_of(status, made, error).value("leaves", Json::array());
}

// The ARNs of the container instances with this EC2 id.
Json instances_with(berth_engine* engine, berth_snapshot* snapshot, const std::string& ec2_id) {
  const std::string request = Json{{"filter", "ec2InstanceId == " + ec2_id}}.dump();
  berth_document* made = nullptr;
  berth_error* error = nullptr;
  const berth_status status = berth_snapshot_list(engine, snapshot, request.data(), request.size(), BERTH_FORMAT_JSON, &made, &error);
  return answer_of(status, made, error).value("containerInstanceArns", Json::array());
}

bool is_ec2_id(const std::string& text) {
  return text.starts_with("i-") && text.size() > 2 && text.find_first_not_of("0123456789abcdef", 2) == std::string::npos;
}

}  // namespace

void write_hint(const std::string& text) {
  write_standard_error(fmt::format("hint: {}\n", escape_controls(text)));
}

void hint_unknown_attributes(berth_engine* engine, berth_snapshot* snapshot, const std::vector<std::string>& expressions) {
  std::set<std::string> told;
  for (const std::string& expression : expressions) {
    for (const Json& leaf : checked_leaves(engine, snapshot, expression)) {
      const std::string unknown = leaf.value("unknownAttribute", "");
      const std::string nearest = leaf.value("nearestAttribute", "");
      const bool asks_for_existence = leaf.value("text", "").ends_with("exists");
      if (unknown.empty() || (nearest.empty() && asks_for_existence) || !told.insert(unknown).second) {
        continue;
      }
      write_hint(fmt::format("no instance has the attribute \"{}\"{}", unknown,
                             nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest)));
    }
  }
}

void hint_instance_ids(berth_engine* engine, berth_snapshot* snapshot, const Json& instances) {
  for (const Json& instance : instances) {
    // No id and no ARN holds a comma.
    if (instance.is_string() && instance.get_ref<const std::string&>().find(',') != std::string::npos) {
      write_hint(fmt::format("{} is taken as one id; separate container instances by blanks", instance.get_ref<const std::string&>()));
    }
    if (!instance.is_string() || !is_ec2_id(instance.get_ref<const std::string&>())) {
      continue;
    }
    const std::string& id = instance.get_ref<const std::string&>();
    const Json found = instances_with(engine, snapshot, id);
    if (found.empty()) {
      write_hint(
          fmt::format("{} is an EC2 instance id, and no container instance has it; ids or ARNs of container instances are taken", id));
    } else {
      write_hint(fmt::format("{} is an EC2 instance id; its container instance is {}", id, found.front().get<std::string>()));
    }
  }
}

}  // namespace berth::cli
