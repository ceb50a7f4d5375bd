// LiveView: what expressions see of a record, or of an attribute set alone.
//
// Thread rule: one thread. Lifetime: at most that of the record, which stays protected meanwhile.
#pragma once

#include <string>

#include "engine/cluster/inventory.h"
#include "engine/query/instance_view.h"

namespace berth::cluster {

class LiveView final : public query::InstanceView {
 public:
  // `scratch` holds an id that is handed out.
  LiveView(const Inventory& inventory, const Record& record, std::string& scratch)
      : inventory_(inventory), record_(&record), set_(record.attribute_set), scratch_(&scratch) {}
  // Only attribute() may be asked, and only for attributes that are not wide.
  LiveView(const Inventory& inventory, std::uint32_t attribute_set) : inventory_(inventory), set_(attribute_set) {}

  [[nodiscard]] Attribute attribute(std::string_view name) const override;
  [[nodiscard]] std::string_view ec2_instance_id() const override;
  [[nodiscard]] std::int64_t registered_at_ms() const override;
  [[nodiscard]] std::string_view agent_version() const override;
  [[nodiscard]] bool agent_connected() const override { return record_->agent_connected; }
  [[nodiscard]] std::uint32_t running_tasks_count() const override { return record_->running_tasks; }
  [[nodiscard]] bool any_task_group(query::Policy::GroupTasks tasks, query::TextPredicate holds) const override;

 private:
  const Inventory& inventory_;
  const Record* record_ = nullptr;
  std::uint32_t set_;
  std::string* scratch_ = nullptr;
};

}  // namespace berth::cluster
