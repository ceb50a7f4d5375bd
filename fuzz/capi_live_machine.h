// LiveMachine: the steps of the C ABI's fuzz target that work on a live cluster and a fork of it. Rows are right but for a few bytes that
// the input changes. Properties: those of every call, and that a cluster has as many tasks as its answers say.
//
// Thread rule: one thread. Lifetime: lets go what it holds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>
#include <vector>

#include "berth/berth.h"
#include "fuzz/capi_input.h"

namespace berth::fuzz {

class LiveMachine {
 public:
  LiveMachine() = default;
  LiveMachine(const LiveMachine&) = delete;
  LiveMachine& operator=(const LiveMachine&) = delete;
  ~LiveMachine() {
    berth_fork_free(fork_);
    berth_cluster_release(cluster_);
  }

  // Begins a cluster with a snapshot, which may be NULL.
  void open(Input& input, berth_snapshot* snapshot) {
    berth_cluster_options options = {.struct_size = sizeof options, .instances_max = input.byte(), .tasks_max = input.byte(), .flags = 0};
    options.flags = input.byte() % 4;
    options.struct_size -= input.byte() == 255 ? 1 : 0;
    berth_cluster* made = nullptr;
    berth_error* error = nullptr;
    const berth_status status = berth_cluster_new(snapshot, &options, &made, &error);
    check_error(status, error);
    require((status == BERTH_OK) == (made != nullptr), "a cluster is given exactly on success");
    if (made == nullptr) {
      return;
    }
    berth_fork_free(fork_);
    fork_ = nullptr;
    berth_cluster_release(cluster_);
    cluster_ = made;
    classes_ = 0;
    instances_.clear();
    tasks_.clear();
    task_count_ = count_tasks();
  }

  // What the cluster holds now; NULL unless the status says that there is one.
  berth_status take_snapshot(berth_snapshot*& made) const {
    berth_error* error = nullptr;
    const berth_status status = berth_cluster_snapshot(shared_engine(), cluster_, nullptr, &made, &error);
    check_error(status, error);
    std::uint32_t tasks = 0;
    if (status == BERTH_OK) {
      require(berth_snapshot_counts(made, nullptr, &tasks) == BERTH_OK && tasks == task_count_, "a snapshot has the cluster's tasks");
    }
    return status;
  }

  // 14 to 22.
  void step(int call, Input& input) {
    switch (call) {
      case 14:
        return prepare(input);
      case 15:
      case 16:
        return place(input);
      case 17:
      case 18:
        return change(input);
      case 19:
        return look(input);
      case 20:
        return tell(input);
      case 21:
        return live_document(input);
      default:
        return fork(input);
    }
  }

 private:
  std::uint64_t count_tasks() const {
    berth_cluster_stats_row stats = {};
    require(berth_cluster_stats(cluster_, &stats, nullptr) == BERTH_OK, "figures are given");
    return stats.tasks;
  }
  void check_tasks() const {
    if (cluster_ != nullptr) {
      require(count_tasks() == task_count_, "a cluster has as many tasks as its answers said");
    }
  }

  void prepare(Input& input) {
    const std::string_view request = input.text();
    std::uint32_t number = 77;
    berth_error* error = nullptr;
    const berth_status status = berth_cluster_prepare(shared_engine(), cluster_, request.data(), request.size(), &number, &error);
    check_error(status, error);
    require(status == BERTH_OK || number == 77, "outputs are left alone on failure");
    if (status == BERTH_OK) {
      require(number <= classes_, "classes are numbered from 0");
      classes_ = std::max(classes_, number + 1);
      std::uint32_t again = 77;
      require(
          berth_cluster_prepare(shared_engine(), cluster_, request.data(), request.size(), &again, nullptr) == BERTH_OK && again == number,
          "the same request gets the same number");
    }
  }

  // Changes bytes of a row, so that most of it stays right.
  template <typename Row>
  static void disturb(Row& row, Input& input) {
    for (std::uint8_t count = input.byte() % 4; count > 0; --count) {
      const std::uint8_t at = input.byte();
      reinterpret_cast<std::uint8_t*>(&row)[at % sizeof row] = input.byte();
    }
  }

