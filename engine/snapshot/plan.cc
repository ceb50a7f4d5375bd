#include "engine/snapshot/plan.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "engine/snapshot/parallel_loops.h"

namespace berth {
namespace {

// Finds the instance of every task that came before it.
Outcome resolve_waiting_tasks(BuilderRows& rows) {
  for (const BuilderRows::WaitingTask& waiting : rows.waiting_tasks) {
    TaskRow& task = rows.tasks[waiting.task];
    const std::optional<std::uint32_t> instance = rows.find_instance(waiting.instance_arn);
    if (!instance) {
      return Error{.code = StatusCode::kInvalidArgument,
                   .message = "task \"" + rows.task_arns.text(task.arn) + "\" runs on instance \"" +
                              rows.instance_arns.text(waiting.instance_arn) +
                              "\", which was not added; add the instance or leave the task out"};
    }
    task.instance = *instance;
  }
  rows.waiting_tasks.clear();
  return {};
}

void order_instances(const BuilderRows& rows, WritePlan& plan, Executor& executor) {
  plan.instance_order.resize(rows.instances.size());
  for (std::uint32_t row = 0; row < plan.instance_order.size(); ++row) {
    plan.instance_order[row] = row;
  }
  const auto less = [&](std::uint32_t left, std::uint32_t right) {
    return rows.instance_arns.compare(rows.instances[left].arn, rows.instances[right].arn) < 0;
  };
  if (!std::ranges::is_sorted(plan.instance_order, less)) {
    parallel_sort(executor, plan.instance_order, less);
  }
}

// Tasks are dealt out to their instances by counting, then each instance's few are sorted.
void order_tasks(const BuilderRows& rows, const std::vector<std::uint32_t>& index_of_row, WritePlan& plan, Executor& executor) {
  const std::size_t instance_count = rows.instances.size();
  plan.task_begin.assign(instance_count + 1, 0);
  for (const TaskRow& task : rows.tasks) {
    ++plan.task_begin[index_of_row[task.instance] + 1];
  }
  for (std::size_t index = 0; index < instance_count; ++index) {
    plan.task_begin[index + 1] += plan.task_begin[index];
  }
  std::vector<std::uint32_t> next(plan.task_begin.begin(), plan.task_begin.end() - 1);
  plan.task_order.resize(rows.tasks.size());
  for (std::uint32_t row = 0; row < rows.tasks.size(); ++row) {
    plan.task_order[next[index_of_row[rows.tasks[row].instance]]++] = row;
  }
  for_blocks(executor, instance_count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t index = begin; index < end; ++index) {
      std::sort(
          plan.task_order.begin() + plan.task_begin[index], plan.task_order.begin() + plan.task_begin[index + 1],
          [&](std::uint32_t left, std::uint32_t right) { return rows.task_arns.compare(rows.tasks[left].arn, rows.tasks[right].arn) < 0; });
    }
  });
}

TaskShape shape_at(const BuilderRows& rows, std::uint32_t shape) {
  ShapeWords words;
  std::ranges::copy(rows.shapes.at(shape).first(words.size()), words.begin());
  return std::bit_cast<TaskShape>(words);
}

void mark(std::vector<std::uint8_t>& used, std::uint32_t id) {
  if (id < used.size()) {
    used[id] = 1;
  }
}

void plan_shapes_and_ports(const BuilderRows& rows, WritePlan& plan) {
  plan.shapes = Numbering(rows.shapes.size());
  for (const std::uint32_t row : plan.task_order) {
    plan.shapes.use(rows.tasks[row].shape);
  }
  plan.port_sets = Numbering(rows.port_sets.size());
  plan.port_sets.use(0);
  for (const std::uint32_t row : plan.instance_order) {
    plan.port_sets.use(rows.instances[row].ports_registered);
    plan.port_sets.use(rows.instances[row].ports_used);
  }
  for (const std::uint32_t shape : plan.shapes.order()) {
    plan.port_sets.use(shape_at(rows, shape).ports);
  }
}

