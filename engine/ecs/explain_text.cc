// Explanations for people. The order is that of the questions: what was asked, why not, how near, what would help, why here.

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/ecs/explain.h"
#include "engine/ecs/table.h"
#include "engine/placement/reason.h"

namespace berth::ecs {
namespace {

using placement::Explanation;
using placement::Reason;

constexpr std::size_t kChangesShown = 8;
constexpr std::size_t kAttributesShown = 8;

std::string number(std::uint64_t value) {
  return grouped_digits(static_cast<std::int64_t>(value));
}

// A sentence of ECS's ends with a full stop of its own.
std::string bare_reason(const std::string& text) {
  return text.substr(0, text.find_last_not_of('.') + 1);
}

// A title with its body indented below; nothing for an empty body.
std::string section(std::string_view title, std::string_view body) {
  if (body.empty()) {
    return "";
  }
  std::string text = "\n" + std::string(title) + "\n";
  while (!body.empty()) {
    const std::size_t end = body.find('\n');
    const std::string_view line = body.substr(0, end);
    text += (line.empty() ? "" : "  ") + std::string(line) + "\n";
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
  }
  return text;
}

std::string rendered(const Table& table) {
  return table.empty() ? "" : table.render();
}

std::string tasks_sentence(const TaskRequest& request, std::uint64_t requested, std::uint64_t placed) {
  std::string text = requested == placed ? "Placed " + std::string(requested == 1 ? "the task" : "all " + counted(requested, "task"))
                     : placed == 0       ? "Placed none of " + counted(requested, "task")
                                         : "Placed " + number(placed) + " of " + counted(requested, "task");
  return text + " of group " + request.placement.group + " (seed " + std::to_string(request.berth.seed) + ").\n";
}

class ExplanationText {
 public:
  ExplanationText(const TaskRequest& request, const Snapshot& snapshot, const Explained& explained)
      : request_(request), snapshot_(snapshot), explained_(explained), explanation_(explained.explanation) {}

  std::string write() const {
    const placement::Decision& decision = explanation_.decision;
    std::string text = tasks_sentence(request_, decision.requested, decision.placed.size());
    text += "Each needs " + demand_text(request_) + ". " + counted(decision.examined, "instance") +
            (decision.examined == 1 ? " was" : " were") + " examined.\n";
    for (const std::string& note : explained_.notes) {
      text += "NOTE: " + note + "\n";
    }
    const bool is_short = decision.placed.size() < decision.requested;
    if (is_short && decision.examined == 0) {
      text += "\nNo instance of the inventory is ACTIVE" +
              (request_.placement.cluster.has_value() ? " in cluster " + *request_.placement.cluster : std::string()) + ".\n";
    }
    // Where all was placed, what follows is as of after the last task, which stands on its instance.
    const std::string moment = is_short ? "" : " (for one more task)";
    text += is_short ? section("WHY NOT", why_not()) : section("RULED OUT" + moment, ruled_out());
    text += section("SHORT OF" + moment, shortfalls());
    text += section("CONSTRAINT TERMS" + moment, terms());
    text += section("MISSING ATTRIBUTES" + moment, attributes());
    text += section("CLOSEST", closest());
    text += section("WHAT WOULD HELP (any one of these)", changes());
    if (is_short && decision.examined > 0 && explanation_.relaxations.empty() && explained_.mends.empty()) {
      text += section("WHAT WOULD HELP", nothing_helps());
    }
    for (const placement::WhyHere& why : explanation_.why_here) {
      text += why_here(why);
    }
    return text;
  }