  std::vector<berth_place_row> place_rows(Input& input) const {
    std::vector<berth_place_row> rows(input.byte() % 4);
    for (berth_place_row& row : rows) {
      row = {};
      row.request_class = input.byte() % (classes_ + 1);
      row.count = 1 + input.byte() % 4;
      row.seed = input.byte();
      row.flags = input.byte() % 4;
      disturb(row, input);
      row.count &= 0xFFU;  // More only take longer.
    }
    return rows;
  }

  void keep_task(const berth_task& task) {
    if (tasks_.size() < 64) {
      tasks_.push_back(task);
    }
  }

  // `place` is of a cluster or of a fork. Returns how many tasks were placed.
  template <typename Target>
  std::uint64_t place_on(Input& input, Target* target,
                         berth_status (*place)(Target*, const berth_place_row*, std::uint32_t, const berth_call_options*,
                                               berth_decision_row*, std::uint32_t, berth_error**)) {
    const std::vector<berth_place_row> rows = place_rows(input);
    std::uint32_t tasks = 0;
    for (const berth_place_row& row : rows) {
      tasks += row.count;
    }
    std::vector<berth_decision_row> decisions(std::size_t{tasks} + 1);
    std::memset(decisions.data(), 0xA5, decisions.size() * sizeof decisions[0]);
    const std::vector<berth_decision_row> before = decisions;
    const std::uint32_t capacity = tasks - (input.byte() == 255 && tasks > 0 ? 1 : 0);
    berth_error* error = nullptr;
    const berth_status status =
        place(target, rows.data(), static_cast<std::uint32_t>(rows.size()), nullptr, decisions.data(), capacity, &error);
    check_error(status, error);
    const std::size_t untouched_from = status == BERTH_OK ? tasks : 0;
    require(std::memcmp(&decisions[untouched_from], &before[untouched_from], (decisions.size() - untouched_from) * sizeof before[0]) == 0,
            "nothing is written beyond the decisions, and nothing on failure");
    std::uint64_t placed = 0;
    std::size_t at = 0;
    for (std::uint32_t row = 0; row < rows.size() && status == BERTH_OK; ++row) {
      std::uint32_t of_row = 0;
      for (std::uint32_t index = 0; index < rows[row].count; ++index) {
        const berth_decision_row& decision = decisions[at++];
        require(decision.row == row && decision.index == index, "decisions stand in the order of rows and tasks");
        require(decision.outcome >= BERTH_PLACED && decision.outcome <= BERTH_NOT_ATTEMPTED, "an outcome is one of the header");
        require((decision.outcome == BERTH_NOT_ATTEMPTED) == (decision.cause != BERTH_OK), "what was not attempted has a cause");
        const bool is_dry = (rows[row].flags & BERTH_PLACE_DRY_RUN) != 0;
        if (decision.outcome == BERTH_PLACED && !is_dry) {
          ++of_row;
          keep_task(decision.task);
        }
        if (decision.outcome == BERTH_PLACED && instances_.size() < 64) {
          instances_.push_back(decision.instance);
        }
      }
      const bool is_whole = (rows[row].flags & BERTH_PLACE_ALL_OR_NOTHING) != 0 && (rows[row].flags & BERTH_PLACE_DRY_RUN) == 0;
      require(!is_whole || of_row == 0 || of_row == rows[row].count, "all or nothing");
      placed += of_row;
    }
    return placed;
  }

  void place(Input& input) {
    task_count_ += place_on(input, cluster_, berth_cluster_place);
    check_tasks();
  }

