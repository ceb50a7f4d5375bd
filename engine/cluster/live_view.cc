#include "engine/cluster/live_view.h"

namespace berth::cluster {

query::InstanceView::Attribute LiveView::attribute(std::string_view name) const {
  const auto name_id = inventory_.names.find(name);
  if (!name_id.has_value()) {
    return {};
  }
  const std::uint32_t value = record_ != nullptr ? inventory_.attribute(*record_, *name_id) : inventory_.attribute_in_set(set_, *name_id);
  if (value == kAttributeAbsent) {
    return {};
  }
  if (value == kAttributeNameOnly) {
    return {Attribute::Kind::kNameOnly, {}};
  }
  return {Attribute::Kind::kValue, inventory_.values.at(value)};
}

std::string_view LiveView::ec2_instance_id() const {
  if (!inventory_.is_base(record_->identity)) {
    return inventory_.later(record_->identity).ec2_instance_id;
  }
  scratch_->clear();
  inventory_.base().ec2_instance_ids().append_to(record_->identity, *scratch_);
  return *scratch_;
}

std::int64_t LiveView::registered_at_ms() const {
  return inventory_.is_base(record_->identity) ? inventory_.base().registered_at_ms()[record_->identity]
                                               : inventory_.later(record_->identity).registered_at_ms;
}

std::string_view LiveView::agent_version() const {
  return record_->agent_version == kNoId ? std::string_view() : inventory_.texts.at(record_->agent_version);
}

bool LiveView::any_task_group(query::Policy::GroupTasks tasks, query::TextPredicate holds) const {
  for (const LiveTask& task : record_->tasks()) {
    const bool feeds = tasks == query::Policy::GroupTasks::kDesiredRunning ? task.counts() : task.last_status == TaskStatus::kRunning;
    if (feeds && holds(inventory_.groups.at(task.group))) {
      return true;
    }
  }
  return false;
}

}  // namespace berth::cluster