// Only what is in use is written. REQUIRES: shapes are planned.
void plan_dictionaries(const BuilderRows& rows, WritePlan& plan, Executor& executor) {
  std::vector<std::uint8_t> used_names(rows.names.size(), 0);
  std::vector<std::uint8_t> used_values(rows.values.size(), 0);
  for (std::uint32_t set = 0; set < rows.attribute_sets.size(); ++set) {
    for (const AttributePair& pair : rows.attribute_sets.at(set)) {
      mark(used_names, pair.name);
      mark(used_values, pair.value);
    }
  }
  std::vector<std::uint8_t> used_groups(rows.groups.size(), 0);
  std::vector<std::uint8_t> used_texts(rows.texts.size(), 0);
  for (const std::uint32_t number : plan.shapes.order()) {
    const TaskShape shape = shape_at(rows, number);
    mark(used_groups, shape.group);
    mark(used_texts, shape.task_definition);
    mark(used_texts, shape.started_by);
    mark(used_texts, shape.capacity_provider);
  }
  for (const InstanceRow& row : rows.instances) {
    mark(used_texts, row.agent_version);
    mark(used_texts, row.capacity_provider);
  }
  plan.names = Dictionary(rows.names, used_names, executor);
  plan.values = Dictionary(rows.values, used_values, executor);
  plan.groups = Dictionary(rows.groups, used_groups, executor);
  plan.texts = Dictionary(rows.texts, used_texts, executor);
}

void plan_own(const BuilderRows& rows, WritePlan& plan) {
  for (std::uint32_t own = 0; own < rows.own_resources.size(); ++own) {
    plan.own_order.push_back(own);
  }
  std::ranges::sort(plan.own_order, {}, [&](std::uint32_t own) { return std::string_view(rows.own_resources[own].name); });
  plan.own_held.resize(plan.shapes.order().size() * plan.own_order.size());
  for (std::size_t shape = 0; shape < plan.shapes.order().size(); ++shape) {
    for (const std::uint64_t word : rows.shapes.at(plan.shapes.order()[shape]).subspan(std::tuple_size_v<ShapeWords>)) {
      const auto at = std::ranges::find(plan.own_order, static_cast<std::uint32_t>(word >> 32U)) - plan.own_order.begin();
      plan.own_held[shape * plan.own_order.size() + static_cast<std::size_t>(at)] = static_cast<std::int32_t>(word & 0xFFFFFFFFU);
    }
  }
}

void plan_gpus(const BuilderRows& rows, WritePlan& plan) {
  for (std::uint32_t index = 0; index < plan.instance_order.size(); ++index) {
    const InstanceRow& row = rows.instances[plan.instance_order[index]];
    if (row.gpu_count == 0) {
      continue;
    }
    plan.gpu_instances.push_back(index);
    plan.gpu_begin.push_back(static_cast<std::uint32_t>(plan.gpus.size()));
    const auto first = rows.gpus.begin() + row.gpu_begin;
    plan.gpus.insert(plan.gpus.end(), first, first + row.gpu_count);
  }
  if (!plan.gpu_instances.empty()) {
    plan.gpu_begin.push_back(static_cast<std::uint32_t>(plan.gpus.size()));
  }
}

// The slot of a GPU id among those of an instance.
std::optional<std::uint32_t> slot_of(const WritePlan& plan, std::uint32_t instance, std::uint32_t gpu_id) {
  const auto at = std::ranges::lower_bound(plan.gpu_instances, instance);
  if (at == plan.gpu_instances.end() || *at != instance) {
    return std::nullopt;
  }
  const auto place = static_cast<std::size_t>(at - plan.gpu_instances.begin());
  for (std::uint32_t slot = plan.gpu_begin[place]; slot < plan.gpu_begin[place + 1]; ++slot) {
    if (plan.gpus[slot].id == gpu_id) {
      return slot;
    }
  }
  return std::nullopt;
}

