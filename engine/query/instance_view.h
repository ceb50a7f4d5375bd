// InstanceView: what an expression can see of one container instance, as texts and numbers, wherever its facts are kept. By it
// Program::matches() answers for an instance that stands in no snapshot.
//
// Thread rule: the implementer's; a match only reads, on the calling thread. Lifetime: the texts that a view hands out must stay as they
// are until the match returns, those handed to a predicate until the predicate returns.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/query/policy.h"

namespace berth::query {

// A predicate over texts that is passed by reference and owns nothing. Lifetime: that of the callable, which must outlive it.
class TextPredicate {
 public:
  template <typename Callable>
  explicit TextPredicate(const Callable& callable)
      : callable_(&callable),
        call_([](const void* target, std::string_view text) -> bool { return (*static_cast<const Callable*>(target))(text); }) {}

  bool operator()(std::string_view text) const { return call_(callable_, text); }

 private:
  const void* callable_;
  bool (*call_)(const void*, std::string_view);
};

class InstanceView {
 public:
  struct Attribute {
    enum class Kind : std::uint8_t { kAbsent, kNameOnly, kValue } kind = Kind::kAbsent;
    std::string_view value;  // kValue; may be empty, which is not the same as a name without a value.
  };

  virtual ~InstanceView() = default;

  [[nodiscard]] virtual Attribute attribute(std::string_view name) const = 0;
  // Empty: it has none, as an external instance, or it is not known.
  [[nodiscard]] virtual std::string_view ec2_instance_id() const = 0;
  // Unix milliseconds; 0: unknown.
  [[nodiscard]] virtual std::int64_t registered_at_ms() const = 0;
  // As reported; empty: none was.
  [[nodiscard]] virtual std::string_view agent_version() const = 0;
  [[nodiscard]] virtual bool agent_connected() const = 0;
  // Tasks desired RUNNING.
  [[nodiscard]] virtual std::uint32_t running_tasks_count() const = 0;
  // Calls `holds` with the group of each task of the instance that feeds task:group under `tasks`, until one holds: whether one did. A
  // task that has no group counts with the empty text; a group need be named once only, however many tasks it has.
  [[nodiscard]] virtual bool any_task_group(Policy::GroupTasks tasks, TextPredicate holds) const = 0;
};

}  // namespace berth::query
