// Property: any sequence of calls of the C ABI ends with a status. On failure every output is as it was before, and the error agrees with
// the status and has a message of one line; on success outputs are handles that can be used and let go. Nothing crashes, nothing leaks.
//
// The bytes are a small program: each step takes one byte for the call, some for its arguments, and text pieces that end with a newline.
// Snapshots, clusters, instances and tasks that steps make are the inputs of later steps. Rows are bytes of the input, or rows that are
// right with a few bytes changed. A cluster holds after every call as many tasks as its answers say.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "berth/berth.h"
#include "fuzz/capi_input.h"
#include "fuzz/capi_live_machine.h"

namespace {

using berth::fuzz::check_document;
using berth::fuzz::check_error;
using berth::fuzz::Input;
using berth::fuzz::LiveMachine;
using berth::fuzz::require;
using berth::fuzz::shared_engine;

// Enough to reach every state; longer programs only repeat.
constexpr int kStepsMax = 32;
constexpr std::size_t kSnapshotsMax = 4;

class Machine {
 public:
  Machine() = default;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine() {
    for (berth_snapshot* snapshot : snapshots_) {
      berth_snapshot_release(snapshot);
    }
  }

  void step(Input& input) {
    const std::uint8_t call = input.byte();
    switch (call % 24) {
      case 0:
        return import(input);
      case 1:
        return generate(input);
      case 2:
        return from_bytes(input);
      case 3:
        return document(input, berth_snapshot_list);
      case 4:
        return document(input, berth_snapshot_describe);
      case 5:
        return document(input, [](berth_engine* engine, berth_snapshot* snapshot, const char*, std::size_t, berth_format format,
                                  berth_document** answer,
                                  berth_error** error) { return berth_snapshot_inspect(engine, snapshot, format, answer, error); });
      case 6:
      case 7:
        return run(input, berth_snapshot_run_task);
      case 8:
        return run(input, berth_snapshot_start_task);
      case 9:
        return document(input, berth_snapshot_explain);
      case 10:
        return document(input, berth_snapshot_check_expression);
      case 11:
        return program(input);
      default:
        return live_step(call, input);
    }
  }

 private:
  void live_step(std::uint8_t call, Input& input) {
    if (call % 24 == 12 || call % 24 == 13) {
      live_.open(input, choose(input.byte()));
    } else if (call % 24 == 23) {
      berth_snapshot* made = nullptr;
      const berth_status status = live_.take_snapshot(made);
      keep(status, made);
    } else {
      live_.step(call % 24, input);
    }
  }

  // NULL when the step wants none, or there is none yet.
  berth_snapshot* choose(std::uint8_t which) {
    return snapshots_.empty() || which == 255 ? nullptr : snapshots_[which % snapshots_.size()];
  }

  void keep(berth_status status, berth_snapshot* made) {
    require((status == BERTH_OK) == (made != nullptr), "a snapshot is given exactly on success");
    if (made == nullptr) {
      return;
    }
    if (snapshots_.size() < kSnapshotsMax) {
      snapshots_.push_back(made);
    } else {
      berth_snapshot_release(snapshots_.front());
      snapshots_.erase(snapshots_.begin());
      snapshots_.push_back(made);
    }
  }

  void import(Input& input) {
    std::string blob;
    std::vector<berth_input> inputs;
    const std::uint8_t shape = input.byte();
    for (int i = 0; i < shape % 4; ++i) {
      const std::string_view text = input.text();
      inputs.push_back({.name_offset = 0, .name_length = 0, .text_offset = blob.size(), .text_length = text.size()});
      blob += text;
    }
    // Now and then ranges that lie outside.
    if (shape >= 250 && !inputs.empty()) {
      inputs.back().text_offset += input.byte();
    }
    const std::string_view options = (shape & 16U) != 0 ? input.text() : std::string_view();
    berth_snapshot* made = nullptr;
    berth_document* report = nullptr;
    berth_error* error = nullptr;
    const berth_status status = berth_snapshot_import(shared_engine(), inputs.data(), static_cast<std::uint32_t>(inputs.size()),
                                                      blob.data(), blob.size(), options.data(), options.size(), &made, &report, &error);
    check_error(status, error);
    check_document(status, report);
    keep(status, made);
  }

