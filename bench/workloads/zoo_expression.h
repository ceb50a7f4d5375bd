// Expressions for memberOf that hold for a chosen instance, the anchor, and so select something.
//
// Thread rule: one thread. Lifetime: refers to the fleet and the groups, which must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/base/rng.h"
#include "engine/placement/request.h"
#include "engine/query/program.h"
#include "engine/snapshot/snapshot.h"

namespace berth::workloads {

class ExpressionMaker {
 public:
  // `groups`: those of the zoo's classes.
  ExpressionMaker(const Snapshot& fleet, const std::vector<std::string>& groups);

  struct Wish {
    std::uint32_t terms = 1;       // 1 to 3.
    bool is_about_tasks = false;   // One of the terms is about task:group ...
    bool wants_neighbour = false;  // ... and asks for a group of the zoo on the instance, rather than for its absence.
  };
  // About a random instance that would take a task of `request` as the fleet stands; where there is none, about any.
  query::ProgramPtr make(const Wish& wish, const placement::Request& request, Stream& stream);

 private:
  enum class Subject : std::uint8_t { kType, kZone, kStack, kPool, kAgentVersion, kRegisteredAt, kArchitecture };

  std::uint32_t draw_anchor(const Wish& wish, const placement::Request& request, Stream& stream) const;
  // The group of the zoo, other than `own`, with a task on the instance.
  [[nodiscard]] std::optional<std::string_view> neighbour_on(std::uint32_t instance, std::string_view own) const;
  [[nodiscard]] bool hosts(std::uint32_t instance, std::string_view group) const;
  std::string group_term(const Wish& wish, std::uint32_t anchor, std::string_view own, Stream& stream) const;
  // Empty when the instance lacks the subject, or it cannot be written.
  std::string term(Subject subject, std::uint32_t instance, Stream& stream);
  std::string type_term(std::uint32_t instance, Stream& stream) const;
  // Terms of different subjects that hold for the anchor; where they are two, one time in four "or" with the last one about any instance.
  std::string plain_terms(std::uint32_t count, std::uint32_t anchor, Stream& stream);
  [[nodiscard]] std::string_view text_of(std::uint32_t instance, std::string_view attribute) const;
  query::ProgramPtr compile(const std::string& text);

  const Snapshot& fleet_;
  const std::vector<std::string>& groups_;
  std::vector<bool> is_zoo_group_;                     // By the fleet's group id.
  std::map<std::string, query::ProgramPtr> programs_;  // By text.
};

// Whether the instance takes one task of `request` as the fleet stands, its memberOf aside.
bool takes(const Snapshot& fleet, std::uint32_t instance, const placement::Request& request);

}  // namespace berth::workloads