// What few tasks have. REQUIRES: tasks and GPUs are planned.
Outcome plan_rare_columns(const BuilderRows& rows, const std::vector<std::uint32_t>& index_of_row, WritePlan& plan) {
  if (rows.protections.empty() && rows.task_gpus.empty()) {
    return {};
  }
  std::vector<std::uint32_t> index_of_task(rows.tasks.size());
  for (std::uint32_t index = 0; index < plan.task_order.size(); ++index) {
    index_of_task[plan.task_order[index]] = index;
  }
  for (const BuilderRows::Protection& protection : rows.protections) {
    plan.protected_tasks.push_back({.expires_at_ms = protection.expires_at_ms, .task = index_of_task[protection.task], .padding = 0});
  }
  std::ranges::sort(plan.protected_tasks, {}, &ProtectedTask::task);
  for (const BuilderRows::TaskGpuId& held : rows.task_gpus) {
    const TaskRow& task = rows.tasks[held.task];
    const std::optional<std::uint32_t> slot = slot_of(plan, index_of_row[task.instance], held.gpu_id);
    if (!slot) {
      return Error{.code = StatusCode::kInvalidArgument,
                   .message = "task \"" + rows.task_arns.text(task.arn) + "\" holds GPU \"" + std::string(rows.gpu_ids.at(held.gpu_id)) +
                              "\", which its instance \"" + rows.instance_arns.text(rows.instances[task.instance].arn) +
                              "\" does not have"};
    }
    plan.task_gpus.push_back({index_of_task[held.task], *slot});
  }
  const auto pair_of = [](const Snapshot::TaskGpu& held) { return std::uint64_t{held.task} << 32U | held.slot; };
  std::ranges::sort(plan.task_gpus, {}, pair_of);
  const auto repeated = std::ranges::unique(plan.task_gpus, {}, pair_of);
  plan.task_gpus.erase(repeated.begin(), repeated.end());
  return {};
}

}  // namespace

Result<WritePlan> make_plan(BuilderRows& rows, Executor& executor, Progress* progress) {
  // Orders, sets, ids, and what few have.
  constexpr std::uint64_t kSteps = 4;
  if (progress != nullptr) {
    progress->begin(Phase::kBuilding, kSteps);
  }
  const auto advance = [&] {
    if (progress != nullptr) {
      progress->advance();
    }
  };
  if (Outcome resolved = resolve_waiting_tasks(rows); !resolved) {
    return std::move(resolved).error();
  }
  WritePlan plan;
  plan.has_tasks = rows.has_tasks.value_or(!rows.tasks.empty());
  order_instances(rows, plan, executor);
  std::vector<std::uint32_t> index_of_row(rows.instances.size());
  for (std::uint32_t index = 0; index < plan.instance_order.size(); ++index) {
    index_of_row[plan.instance_order[index]] = index;
  }
  order_tasks(rows, index_of_row, plan, executor);
  advance();

  plan_shapes_and_ports(rows, plan);
  plan_own(rows, plan);
  plan_dictionaries(rows, plan, executor);
  std::vector<std::uint32_t> sets_by_index(rows.instances.size());
  for (std::size_t index = 0; index < sets_by_index.size(); ++index) {
    sets_by_index[index] = rows.instances[plan.instance_order[index]].attribute_set;
  }
  plan.attributes = plan_attribute_sets(rows.attribute_sets, sets_by_index, plan.names, plan.values, executor);
  advance();

  const auto instance_at = [&](std::size_t index) -> const InstanceRow& { return rows.instances[plan.instance_order[index]]; };
  plan.instance_arns = IdColumnPlan(rows.instance_arns, rows.instances.size(),
                                    [&](std::size_t index) -> const EncodedId& { return instance_at(index).arn; });
  plan.ec2_instance_ids = IdColumnPlan(rows.ec2_instance_ids, rows.instances.size(),
                                       [&](std::size_t index) -> const EncodedId& { return instance_at(index).ec2_instance_id; });
  plan.task_arns = IdColumnPlan(rows.task_arns, rows.tasks.size(),
                                [&](std::size_t index) -> const EncodedId& { return rows.tasks[plan.task_order[index]].arn; });
  advance();

  plan_gpus(rows, plan);
  if (Outcome rare = plan_rare_columns(rows, index_of_row, plan); !rare) {
    return std::move(rare).error();
  }
  advance();
  return plan;
}

}  // namespace berth
