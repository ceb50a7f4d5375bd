#include "engine/query/simplify.h"

#include <utility>

namespace berth::query {
namespace {

class Simplifier {
 public:
  explicit Simplifier(Tree parsed) : parsed_(std::move(parsed)) {}

  Simplified run() {
    collect_conjuncts();
    if (result_.conjuncts.size() == 1) {
      result_.tree.root = result_.conjuncts.front().node;
    } else {
      Node root;
      root.kind = Node::Kind::kAnd;
      root.piece = parsed_.nodes[parsed_.root].piece;
      for (const Simplified::Conjunct& conjunct : result_.conjuncts) {
        adopt(Node::Kind::kAnd, conjunct.node, root.children);
      }
      result_.tree.root = add(std::move(root));
    }
    result_.tree.leaves = std::move(parsed_.leaves);
    return std::move(result_);
  }

 private:
  void collect_conjuncts() {
    const Node& root = parsed_.nodes[parsed_.root];
    if (root.kind != Node::Kind::kAnd) {
      result_.conjuncts.push_back({copy(parsed_.root), root.piece});
      return;
    }
    for (const std::uint32_t child : root.children) {
      result_.conjuncts.push_back({copy(child), parsed_.nodes[child].piece});
    }
  }

  std::uint32_t add(Node node) {
    result_.tree.nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(result_.tree.nodes.size() - 1);
  }

  // Appends `index` to the children of a node of `kind`: its own children in its place when it is of the same kind.
  void adopt(Node::Kind kind, std::uint32_t index, std::vector<std::uint32_t>& children) {
    const Node& node = result_.tree.nodes[index];
    if (node.kind == kind) {
      children.insert(children.end(), node.children.begin(), node.children.end());
    } else {
      children.push_back(index);
    }
  }

  std::uint32_t copy(std::uint32_t index) {
    const Node& node = parsed_.nodes[index];
    Node made;
    made.kind = node.kind;
    made.leaf = node.leaf;
    made.piece = node.piece;
    if (node.kind == Node::Kind::kNot) {
      const std::uint32_t operand = copy(node.children.front());
      if (result_.tree.nodes[operand].kind == Node::Kind::kNot) {
        return result_.tree.nodes[operand].children.front();
      }
      made.children = {operand};
    } else {
      for (const std::uint32_t child : node.children) {
        adopt(node.kind, copy(child), made.children);
      }
    }
    return add(std::move(made));
  }

  Tree parsed_;
  Simplified result_;
};

}  // namespace

Simplified simplify(Tree parsed) {
  return Simplifier(std::move(parsed)).run();
}

}  // namespace berth::query