  berth_change_row change_row(Input& input) const {
    static constexpr std::uint32_t kKinds[] = {BERTH_CHANGE_STOP,
                                               BERTH_CHANGE_RELEASE,
                                               BERTH_CHANGE_TASK_STATE,
                                               BERTH_CHANGE_PROTECT,
                                               BERTH_CHANGE_STATUS,
                                               BERTH_CHANGE_AGENT_CONNECTED,
                                               BERTH_CHANGE_AGENT_VERSION,
                                               BERTH_CHANGE_PUT_ATTRIBUTE,
                                               BERTH_CHANGE_REMOVE_ATTRIBUTE,
                                               BERTH_CHANGE_CAPACITY_PROVIDER,
                                               BERTH_CHANGE_RESOURCES,
                                               BERTH_CHANGE_DEREGISTER,
                                               BERTH_CHANGE_START};
    berth_change_row row = {};
    row.kind = kKinds[input.byte() % std::size(kKinds)];
    if (row.kind < BERTH_CHANGE_STATUS && !tasks_.empty()) {
      row.task = tasks_[input.byte() % tasks_.size()];
    } else if (row.kind >= BERTH_CHANGE_STATUS && !instances_.empty()) {
      row.instance = instances_[input.byte() % instances_.size()];
    }
    if (row.kind == BERTH_CHANGE_TASK_STATE) {
      row.last_status = input.byte() % 10;
      row.desired_status = input.byte() % 10;
      row.health = input.byte() % 5;
    } else if (row.kind == BERTH_CHANGE_START) {
      row.request_class = input.byte() % (classes_ + 1);
    } else if (row.kind == BERTH_CHANGE_RESOURCES) {
      row.cpu_units = input.byte() * 64;
      row.memory_mib = input.byte() * 64;
    } else if (row.kind != BERTH_CHANGE_STOP && row.kind != BERTH_CHANGE_RELEASE) {
      row.value = input.byte() % 8;
      row.name = {.offset = input.byte() % 8U, .length = input.byte() % 8U};
      row.text = {.offset = input.byte() % 8U, .length = input.byte() % 8U};
      const bool names = row.kind == BERTH_CHANGE_PUT_ATTRIBUTE || row.kind == BERTH_CHANGE_REMOVE_ATTRIBUTE;
      row.name = names ? row.name : berth_text_range{};
      const bool has_text =
          row.kind == BERTH_CHANGE_PUT_ATTRIBUTE || row.kind == BERTH_CHANGE_AGENT_VERSION || row.kind == BERTH_CHANGE_CAPACITY_PROVIDER;
      row.text = has_text ? row.text : berth_text_range{};
    }
    disturb(row, input);
    return row;
  }

  // Returns by how much the number of tasks has changed.
  template <typename Target>
  std::int64_t change_on(Input& input, Target* target,
                         berth_status (*change)(Target*, const berth_change_row*, std::uint32_t, const char*, std::size_t,
                                                const berth_call_options*, berth_change_result*, berth_error**)) {
    std::vector<berth_change_row> rows(input.byte() % 4);
    for (berth_change_row& row : rows) {
      row = change_row(input);
    }
    const std::string_view blob = input.text();
    std::vector<berth_change_result> results(rows.size() + 1);
    std::memset(results.data(), 0xA5, results.size() * sizeof results[0]);
    const std::vector<berth_change_result> before = results;
    berth_error* error = nullptr;
    const berth_status status =
        change(target, rows.data(), static_cast<std::uint32_t>(rows.size()), blob.data(), blob.size(), nullptr, results.data(), &error);
    check_error(status, error);
    const std::size_t untouched_from = status == BERTH_OK ? rows.size() : 0;
    require(std::memcmp(&results[untouched_from], &before[untouched_from], (results.size() - untouched_from) * sizeof before[0]) == 0,
            "nothing is written beyond the results, and nothing on failure");
    std::int64_t difference = 0;
    for (std::size_t row = 0; row < rows.size() && status == BERTH_OK; ++row) {
      const berth_change_result& result = results[row];
      require(result.is_attempted == 1 && result.status >= BERTH_OK && result.status <= BERTH_IO_ERROR, "every row was attempted");
      require(result.status != BERTH_INTERNAL, "no row shows a defect");
      if (result.status != BERTH_OK) {
        continue;
      }
      difference -= rows[row].kind == BERTH_CHANGE_RELEASE ? 1 : 0;
      difference -= rows[row].kind == BERTH_CHANGE_DEREGISTER ? static_cast<std::int64_t>(result.orphans) : 0;
      if (rows[row].kind == BERTH_CHANGE_START && result.reason == BERTH_REASON_NONE) {
        ++difference;
        keep_task(result.task);
      }
    }
    return difference;
  }

  void change(Input& input) {
    task_count_ = static_cast<std::uint64_t>(static_cast<std::int64_t>(task_count_) + change_on(input, cluster_, berth_cluster_change));
    check_tasks();
  }

