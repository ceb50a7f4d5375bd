#include "engine/cluster/overlay.h"

#include <algorithm>
#include <new>
#include <utility>

namespace berth::cluster {

std::size_t Overlay::bytes_of(const Record& record, std::size_t task_room) {
  return Record::bytes(record.wide_count, task_room) + task_room * sizeof(TaskName);
}

std::optional<Overlay::Entry> Overlay::copy_with_room(const Record& record, std::size_t task_room) {
  std::byte* memory = memory_.take(bytes_of(record, task_room));
  if (memory == nullptr) {
    return std::nullopt;
  }
  auto* copied = new (memory) Record(record);
  std::copy(record.wide_values().begin(), record.wide_values().end(), copied->wide_values().begin());
  std::copy(record.tasks().begin(), record.tasks().end(), copied->tasks().begin());
  auto* names = reinterpret_cast<TaskName*>(memory + Record::bytes(record.wide_count, task_room));
  Entry made{0, 0, 0, copied, names, record.slot, static_cast<std::uint32_t>(task_room)};
  note_change(made);
  return made;
}

std::optional<Overlay::Entry> Overlay::copy(Inventory& inventory, const Record& record) {
  const std::optional<Entry> made = copy_with_room(record, std::size_t{record.task_count} + 1);
  if (made.has_value()) {
    const bool has_gpus = inventory.gpu_slots(record.identity) != 0;
    for (std::size_t task = 0; task < record.task_count; ++task) {
      const LiveTask& of = record.tasks()[task];
      made->names[task] = {has_gpus ? inventory.gpu_mask(record, of) : 0, inventory.tasks.generation(of.task)};
    }
  }
  return made;
}

void Overlay::drop(const Entry& copy) {
  memory_.give_back(reinterpret_cast<const std::byte*>(copy.record), bytes_of(*copy.record, copy.task_room));
}

void Overlay::add(const Entry& copy) {
  if (entries_.size() == entries_.capacity()) {
    entries_.reserve(std::max<std::size_t>(8, 2 * entries_.size()));
  }
  places_.put(copy.slot, static_cast<std::uint32_t>(entries_.size()));
  entries_.push_back(copy);
}

void Overlay::remove(std::uint32_t slot) {
  const std::uint32_t place = *places_.find(slot);
  places_.erase(slot);
  if (place + 1 < entries_.size()) {
    entries_[place] = entries_.back();
    places_.put(entries_[place].slot, place);
  }
  entries_.pop_back();
}

void Overlay::clear() {
  entries_.clear();
  places_.clear();
  memory_.clear();
}

bool Overlay::append(Entry& entry, const LiveTask& task, const TaskName& name) {
  const std::uint32_t count = entry.record->task_count;
  if (count == entry.task_room) {
    const std::optional<Entry> larger = copy_with_room(*entry.record, 2 * std::size_t{count} + 2);
    if (!larger.has_value()) {
      return false;
    }
    std::copy(entry.names, entry.names + count, larger->names);
    entry = *larger;
  }
  ++entry.record->task_count;
  entry.record->tasks()[count] = task;
  entry.names[count] = name;
  return true;
}

void Overlay::erase(Entry& entry, std::size_t task) {
  const auto tasks = entry.record->tasks();
  const auto at = tasks.begin() + static_cast<std::ptrdiff_t>(task);
  std::copy(at + 1, tasks.end(), at);
  std::copy(entry.names + task + 1, entry.names + tasks.size(), entry.names + task);
  --entry.record->task_count;
}

void Overlay::note_change(Entry& entry) {
  set_words(*entry.record);
  entry.fit_word = entry.record->fit_word;
  entry.trait_word = entry.record->trait_word;
  entry.group_bits = 0;
  for (const LiveTask& task : std::as_const(*entry.record).tasks()) {
    entry.group_bits |= task.counts() ? group_bit(task.group) : 0;
  }
}

}  // namespace berth::cluster
