#include <algorithm>
#include <cstddef>
#include <utility>

#include "engine/base/limits.h"
#include "engine/query/bound_leaf.h"
#include "engine/query/program.h"
#include "engine/query/program_state.h"

namespace berth::query {
namespace {

constexpr std::size_t kBlockWords = kBlockInstances / 64;

// A node of the tree as it is evaluated. Everything below a node that depends on attribute sets alone has become one table.
struct BoundNode {
  enum class Kind : std::uint8_t { kLeaf, kTable, kNot, kAnd, kOr } kind = Kind::kLeaf;
  std::uint32_t leaf = 0;
  Bitset table;  // kTable: one bit per attribute set.
  std::vector<std::uint32_t> children;
};

}  // namespace

struct Binding::State {
  ProgramPtr program;
  SnapshotPtr snapshot;
  std::vector<BoundLeaf> leaves;
  std::vector<BoundNode> nodes;
  std::uint32_t root = 0;
  std::vector<std::uint32_t> conjuncts;
  std::size_t depth = 0;  // Of the deepest node; the scratch words that a block needs.

  std::uint32_t add(BoundNode node) {
    nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(nodes.size() - 1);
  }

  std::uint32_t bind_node(const Tree& tree, std::uint32_t index, std::size_t at_depth) {
    depth = std::max(depth, at_depth);
    const Node& node = tree.nodes[index];
    BoundNode bound;
    switch (node.kind) {
      case Node::Kind::kLeaf:
        bound.leaf = node.leaf;
        if (const Bitset* table = leaves[node.leaf].set_table()) {
          bound.kind = BoundNode::Kind::kTable;
          bound.table = *table;
        }
        return add(std::move(bound));
      case Node::Kind::kNot: {
        const std::uint32_t operand = bind_node(tree, node.children.front(), at_depth + 1);
        if (nodes[operand].kind == BoundNode::Kind::kTable) {
          nodes[operand].table.flip();
          return operand;
        }
        bound.kind = BoundNode::Kind::kNot;
        bound.children = {operand};
        return add(std::move(bound));
      }
      case Node::Kind::kAnd:
        return bind_chain(tree, node, BoundNode::Kind::kAnd, at_depth);
      case Node::Kind::kOr:
        break;
    }
    return bind_chain(tree, node, BoundNode::Kind::kOr, at_depth);
  }

  std::uint32_t bind_chain(const Tree& tree, const Node& node, BoundNode::Kind kind, std::size_t at_depth) {
    BoundNode bound;
    bound.kind = kind;
    std::uint32_t table = kNoId;
    for (const std::uint32_t child : node.children) {
      const std::uint32_t operand = bind_node(tree, child, at_depth + 1);
      if (nodes[operand].kind != BoundNode::Kind::kTable) {
        bound.children.push_back(operand);
      } else if (table == kNoId) {
        table = operand;
      } else if (kind == BoundNode::Kind::kAnd) {
        nodes[table].table &= nodes[operand].table;
      } else {
        nodes[table].table |= nodes[operand].table;
      }
    }
    if (table != kNoId) {
      bound.children.insert(bound.children.begin(), table);
    }
    return bound.children.size() == 1 ? bound.children.front() : add(std::move(bound));
  }

  // Evaluates a node for instances [begin, end) into out[0 ... words). Each level below uses the next kBlockWords of `scratch`.
  void evaluate_block(std::uint32_t index, std::uint32_t begin, std::uint32_t end, std::uint64_t* out, std::uint64_t* scratch) const {
    const BoundNode& node = nodes[index];
    const std::size_t words = (end - begin + 63) / 64;
    switch (node.kind) {
      case BoundNode::Kind::kLeaf:
        leaves[node.leaf].fill(begin, end, out);
        return;
      case BoundNode::Kind::kTable: {
        const std::span<const std::uint32_t> sets = snapshot->attribute_set();
        fill_words(begin, end, out, [&](std::uint32_t instance) { return node.table.test(sets[instance]); });
        return;
      }
      case BoundNode::Kind::kNot:
        evaluate_block(node.children.front(), begin, end, out, scratch);
        std::for_each(out, out + words, [](std::uint64_t& word) { word = ~word; });
        if ((end - begin) % 64 != 0) {
          out[words - 1] &= (std::uint64_t{1} << ((end - begin) % 64)) - 1;
        }
        return;
      case BoundNode::Kind::kAnd:
      case BoundNode::Kind::kOr:
        break;
    }
    evaluate_block(node.children.front(), begin, end, out, scratch);
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      const bool has_any = std::any_of(out, out + words, [](std::uint64_t word) { return word != 0; });
      if (node.kind == BoundNode::Kind::kAnd && !has_any) {
        return;
      }
#ifdef BERTH_PLANTED_BUG_EXPRESSION
      if (node.kind == BoundNode::Kind::kOr && has_any) {
        return;
      }
#endif
      evaluate_block(node.children[i], begin, end, scratch, scratch + kBlockWords);
      for (std::size_t w = 0; w < words; ++w) {
        out[w] = node.kind == BoundNode::Kind::kAnd ? out[w] & scratch[w] : out[w] | scratch[w];
      }
    }
  }