  // Handles of instances and their tasks, for later rows.
  void look(Input& input) {
    berth_instance found[16];
    std::uint32_t count = 77;
    std::uint64_t counts[BERTH_REASON_COUNT];
    const std::uint32_t request_class = input.byte() % (classes_ + 1);
    berth_error* error = nullptr;
    berth_status status = berth_cluster_select(cluster_, request_class, nullptr, found, 16, &count, &error);
    check_error(status, error);
    for (std::uint32_t i = 0; status == BERTH_OK && i < count && i < 16 && instances_.size() < 64; ++i) {
      instances_.push_back(found[i]);
    }
    error = nullptr;
    status = berth_cluster_explain(cluster_, request_class, nullptr, counts, BERTH_REASON_COUNT, &error);
    check_error(status, error);
    require(status != BERTH_OK || counts[BERTH_REASON_NONE] == count, "two ways to count what would take a task agree");
    berth_instance instance = instances_.empty() ? berth_instance{0, 0} : instances_[input.byte() % instances_.size()];
    disturb(instance, input);
    berth_task tasks[16];
    error = nullptr;
    status = berth_cluster_tasks(cluster_, &instance, tasks, 16, &count, &error);
    check_error(status, error);
    for (std::uint32_t i = 0; status == BERTH_OK && i < count && i < 16; ++i) {
      keep_task(tasks[i]);
    }
    char text[256];
    std::size_t bytes = 0;
    berth_text_range range = {};
    error = nullptr;
    status = berth_cluster_instance_arns(cluster_, &instance, 1, text, sizeof text, &bytes, &range, &error);
    check_error(status, error);
    if (status == BERTH_OK && bytes <= sizeof text) {
      berth_instance again = {};
      error = nullptr;
      status = berth_cluster_find_instances(cluster_, &range, 1, text, bytes, &again, &error);
      check_error(status, error);
    }
  }

  // Documents that change a cluster by other ways than rows.
  void tell(Input& input) {
    const bool registers = input.byte() % 2 == 0;
    const std::string_view text = input.text();
    berth_error* error = nullptr;
    if (registers) {
      berth_instance made[4];
      std::uint32_t count = 77;
      const berth_status status = berth_cluster_register(shared_engine(), cluster_, text.data(), text.size(), made, 4, &count, &error);
      check_error(status, error);
      require(status == BERTH_OK || count == 77, "outputs are left alone on failure");
      for (std::uint32_t i = 0; status == BERTH_OK && i < count && i < 4; ++i) {
        instances_.push_back(made[i]);
      }
      check_tasks();
    } else {
      berth_document* report = nullptr;
      const berth_status status = berth_cluster_apply_events(cluster_, text.data(), text.size(), &report, &error);
      check_error(status, error);
      check_document(status, report);
      task_count_ = cluster_ == nullptr ? 0 : count_tasks();
    }
  }

  void live_document(Input& input) {
    const bool stops = input.byte() % 4 == 0;
    const berth_format format = input.byte() % 4;
    const std::string_view request = input.text();
    if (request.find("0000") != std::string_view::npos) {
      return;  // Counts beyond a thousand only take longer.
    }
    berth_document* answer = nullptr;
    berth_error* error = nullptr;
    const berth_status status =
        stops ? berth_cluster_stop_task(shared_engine(), cluster_, request.data(), request.size(), &answer, &error)
              : berth_cluster_run_task(shared_engine(), cluster_, request.data(), request.size(), format, nullptr, &answer, &error);
    check_error(status, error);
    check_document(status, answer);
    if (status != BERTH_OK || stops) {
      check_tasks();
    }
    task_count_ = cluster_ == nullptr ? 0 : count_tasks();
  }

  void fork(Input& input) {
    berth_error* error = nullptr;
    if (fork_ == nullptr) {
      const berth_status status = berth_fork_new(cluster_, &fork_, &error);
      check_error(status, error);
      require((status == BERTH_OK) == (fork_ != nullptr), "a fork is given exactly on success");
    }
    switch (input.byte() % 4) {
      case 0:
        place_on(input, fork_, berth_fork_place);
        break;
      case 1:
        change_on(input, fork_, berth_fork_change);
        break;
      case 2: {
        error = nullptr;
        check_error(berth_fork_discard(fork_, &error), error);
        break;
      }
      default:
        berth_fork_free(fork_);
        fork_ = nullptr;
        break;
    }
    check_tasks();
  }

  berth_cluster* cluster_ = nullptr;
  berth_fork* fork_ = nullptr;
  std::uint32_t classes_ = 0;
  std::vector<berth_instance> instances_;
  std::vector<berth_task> tasks_;
  std::uint64_t task_count_ = 0;
};

}  // namespace berth::fuzz
