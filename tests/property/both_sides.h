// BothSides: one fleet in the engine (through the document calls) and in the oracle, and the comparison of their answers.
//
// Thread rule: one thread. Lifetime: owns both.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/ecs/documents.h"
#include "tests/oracle/place.h"
#include "tests/property/generators.h"

namespace berth::property {

// The three back ends that must answer alike.
struct Executors {
  std::unique_ptr<Executor> serial = make_executor(ExecutorKind::kSerial, 1);
  std::unique_ptr<Executor> threads = make_executor(ExecutorKind::kThreads, 3);
  std::unique_ptr<Executor> tbb = make_executor(ExecutorKind::kTbb, 0);
};
Executors& executors();

// What both sides say in the same words.
struct Outcome {
  bool is_refused = false;
  std::string text;  // Of the refusal.
  std::vector<oracle::Placed> placed;
  std::vector<oracle::Failure> failures;
};

Outcome from_answer_document(const std::string& document);
Outcome from_oracle(const oracle::Answer& answer);
// "" when they agree; refusals agree whatever their texts.
std::string difference(const Outcome& engine, const Outcome& oracle);

Result<SnapshotPtr> import_texts(const std::vector<std::string>& texts, Executor& executor);

class BothSides {
 public:
  // Throws std::runtime_error where the engine refuses the documents.
  BothSides(const std::vector<Json>& documents, const oracle::EniLimits& limits);

  [[nodiscard]] const SnapshotPtr& snapshot() const { return snapshot_; }
  [[nodiscard]] const oracle::Fleet& fleet() const { return fleet_; }
  void advance(SnapshotPtr snapshot, oracle::Fleet fleet) {
    snapshot_ = std::move(snapshot);
    fleet_ = std::move(fleet);
  }

 private:
  SnapshotPtr snapshot_;
  oracle::Fleet fleet_;
};

// What run_task answers on the serial back end: the document, or "refused: ..." when there is none.
std::string run_text(const SnapshotPtr& snapshot, const Json& request, Executor& executor);
Outcome run_engine(const SnapshotPtr& snapshot, const Json& request);
Outcome start_engine(const SnapshotPtr& snapshot, const Json& request);

// Takes instances, tasks and members of the request away as long as `disagree` still says why, and prints what is left.
std::string minimized(std::vector<Json> documents, Json request,
                      const std::function<std::string(const std::vector<Json>& documents, const Json& request)>& disagree);

}  // namespace berth::property
