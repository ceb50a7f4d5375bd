#include "engine/query/program.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/limits.h"
#include "engine/query/parser.h"
#include "engine/query/program_state.h"
#include "engine/query/utf8.h"
#include "engine/query/vocabulary.h"

namespace berth::query {
namespace {

// The text as a whole: UTF-8, and not longer than the limit in code points.
std::optional<Error> check_text(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    Error error;
    error.code = StatusCode::kInvalidArgument;
    error.offset = static_cast<std::uint32_t>(at);
    if (count == kExpressionBytesMax) {
      error.code = StatusCode::kLimitExceeded;
      error.message = "expected an expression of at most " + std::to_string(kExpressionBytesMax) + " characters, found more";
      error.length = static_cast<std::uint32_t>(text.size() - at);
      return error;
    }
    const DecodedCodePoint decoded = decode_utf8(text, at);
    if (decoded.bytes == 0) {
      error.message = "expected UTF-8, found the byte '" + printable(text.substr(at, 1)) + "'";
      error.length = 1;
      return error;
    }
    at += decoded.bytes;
  }
  return std::nullopt;
}

Program::Dependency dependency_of(Subject subject) {
  switch (subject) {
    case Subject::kAttribute:
      return Program::kOnAttributes;
    case Subject::kEc2InstanceId:
    case Subject::kRegisteredAt:
      return Program::kOnIdentity;
    case Subject::kAgentConnected:
    case Subject::kAgentVersion:
      return Program::kOnAgent;
    case Subject::kRunningTasksCount:
    case Subject::kTaskGroup:
      break;
  }
  return Program::kOnTasks;
}

// Every error of compile() leaves through here.
Error finished(Error error) {
  error.message = "at byte " + std::to_string(error.offset) + ": " + error.message;
  error.exception = "InvalidParameterException";
  return error;
}

}  // namespace

Program::State::Subjects Program::State::subjects_below(std::uint32_t top) const {
  Subjects found;
  std::vector<std::uint32_t> left = {top};
  while (!left.empty()) {
    const Node& node = tree.nodes[left.back()];
    left.pop_back();
    left.insert(left.end(), node.children.begin(), node.children.end());
    if (node.kind != Node::Kind::kLeaf) {
      continue;
    }
    const Leaf& leaf = tree.leaves[node.leaf];
    found.dependencies |= dependency_of(leaf.subject);
    if (leaf.subject == Subject::kAttribute) {
      found.attributes.emplace_back(leaf.attribute_name);
    }
  }
  std::sort(found.attributes.begin(), found.attributes.end());
  found.attributes.erase(std::unique(found.attributes.begin(), found.attributes.end()), found.attributes.end());
  return found;
}

Program::Program() : state_(std::make_unique<State>()) {}
Program::~Program() = default;

Result<std::shared_ptr<const Program>> Program::compile(std::string_view text, const Policy& policy) {
  if (std::optional<Error> error = check_text(text)) {
    return finished(*std::move(error));
  }
  Result<Tree> tree = parse(text, policy);
  if (!tree) {
    return finished(std::move(tree).error());
  }
  Simplified simplified = simplify(*std::move(tree));
  const std::shared_ptr<Program> program(new Program);
  program->state_->text = text;
  program->state_->policy = policy;
  program->state_->tree = std::move(simplified.tree);
  program->state_->conjuncts = std::move(simplified.conjuncts);
  for (const Simplified::Conjunct& conjunct : program->state_->conjuncts) {
    program->state_->subjects.push_back(program->state_->subjects_below(conjunct.node));
  }
  return std::shared_ptr<const Program>(program);
}

const std::string& Program::text() const {
  return state_->text;
}
const Policy& Program::policy() const {
  return state_->policy;
}

std::uint32_t Program::conjunct_count() const {
  return static_cast<std::uint32_t>(state_->conjuncts.size());
}
Piece Program::conjunct(std::uint32_t index) const {
  return state_->conjuncts[index].piece;
}
std::uint32_t Program::leaf_count() const {
  return static_cast<std::uint32_t>(state_->tree.leaves.size());
}
Piece Program::leaf(std::uint32_t index) const {
  return state_->tree.leaves[index].piece;
}

Program::LeafSubject Program::leaf_subject(std::uint32_t index) const {
  const Leaf& leaf = state_->tree.leaves[index];
  return {subject_text(leaf.subject), leaf.attribute_name};
}

bool Program::depends_on_tasks() const {
  return std::any_of(state_->subjects.begin(), state_->subjects.end(),
                     [](const State::Subjects& subjects) { return (subjects.dependencies & kOnTasks) != 0; });
}
std::uint8_t Program::conjunct_dependencies(std::uint32_t index) const {
  return state_->subjects[index].dependencies;
}
std::span<const std::string_view> Program::conjunct_attributes(std::uint32_t index) const {
  return state_->subjects[index].attributes;
}

}  // namespace berth::query
