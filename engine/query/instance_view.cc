#include "engine/query/instance_view.h"

#include <algorithm>

#include "engine/query/leaf_value.h"
#include "engine/query/program.h"
#include "engine/query/program_state.h"

namespace berth::query {
namespace {

constexpr PatternRun kRun = PatternRun::kWithoutAllocation;

bool attribute_holds(const Leaf& leaf, const Policy& policy, const InstanceView& instance) {
  const InstanceView::Attribute attribute = instance.attribute(leaf.attribute_name);
  switch (attribute.kind) {
    case InstanceView::Attribute::Kind::kAbsent:
      return holds_for_absent(leaf);
    case InstanceView::Attribute::Kind::kNameOnly:
      return holds_for_name_only(leaf, policy, kRun);
    case InstanceView::Attribute::Kind::kValue:
      break;
  }
  return holds_for_text(leaf, policy, attribute.value, kRun);
}

bool groups_hold(const Leaf& leaf, const Policy& policy, const InstanceView& instance) {
  bool has_tasks = false;
  const auto matches = [&](std::string_view group) {
    has_tasks = true;
    return is_match(leaf, group, kRun);
  };
  const bool has_match = instance.any_task_group(policy.group_tasks, TextPredicate(matches));
  return holds_for_groups(leaf, policy, has_tasks, has_match);
}

bool leaf_holds(const Leaf& leaf, const Policy& policy, const InstanceView& instance) {
  switch (leaf.subject) {
    case Subject::kAttribute:
      return attribute_holds(leaf, policy, instance);
    case Subject::kAgentVersion:
      return holds_for_version(leaf, policy, instance.agent_version());
    case Subject::kAgentConnected:
      return holds_for_connected(leaf, policy, instance.agent_connected(), kRun);
    case Subject::kEc2InstanceId: {
      const std::string_view id = instance.ec2_instance_id();
      return holds_for_instance_id(leaf, !id.empty(), is_match(leaf, id, kRun));
    }
    case Subject::kRegisteredAt:
      return holds_for_registered_at(leaf, instance.registered_at_ms());
    case Subject::kRunningTasksCount:
      return holds_for_running_tasks(leaf, instance.running_tasks_count());
    case Subject::kTaskGroup:
      break;
  }
  return groups_hold(leaf, policy, instance);
}

// As deep as the text nests, which the parser bounds.
bool node_holds(const Tree& tree, std::uint32_t index, const Policy& policy, const InstanceView& instance) {
  const Node& node = tree.nodes[index];
  const auto holds = [&](std::uint32_t child) { return node_holds(tree, child, policy, instance); };
  switch (node.kind) {
    case Node::Kind::kLeaf:
      return leaf_holds(tree.leaves[node.leaf], policy, instance);
    case Node::Kind::kNot:
      return !holds(node.children.front());
    case Node::Kind::kAnd:
      return std::all_of(node.children.begin(), node.children.end(), holds);
    case Node::Kind::kOr:
      break;
  }
  return std::any_of(node.children.begin(), node.children.end(), holds);
}

}  // namespace

bool Program::matches(const InstanceView& instance) const {
  return node_holds(state_->tree, state_->tree.root, state_->policy, instance);
}

bool Program::conjunct_matches(std::uint32_t index, const InstanceView& instance) const {
  return node_holds(state_->tree, state_->conjuncts[index].node, state_->policy, instance);
}

}  // namespace berth::query