  void generate(Input& input) {
    // Small fleets only: the size of a fleet is asked for, not a property of the bytes.
    const std::string options = "{\"instances\": " + std::to_string(input.byte() % 40) + std::string(input.text()) + "}";
    berth_snapshot* made = nullptr;
    berth_error* error = nullptr;
    if (options.find("nstances", 12) != std::string::npos || options.find("asks") != std::string::npos || options.size() > 60) {
      return;
    }
    const berth_status status = berth_snapshot_generate(shared_engine(), options.data(), options.size(), &made, &error);
    check_error(status, error);
    keep(status, made);
  }

  void from_bytes(Input& input) {
    std::vector<std::uint8_t> bytes;
    const std::uint8_t which = input.byte();
    if (berth_snapshot* base = choose(which); base != nullptr) {
      const std::uint8_t* held = nullptr;
      std::size_t count = 0;
      require(berth_snapshot_bytes(base, &held, &count) == BERTH_OK, "a snapshot has bytes");
      bytes.assign(held, held + count);
      const std::size_t at = (std::size_t{input.byte()} << 8U) | input.byte();
      const std::uint8_t flip = input.byte();
      if (!bytes.empty()) {
        bytes[at % bytes.size()] = static_cast<std::uint8_t>(bytes[at % bytes.size()] ^ flip);
      }
    } else {
      const std::string_view text = input.text();
      bytes.assign(text.begin(), text.end());
    }
    berth_snapshot* made = nullptr;
    berth_error* error = nullptr;
    const berth_status status = berth_snapshot_from_bytes(shared_engine(), bytes.data(), bytes.size(), &made, &error);
    check_error(status, error);
    keep(status, made);
  }

  using DocumentCall = berth_status (*)(berth_engine*, berth_snapshot*, const char*, std::size_t, berth_format, berth_document**,
                                        berth_error**);
  void document(Input& input, DocumentCall call) {
    berth_snapshot* snapshot = choose(input.byte());
    const berth_format format = input.byte() % 4;
    const std::string_view request = input.text();
    berth_document* answer = nullptr;
    berth_error* error = nullptr;
    const berth_status status = call(shared_engine(), snapshot, request.data(), request.size(), format, &answer, &error);
    check_error(status, error);
    check_document(status, answer);
  }

  using RunCall = berth_status (*)(berth_engine*, berth_snapshot*, const char*, std::size_t, berth_format, berth_document**,
                                   berth_snapshot**, berth_error**);
  void run(Input& input, RunCall call) {
    const std::uint8_t which = input.byte();
    berth_snapshot* snapshot = choose(which);
    const berth_format format = input.byte() % 4;
    const std::string_view request = input.text();
    // Counts beyond a thousand only take longer.
    if (request.find("0000") != std::string_view::npos) {
      return;
    }
    berth_document* answer = nullptr;
    berth_snapshot* next = nullptr;
    berth_error* error = nullptr;
    const bool wants_next = which % 2 == 0;
    const berth_status status =
        call(shared_engine(), snapshot, request.data(), request.size(), format, &answer, wants_next ? &next : nullptr, &error);
    check_error(status, error);
    check_document(status, answer);
    if (wants_next) {
      keep(status, next);
    }
  }

  void program(Input& input) {
    const std::uint8_t which = input.byte();
    const std::string_view text = input.text();
    const berth_text_range range = {.offset = which == 254 ? std::uint64_t{1} : 0, .length = text.size()};
    berth_program* made = nullptr;
    berth_error* error = nullptr;
    berth_status status = berth_program_new(&range, 1, text.data(), text.size(), &made, &error);
    check_error(status, error);
    require((status == BERTH_OK) == (made != nullptr), "a program is given exactly on success");
    berth_snapshot* snapshot = choose(which);
    std::uint64_t words[4] = {};
    std::uint64_t selected = 77;
    error = nullptr;
    status = berth_program_select(shared_engine(), made, which % 2, snapshot, words, 4, &selected, &error);
    check_error(status, error);
    require(status == BERTH_OK || selected == 77, "outputs are left alone on failure");
    berth_program_release(made);
  }

  std::vector<berth_snapshot*> snapshots_;
  LiveMachine live_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  Machine machine;
  for (int step = 0; step < kStepsMax && !input.empty(); ++step) {
    machine.step(input);
  }
  return 0;
}
