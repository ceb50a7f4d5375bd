#include "engine/query/automaton.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/query/utf8.h"

namespace berth::query {

// Writes the program backwards: each piece is given the instruction that follows it and returns where it begins.
class AutomatonWriter {
 public:
  explicit AutomatonWriter(const PatternTree& tree) : tree_(tree) {}

  std::optional<Automaton> write() {
    Automaton automaton;
    program_ = &automaton.program_;
    const std::uint32_t match = add({Instruction::Kind::kMatch, 0, 0, 0});
    automaton.start_ = piece(tree_.root, match);
    if (is_full_) {
      return std::nullopt;
    }
    automaton.sets_ = tree_.sets;
    return automaton;
  }

 private:
  using Instruction = Automaton::Instruction;

  std::uint32_t add(Instruction instruction) {
    if (program_->size() >= kPatternProgramMax) {
      is_full_ = true;
      return 0;
    }
    program_->push_back(instruction);
    return static_cast<std::uint32_t>(program_->size() - 1);
  }

  std::uint32_t piece(std::uint32_t index, std::uint32_t next) {
    // Repetitions of what writes no instruction still cost time: every visit counts towards the limit.
    if (is_full_ || ++visits_ > 4 * kPatternProgramMax) {
      is_full_ = true;
      return 0;
    }
    const PatternNode& node = tree_.nodes[index];
    switch (node.kind) {
      case PatternNode::Kind::kEmpty:
        return next;
      case PatternNode::Kind::kSet:
        return add({Instruction::Kind::kSet, node.set, next, 0});
      case PatternNode::Kind::kBeginText:
        return add({Instruction::Kind::kBeginText, 0, next, 0});
      case PatternNode::Kind::kEndText:
        return add({Instruction::Kind::kEndText, 0, next, 0});
      case PatternNode::Kind::kConcat:
        for (std::size_t i = node.children.size(); i > 0; --i) {
          next = piece(node.children[i - 1], next);
        }
        return next;
      case PatternNode::Kind::kAlternate: {
        std::uint32_t begin = piece(node.children.back(), next);
        for (std::size_t i = node.children.size() - 1; i > 0; --i) {
          const std::uint32_t branch = piece(node.children[i - 1], next);
          begin = add({Instruction::Kind::kSplit, 0, branch, begin});
        }
        return begin;
      }
      case PatternNode::Kind::kRepeat:
        break;
    }
    return repeat(node, next);
  }

  std::uint32_t repeat(const PatternNode& node, std::uint32_t next) {
    const std::uint32_t body = node.children.front();
    std::uint32_t begin = next;
    if (node.repeat_max == kPatternUnbounded) {
      const std::uint32_t loop = add({Instruction::Kind::kSplit, 0, next, next});
      const std::uint32_t first = piece(body, loop);
      if (is_full_) {
        return 0;
      }
      (*program_)[loop].other = first;
      begin = loop;
    } else {
      for (std::uint32_t i = node.repeat_min; i < node.repeat_max && !is_full_; ++i) {
        begin = add({Instruction::Kind::kSplit, 0, piece(body, begin), next});
      }
    }
    for (std::uint32_t i = 0; i < node.repeat_min && !is_full_; ++i) {
      begin = piece(body, begin);
    }
    return begin;
  }

  const PatternTree& tree_;
  std::vector<Instruction>* program_ = nullptr;
  std::uint32_t visits_ = 0;
  bool is_full_ = false;
};

// The instructions that wait for the next character, each once.
class AutomatonWalk {
 public:
  AutomatonWalk(const Automaton& automaton, std::size_t text_size) : automaton_(automaton), text_size_(text_size) { clear(); }

  // Adds what can be reached from `from` at byte `at` without reading a character.
  void add(std::uint32_t from, std::size_t at) {
    std::uint32_t depth = 0;
    push(from, depth);
    while (depth > 0) {
      const std::uint32_t index = stack_[--depth];
      const Automaton::Instruction& instruction = automaton_.program_[index];
      switch (instruction.kind) {
        case Automaton::Instruction::Kind::kSet:
          waiting_[waiting_count_++] = static_cast<std::uint16_t>(index);
          break;
        case Automaton::Instruction::Kind::kMatch:
          has_match_ = true;
          break;
        case Automaton::Instruction::Kind::kSplit:
          push(instruction.next, depth);
          push(instruction.other, depth);
          break;
        case Automaton::Instruction::Kind::kBeginText:
          if (at == 0) {
            push(instruction.next, depth);
          }
          break;
        case Automaton::Instruction::Kind::kEndText:
          if (at == text_size_) {
            push(instruction.next, depth);
          }
          break;
      }
    }
  }

  void clear() {
    waiting_count_ = 0;
    has_match_ = false;
    // Only what the program can reach: most programs are far smaller than the largest.
    std::fill_n(seen_.begin(), (automaton_.size() + 63) / 64, 0);
  }
  [[nodiscard]] bool has_match() const { return has_match_; }
  [[nodiscard]] bool is_empty() const { return waiting_count_ == 0; }

  // Moves every waiting instruction that accepts the character on into `after`, at byte `at_after`. The code point is kCodePointMax + 1
  // for a byte that is not UTF-8, which no set holds.
  void step(char32_t code_point, std::size_t at_after, AutomatonWalk& after) const {
    for (std::uint32_t i = 0; i < waiting_count_; ++i) {
      const Automaton::Instruction& instruction = automaton_.program_[waiting_[i]];
      if (automaton_.sets_[instruction.set].contains(code_point)) {
        after.add(instruction.next, at_after);
      }
    }
  }

 private:
  void push(std::uint32_t index, std::uint32_t& depth) {
    const std::uint64_t bit = std::uint64_t{1} << (index % 64);
    if ((seen_[index / 64] & bit) == 0) {
      seen_[index / 64] |= bit;
      stack_[depth++] = static_cast<std::uint16_t>(index);
    }
  }

  static_assert(kPatternProgramMax <= 0x10000 && kPatternProgramMax % 64 == 0);
  const Automaton& automaton_;
  std::size_t text_size_;
  std::array<std::uint64_t, kPatternProgramMax / 64> seen_;  // One bit per instruction.
  // Each instruction is pushed and waits at most once, so neither array can overflow.
  std::array<std::uint16_t, kPatternProgramMax> stack_;
  std::array<std::uint16_t, kPatternProgramMax> waiting_;
  std::uint32_t waiting_count_ = 0;
  bool has_match_ = false;
};

std::optional<Automaton> Automaton::make(const PatternTree& tree) {
  return AutomatonWriter(tree).write();
}

bool Automaton::matches(std::string_view text, bool is_whole) const {
  AutomatonWalk first(*this, text.size());
  AutomatonWalk second(*this, text.size());
  AutomatonWalk* current = &first;
  AutomatonWalk* after = &second;
  current->add(start_, 0);
  for (std::size_t at = 0; at < text.size();) {
    if (!is_whole && current->has_match()) {
      return true;
    }
    if (is_whole && current->is_empty()) {
      return false;
    }
    const DecodedCodePoint decoded = decode_utf8(text, at);
    at += decoded.bytes == 0 ? 1 : decoded.bytes;
    after->clear();
    current->step(decoded.bytes == 0 ? kCodePointMax + 1 : decoded.code_point, at, *after);
    if (!is_whole) {
      after->add(start_, at);
    }
    std::swap(current, after);
  }
  return current->has_match();
}

}  // namespace berth::query