  template <typename FillBlock>
  Bitset by_blocks(Executor& executor, FillBlock&& fill_block) const {
    const std::uint32_t count = snapshot->instance_count();
    Bitset result(count);
    executor.run((std::size_t{count} + kBlockInstances - 1) / kBlockInstances, [&](std::size_t block) {
      const auto begin = static_cast<std::uint32_t>(block * kBlockInstances);
      fill_block(begin, std::min(count, begin + kBlockInstances), result.words().data() + block * kBlockWords);
    });
    return result;
  }

  Bitset evaluate(std::uint32_t node, Executor& executor) const {
    return by_blocks(executor, [&](std::uint32_t begin, std::uint32_t end, std::uint64_t* out) {
      std::vector<std::uint64_t> scratch((depth + 1) * kBlockWords);
      evaluate_block(node, begin, end, out, scratch.data());
    });
  }

  bool matches(std::uint32_t index, std::uint32_t instance, const LiveFacts& facts) const {
    const BoundNode& node = nodes[index];
    const auto holds = [&](std::uint32_t child) { return matches(child, instance, facts); };
    switch (node.kind) {
      case BoundNode::Kind::kLeaf:
        return leaves[node.leaf].holds_live(instance, facts);
      case BoundNode::Kind::kTable:
        return node.table.test(snapshot->attribute_set()[instance]);
      case BoundNode::Kind::kNot:
        return !holds(node.children.front());
      case BoundNode::Kind::kAnd:
        return std::all_of(node.children.begin(), node.children.end(), holds);
      case BoundNode::Kind::kOr:
        break;
    }
    return std::any_of(node.children.begin(), node.children.end(), holds);
  }
};

Binding::Binding(ProgramPtr program, SnapshotPtr snapshot, Executor& executor) : state_(std::make_unique<State>()) {
  const Program::State& source = *program->state_;
  state_->program = std::move(program);
  state_->snapshot = std::move(snapshot);
  for (const Leaf& leaf : source.tree.leaves) {
    state_->leaves.push_back(BoundLeaf::bind(leaf, source.policy, *state_->snapshot, executor));
  }
  // The root and its conjuncts are bound apart: tables are merged differently in each.
  state_->root = state_->bind_node(source.tree, source.tree.root, 0);
  for (const Simplified::Conjunct& conjunct : source.conjuncts) {
    state_->conjuncts.push_back(state_->bind_node(source.tree, conjunct.node, 0));
  }
}

Binding::Binding(Binding&&) noexcept = default;
Binding& Binding::operator=(Binding&&) noexcept = default;
Binding::~Binding() = default;

const Program& Binding::program() const {
  return *state_->program;
}

Bitset Binding::evaluate(Executor& executor) const {
  return state_->evaluate(state_->root, executor);
}

Bitset Binding::evaluate_conjunct(std::uint32_t index, Executor& executor) const {
  return state_->evaluate(state_->conjuncts[index], executor);
}

Bitset Binding::evaluate_leaf(std::uint32_t index, Executor& executor) const {
  return state_->by_blocks(
      executor, [&](std::uint32_t begin, std::uint32_t end, std::uint64_t* out) { state_->leaves[index].fill(begin, end, out); });
}

bool Binding::matches(std::uint32_t instance, const LiveFacts& facts) const {
  return state_->matches(state_->root, instance, facts);
}

bool Binding::conjunct_matches(std::uint32_t index, std::uint32_t instance, const LiveFacts& facts) const {
  return state_->matches(state_->conjuncts[index], instance, facts);
}

}  // namespace berth::query