 private:
  [[nodiscard]] std::string name_of(Reason reason) const { return reason_text(reason, request_.placement.demand); }
  [[nodiscard]] std::uint64_t lost(Reason reason) const { return explanation_.decision.lost[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] std::uint64_t fails_at_all(Reason reason) const { return explanation_.fails_at_all[static_cast<std::size_t>(reason)]; }

  // The first failing check of each instance, most instances first.
  std::string why_not() const {
    std::vector<std::pair<std::uint64_t, std::size_t>> reasons;  // Instances, and the place among the checks.
    for (std::size_t check = 0; check < placement::kCheckOrder.size(); ++check) {
      if (lost(placement::kCheckOrder[check]) > 0 || fails_at_all(placement::kCheckOrder[check]) > 0) {
        reasons.emplace_back(lost(placement::kCheckOrder[check]), check);
      }
    }
    std::sort(reasons.begin(), reasons.end(),
              [](const auto& x, const auto& y) { return x.first != y.first ? x.first > y.first : x.second < y.second; });
    Table table;
    table.column("FAIL FIRST", Table::Align::kRight).column("FAIL AT ALL", Table::Align::kRight).column("CHECK");
    for (const auto& [instances, check] : reasons) {
      const Reason reason = placement::kCheckOrder[check];
      table.row({number(instances), number(fails_at_all(reason)), name_of(reason)});
    }
    return rendered(table);
  }

  std::string ruled_out() const {
    Table table;
    table.column("INSTANCES", Table::Align::kRight).column("FAIL");
    for (const Reason reason : placement::kCheckOrder) {
      if (fails_at_all(reason) > 0) {
        table.row({number(fails_at_all(reason)), name_of(reason)});
      }
    }
    return rendered(table);
  }

  std::string shortfalls() const {
    std::string text;
    for (const placement::Shortfall& shortfall : explanation_.shortfalls) {
      if (shortfall.instances > 0) {
        text += name_of(shortfall.resource) + ": " + shortfall_text(shortfall, request_.placement.demand) + "\n";
      }
    }
    return text;
  }

  // Conjuncts, and their leaves where they have more than one: whoever reads wants the line to change.
  std::string terms() const {
    std::vector<std::vector<std::string>> rows;
    bool has_notes = false;
    const auto add = [&](const placement::TermCount& term, std::string_view indent, const std::optional<AttributeAdvice>& advice) {
      const bool is_misnamed = advice.has_value() && !advice->unknown.empty();
      std::string note = !is_misnamed && term.selected == 0 && term.failed > 0 ? "holds nowhere" : "";
      if (advice.has_value()) {
        note += (note.empty() ? "" : "; ") + advice->text();
      }
      has_notes = has_notes || !note.empty();
      rows.push_back({number(term.selected), number(term.failed), std::string(indent) + term.text, term.origin, std::move(note)});
    };
    for (const placement::TermCount& conjunct : explanation_.conjuncts) {
      const std::size_t conjunct_row = rows.size();
      add(conjunct, "", std::nullopt);
      for (std::size_t i = 0; i < explanation_.leaves.size(); ++i) {
        const placement::TermCount& leaf = explanation_.leaves[i];
        const bool is_inside = leaf.origin == conjunct.origin && leaf.piece.offset >= conjunct.piece.offset &&
                               leaf.piece.offset + leaf.piece.length <= conjunct.piece.offset + conjunct.piece.length;
        if (is_inside && leaf.piece.length < conjunct.piece.length) {
          add(leaf, "  ", explained_.leaf_advice[i]);
        } else if (is_inside) {
          rows.resize(conjunct_row);
          add(conjunct, "", explained_.leaf_advice[i]);
        }
      }
    }
    Table table;
    table.column("HOLDS", Table::Align::kRight).column("FAILS", Table::Align::kRight).column("TERM").column("FROM");
    if (has_notes) {
      table.column("NOTE");
    }
    for (std::vector<std::string>& row : rows) {
      row.resize(has_notes ? 5 : 4);
      table.row(std::move(row));
    }
    return rendered(table);
  }

  std::string attributes() const {
    std::vector<const placement::AttributeCount*> missing;
    for (const placement::AttributeCount& attribute : explanation_.attributes) {
      if (attribute.failed > 0) {
        missing.push_back(&attribute);
      }
    }
    // Equal numbers in the order of the requirements, which is that of the pointers.
    std::sort(missing.begin(), missing.end(),
              [](const auto* x, const auto* y) { return x->failed != y->failed ? x->failed > y->failed : x < y; });
    Table table;
    table.column("INSTANCES", Table::Align::kRight).column("LACK");
    for (std::size_t i = 0; i < std::min(missing.size(), kAttributesShown); ++i) {
      table.row({number(missing[i]->failed), missing[i]->name + (missing[i]->value.empty() ? "" : " = " + missing[i]->value)});
    }
    std::string text = rendered(table);
    if (missing.size() > kAttributesShown) {
      text += "and " + std::to_string(missing.size() - kAttributesShown) + " more\n";
    }
    return text;
  }

  std::string closest() const {
    if (!explanation_.closest.has_value()) {
      return "";
    }
    const placement::ClosestInstance& closest = *explanation_.closest;
    std::string text = instance_text(snapshot_, closest.instance) + " passes " + std::to_string(closest.checks_passed) + " of " +
                       std::to_string(placement::kFixedCheckCount + request_.placement.demand.own.size()) + " checks\nand fails first at " +
                       bare_reason(name_of(closest.reason));
    return text + (explained_.closest_lack.empty() ? "" : ": " + explained_.closest_lack) + "\n";
  }

  // Relaxations and mends together, most instances first; of equals the relaxation.
  std::string changes() const {
    std::vector<std::pair<std::uint64_t, std::string>> all;
    all.reserve(explanation_.relaxations.size() + explained_.mends.size());
    for (const placement::Relaxation& relaxation : explanation_.relaxations) {
      all.emplace_back(relaxation.instances, relaxed_change(relaxation, request_.placement.demand));
    }
    for (const Mend& mend : explained_.mends) {
      const auto place = std::find_if(all.begin(), all.end(), [&](const auto& other) { return other.first < mend.instances; });
      all.insert(place, {mend.instances, mend.change});
    }
    Table table;
    table.column("WOULD FIT", Table::Align::kRight).column("CHANGE");
    for (std::size_t i = 0; i < std::min(all.size(), kChangesShown); ++i) {
      table.row({counted(all[i].first, "instance"), std::move(all[i].second)});
    }
    std::string text = rendered(table);
    if (all.size() > kChangesShown) {
      text += "and " + std::to_string(all.size() - kChangesShown) + " more\n";
    }
    return text;
  }

  // An instance that fails a single check may still need more than one change: two ports, two attributes, two terms.
  std::string nothing_helps() const {
    std::string alone;
    for (const Reason reason : placement::kCheckOrder) {
      if (const std::uint64_t instances = explanation_.fails_alone[static_cast<std::size_t>(reason)]; instances > 0) {
        alone += counted(instances, "instance") + (instances == 1 ? " fails" : " fail") + " only " + bare_reason(name_of(reason)) +
                 ", where no single change is enough.\n";
      }
    }
    return "No single change lets an instance take the task" +
           (alone.empty() ? ": every instance fails at least two checks.\n" : ".\n" + alone);
  }

  std::string why_here(const placement::WhyHere& why) const {
    Table table;
    table.column("STRATEGY").column("CHOSEN").column("NEXT BEST").column("LEFT", Table::Align::kRight);
    for (const placement::KeyLevel& level : why.levels) {
      table.row({level.strategy, level.winner, level.runner_up.empty() ? "-" : level.runner_up, number(level.remaining)});
    }
    std::string body = instance_text(snapshot_, why.instance) + ", one of " + counted(why.candidates, "candidate") + "\n" + rendered(table);
    if (why.runner_up.has_value()) {
      body += "next would have been " + instance_text(snapshot_, *why.runner_up) + "\n";
    }
    return section("WHY TASK " + std::to_string(why.task + 1) + " IS HERE", body);
  }

  const TaskRequest& request_;
  const Snapshot& snapshot_;
  const Explained& explained_;
  const Explanation& explanation_;
};

}  // namespace

std::string explanation_text(const TaskRequest& request, const Snapshot& snapshot, const Explained& explained) {
  return ExplanationText(request, snapshot, explained).write();
}

std::string fargate_explanation_text(const TaskRequest& request) {
  std::map<std::string_view, std::uint64_t> zones;
  for (const FargatePlace& place : spread_fargate(request.placement.count, request.fargate_providers, request.network)) {
    ++zones[request.network.subnets[place.subnet].zone];
  }
  Table table;
  table.column("TASKS", Table::Align::kRight).column("ZONE");
  for (const auto& [zone, tasks] : zones) {
    table.row({number(tasks), std::string(zone)});
  }
  return tasks_sentence(request, request.placement.count, request.placement.count) + "Each needs " + demand_text(request) +
         ". Fargate looks at no instance of the inventory.\n" + section("SPREAD OVER ZONES", rendered(table));
}

}  // namespace berth::ecs
