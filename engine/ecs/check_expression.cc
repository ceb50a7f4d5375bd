#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/ecs/attribute_advice.h"
#include "engine/ecs/documents.h"
#include "engine/ecs/json_writer.h"
#include "engine/ecs/table.h"
#include "engine/query/program.h"

namespace berth::ecs {
namespace {

// What is told of the whole expression, a conjunct or a leaf.
struct Finding {
  query::Piece piece;
  std::string_view text;
  std::size_t matches = 0;
  std::string note;  // Empty: nothing remarkable.
  std::optional<AttributeAdvice> advice = {};
};

std::string note_of_count(std::size_t matches, std::size_t instances) {
  if (instances == 0) {
    return {};
  }
  if (matches == 0) {
    return "matches nothing";
  }
  return matches == instances ? "matches everything" : "";
}

std::string joined(std::string first, std::string_view second) {
  if (!first.empty() && !second.empty()) {
    first += "; ";
  }
  return first.append(second);
}

struct Findings {
  Finding whole;
  std::vector<Finding> conjuncts;
  std::vector<Finding> leaves;
};

Findings examine(const query::ProgramPtr& program, const SnapshotPtr& snapshot, Executor& executor) {
  const std::string_view text = program->text();
  const auto piece_text = [&](query::Piece piece) { return text.substr(piece.offset, piece.length); };
  Findings findings;
  findings.whole = {{0, static_cast<std::uint32_t>(text.size())}, text, 0, {}};
  for (std::uint32_t i = 0; i < program->conjunct_count(); ++i) {
    findings.conjuncts.push_back({program->conjunct(i), piece_text(program->conjunct(i)), 0, {}});
  }
  for (std::uint32_t i = 0; i < program->leaf_count(); ++i) {
    findings.leaves.push_back({program->leaf(i), piece_text(program->leaf(i)), 0, {}});
  }
  if (snapshot == nullptr) {
    return findings;
  }
  const query::Binding binding(program, snapshot, executor);
  const std::size_t instances = snapshot->instance_count();
  const auto count = [&](Finding& finding, const Bitset& selected) {
    finding.matches = selected.count();
    finding.note = note_of_count(finding.matches, instances);
  };
  count(findings.whole, binding.evaluate(executor));
  for (std::uint32_t i = 0; i < program->conjunct_count(); ++i) {
    count(findings.conjuncts[i], binding.evaluate_conjunct(i, executor));
  }
  for (std::uint32_t i = 0; i < program->leaf_count(); ++i) {
    Finding& leaf = findings.leaves[i];
    count(leaf, binding.evaluate_leaf(i, executor));
    leaf.advice = advise_on_leaf(*snapshot, *program, i, leaf.matches == 0 && instances > 0);
    if (leaf.advice.has_value()) {
      leaf.note = joined(leaf.note, leaf.advice->text());
    }
  }
  return findings;
}

void write_findings(JsonWriter& writer, std::string_view name, const std::vector<Finding>& findings, bool is_counted) {
  writer.key(name).begin_array();
  for (const Finding& finding : findings) {
    writer.begin_object().member("text", finding.text);
    writer.member_integer("offset", finding.piece.offset).member_integer("length", finding.piece.length);
    if (is_counted) {
      writer.member_integer("matches", static_cast<std::int64_t>(finding.matches));
      if (!finding.note.empty()) {
        writer.member("note", finding.note);
      }
    }
    if (finding.advice.has_value()) {
      if (!finding.advice->unknown.empty()) {
        writer.member("unknownAttribute", finding.advice->unknown);
      }
      if (finding.advice->nearest.has_value()) {
        writer.member("nearestAttribute", *finding.advice->nearest);
      }
    }
    writer.end_object();
  }
  writer.end_array();
}

std::string to_json(const query::Program& program, const Findings& findings, const Snapshot* snapshot) {
  JsonWriter writer;
  writer.begin_object().member("expression", findings.whole.text);
  writer.member_boolean("dependsOnTasks", program.depends_on_tasks());
  if (snapshot != nullptr) {
    writer.member_integer("instances", snapshot->instance_count());
    writer.member_integer("matches", static_cast<std::int64_t>(findings.whole.matches));
    if (!findings.whole.note.empty()) {
      writer.member("note", findings.whole.note);
    }
  }
  write_findings(writer, "conjuncts", findings.conjuncts, snapshot != nullptr);
  write_findings(writer, "leaves", findings.leaves, snapshot != nullptr);
  writer.end_object();
  return writer.take();
}

// The whole, its conjuncts when there are several, and the leaves that are no conjuncts themselves.
std::string to_table(const Findings& findings, const Snapshot* snapshot) {
  Table table;
  table.column("PIECE");
  if (snapshot != nullptr) {
    table.column("MATCHES", Table::Align::kRight).column("OF", Table::Align::kRight).column("NOTE");
  }
  const auto add = [&](const Finding& finding, std::string_view indent) {
    std::vector<std::string> cells = {std::string(indent).append(finding.text)};
    if (snapshot != nullptr) {
      cells.push_back(grouped_digits(static_cast<std::int64_t>(finding.matches)));
      cells.push_back(grouped_digits(snapshot->instance_count()));
      cells.push_back(finding.note);
    }
    table.row(std::move(cells));
  };
  const auto is_same = [](const query::Piece& a, const query::Piece& b) { return a.offset == b.offset && a.length == b.length; };
  const bool is_compound = findings.leaves.size() != 1;
  if (is_compound) {
    add(findings.whole, "");
  }
  for (const Finding& conjunct : findings.conjuncts) {
    const std::string_view indent = is_compound ? "  " : "";
    bool is_leaf = false;
    for (const Finding& leaf : findings.leaves) {
      if (is_same(leaf.piece, conjunct.piece)) {
        add(leaf, indent);
        is_leaf = true;
      }
    }
    if (is_leaf) {
      continue;
    }
    if (findings.conjuncts.size() > 1) {
      add(conjunct, indent);
    }
    for (const Finding& leaf : findings.leaves) {
      const bool is_inside = leaf.piece.offset >= conjunct.piece.offset &&
                             leaf.piece.offset + leaf.piece.length <= conjunct.piece.offset + conjunct.piece.length;
      if (is_inside) {
        add(leaf, findings.conjuncts.size() > 1 ? "    " : indent);
      }
    }
  }
  return table.render();
}

}  // namespace

Result<std::string> check_expression(const SnapshotPtr& snapshot, std::string_view expression, Executor& executor,
                                     const DocumentOptions& options) {
  Result<query::ProgramPtr> program = query::Program::compile(expression);
  if (!program) {
    Error error = std::move(program).error();
    error.source = "expression";
    if (snapshot != nullptr) {
      propose_known_attribute(*snapshot, error);
    }
    return error;
  }
  const Findings findings = examine(*program, snapshot, executor);
  return options.format == Format::kTable ? to_table(findings, snapshot.get()) : to_json(**program, findings, snapshot.get());
}

}  // namespace berth::ecs
