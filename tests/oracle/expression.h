// Expression: the oracle's own reading of the cluster query language. A recursive descent straight over the text, and an evaluation
// that walks the tree for one instance at a time. Rules: section 1 of the semantics with decisions D1, D2, D4 and D15.
//
// Thread rule: one thread (results of patterns are remembered). Lifetime: owns its text and tree.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/oracle/fleet.h"

namespace berth::oracle {

struct ExpressionNode;

class Expression {
 public:
  // Throws Invalid, with the offset in the message.
  explicit Expression(const std::string& text);

  [[nodiscard]] bool selects(const Instance& instance, const State& state) const;

  // The operands of the outermost chain of `and`; the whole expression where there is none.
  [[nodiscard]] std::size_t conjunct_count() const;
  [[nodiscard]] std::string conjunct_text(std::size_t index) const;
  [[nodiscard]] bool selects_without_conjunct(std::size_t index, const Instance& instance, const State& state) const;

  // Every comparison in the order of the text.
  [[nodiscard]] std::vector<std::string> leaf_texts() const;
  [[nodiscard]] bool leaf_selects(std::size_t index, const Instance& instance, const State& state) const;

  // Which features of the language the text uses, for coverage tables: "subject agentVersion", "operator =~", "and", ...
  [[nodiscard]] std::vector<std::string> features() const;

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::shared_ptr<const ExpressionNode> root_;
};

}  // namespace berth::oracle
