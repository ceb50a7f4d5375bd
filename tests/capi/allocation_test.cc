// Allocations that fail, at every point of every call: each entry point answers with a status, leaves its outputs alone, and gives an
// error object even when there is no memory for one.

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>

#include "berth/berth.h"
#include "tests/capi/failing_allocations.h"

namespace {

class Allocation : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    berth_engine_options options;
    ASSERT_EQ(berth_engine_options_init(&options, sizeof options), BERTH_OK);
    options.executor = BERTH_EXECUTOR_SERIAL;
    ASSERT_EQ(berth_engine_new(&options, &engine_, nullptr), BERTH_OK);
    const std::string generate = R"({"instances": 50, "seed": 5})";
    ASSERT_EQ(berth_snapshot_generate(engine_, generate.data(), generate.size(), &snapshot_, nullptr), BERTH_OK);
  }
  void TearDown() override {
    berth_snapshot_release(snapshot_);
    berth_engine_free(engine_);
  }

  // A call that answers with a document.
  void check_document(const std::function<berth_status(berth_document**, berth_error**)>& call) const {
    const int failures = fail_at_each_allocation(
        [&](berth_error** error) {
          berth_document* answer = nullptr;
          const berth_status status = call(&answer, error);
          const bool is_untouched = status == BERTH_OK || answer == nullptr;
          berth_document_free(answer);
          return Attempt{status, is_untouched};
        },
        GetParam());
    EXPECT_GT(failures, 0);
  }

  void check_snapshot(const std::function<berth_status(berth_snapshot**, berth_error**)>& call) const {
    const int failures = fail_at_each_allocation(
        [&](berth_error** error) {
          berth_snapshot* made = nullptr;
          const berth_status status = call(&made, error);
          const bool is_untouched = status == BERTH_OK || made == nullptr;
          berth_snapshot_release(made);
          return Attempt{status, is_untouched};
        },
        GetParam());
    EXPECT_GT(failures, 0);
  }

  berth_engine* engine_ = nullptr;
  berth_snapshot* snapshot_ = nullptr;
};

// Made here: nothing of a test itself may allocate while allocations fail.
const std::string kGenerate = R"({"instances": 10})";
const std::string kListRequest = R"({"filter": "attribute:ecs.instance-type =~ m.* or runningTasksCount > 1"})";
const std::string kExpression = "attribute:ecs.instance-type == nothing";
const std::string kRequest =
    R"({"taskDefinition": {"family": "job", "containerDefinitions": [{"name": "job", "image": "job", "cpu": 64, "memory": 64}]},
        "placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.instance-type =~ [a-z].*"}],
        "placementStrategy": [{"type": "spread", "field": "attribute:ecs.availability-zone"}, {"type": "binpack", "field": "memory"}],
        "count": 3})";

TEST_P(Allocation, EngineNew) {
  EXPECT_GT(fail_at_each_allocation(
                [](berth_error** error) {
                  berth_engine* engine = nullptr;
                  berth_engine_options options;
                  berth_engine_options_init(&options, sizeof options);
                  options.executor = BERTH_EXECUTOR_SERIAL;
                  const berth_status status = berth_engine_new(&options, &engine, error);
                  const bool is_untouched = status == BERTH_OK || engine == nullptr;
                  berth_engine_free(engine);
                  return Attempt{status, is_untouched};
                },
                GetParam()),
            0);
}

TEST_P(Allocation, GenerateAndFromBytes) {
  check_snapshot([&](berth_snapshot** made, berth_error** error) {
    return berth_snapshot_generate(engine_, kGenerate.data(), kGenerate.size(), made, error);
  });
  const std::uint8_t* bytes = nullptr;
  std::size_t byte_count = 0;
  ASSERT_EQ(berth_snapshot_bytes(snapshot_, &bytes, &byte_count), BERTH_OK);
  check_snapshot(
      [&](berth_snapshot** made, berth_error** error) { return berth_snapshot_from_bytes(engine_, bytes, byte_count, made, error); });
}

TEST_P(Allocation, ImportOfWhatDescribeGives) {
  berth_document* described = nullptr;
  ASSERT_EQ(berth_snapshot_describe(engine_, snapshot_, nullptr, 0, BERTH_FORMAT_JSON, &described, nullptr), BERTH_OK);
  std::size_t length = 0;
  const char* text = berth_document_text(described, &length);
  const berth_input input = {.name_offset = 0, .name_length = 1, .text_offset = 0, .text_length = length};
  check_snapshot([&](berth_snapshot** made, berth_error** error) {
    berth_document* report = nullptr;
    const berth_status status = berth_snapshot_import(engine_, &input, 1, text, length, nullptr, 0, made, &report, error);
    allocations_left.store(kNever);
    EXPECT_EQ(report != nullptr, status == BERTH_OK);
    berth_document_free(report);
    return status;
  });
  berth_document_free(described);
}

TEST_P(Allocation, DocumentCalls) {
  check_document([&](berth_document** answer, berth_error** error) {
    return berth_snapshot_list(engine_, snapshot_, kListRequest.data(), kListRequest.size(), BERTH_FORMAT_JSON, answer, error);
  });
  check_document([&](berth_document** answer, berth_error** error) {
    return berth_snapshot_describe(engine_, snapshot_, nullptr, 0, BERTH_FORMAT_TABLE, answer, error);
  });
  check_document([&](berth_document** answer, berth_error** error) {
    return berth_snapshot_inspect(engine_, snapshot_, BERTH_FORMAT_JSON, answer, error);
  });
  check_document([&](berth_document** answer, berth_error** error) {
    return berth_snapshot_explain(engine_, snapshot_, kRequest.data(), kRequest.size(), BERTH_FORMAT_JSON, answer, error);
  });
  check_document([&](berth_document** answer, berth_error** error) {
    return berth_snapshot_check_expression(engine_, snapshot_, kExpression.data(), kExpression.size(), BERTH_FORMAT_JSON, answer, error);
  });
}

TEST_P(Allocation, RunTaskWithTheNextInventory) {
  check_document([&](berth_document** answer, berth_error** error) {
    berth_snapshot* next = nullptr;
    const berth_status status =
        berth_snapshot_run_task(engine_, snapshot_, kRequest.data(), kRequest.size(), BERTH_FORMAT_JSON, answer, &next, error);
    allocations_left.store(kNever);
    EXPECT_EQ(next != nullptr, status == BERTH_OK);
    berth_snapshot_release(next);
    return status;
  });
}

const std::string kTrace = "arrival,departure,cpu,memory,memberOf\n1,3,64,64,\n2,,64,64,attribute:ecs.instance-type =~ m.*\n4,,1,999999,\n";
const std::string kSimulateRequest = R"({"seed": 1, "placementStrategy": [{"type": "binpack", "field": "memory"}]})";

TEST_P(Allocation, Simulate) {
  check_document([&](berth_document** answer, berth_error** error) {
    berth_document* steps = nullptr;
    const berth_status status = berth_snapshot_simulate(engine_, snapshot_, kTrace.data(), kTrace.size(), kSimulateRequest.data(),
                                                        kSimulateRequest.size(), BERTH_FORMAT_JSON, answer, &steps, error);
    allocations_left.store(kNever);
    EXPECT_EQ(steps != nullptr, status == BERTH_OK);
    berth_document_free(steps);
    return status;
  });
}

TEST_P(Allocation, Programs) {
  const std::string text = "attribute:ecs.instance-type =~ m[45].*";
  const berth_text_range range = {.offset = 0, .length = text.size()};
  EXPECT_GT(fail_at_each_allocation(
                [&](berth_error** error) {
                  berth_program* program = nullptr;
                  const berth_status status = berth_program_new(&range, 1, text.data(), text.size(), &program, error);
                  const bool is_untouched = status == BERTH_OK || program == nullptr;
                  berth_program_release(program);
                  return Attempt{status, is_untouched};
                },
                GetParam()),
            0);
  berth_program* program = nullptr;
  ASSERT_EQ(berth_program_new(&range, 1, text.data(), text.size(), &program, nullptr), BERTH_OK);
  EXPECT_GT(fail_at_each_allocation(
                [&](berth_error** error) {
                  std::uint64_t selected = 77;
                  const berth_status status = berth_program_select(engine_, program, 0, snapshot_, nullptr, 0, &selected, error);
                  return Attempt{status, status == BERTH_OK || selected == 77};
                },
                GetParam()),
            0);
  berth_program_release(program);
}

// The error that stands in when there is no memory for one is shared and may be freed any number of times.
TEST(OutOfMemoryError, IsStatic) {
  berth_engine* engine = nullptr;
  berth_error* first = nullptr;
  berth_error* second = nullptr;
  keeps_failing.store(true);
  allocations_left.store(0);
  const berth_status status = berth_engine_new(nullptr, &engine, &first);
  allocations_left.store(0);
  berth_engine_new(nullptr, &engine, &second);
  allocations_left.store(kNever);
  EXPECT_EQ(status, BERTH_OUT_OF_MEMORY);
  EXPECT_EQ(first, second);
  berth_error_free(first);
  berth_error_free(second);
  EXPECT_STREQ(berth_error_message(second, nullptr), "out of memory");
}

INSTANTIATE_TEST_SUITE_P(OnceOrForGood, Allocation, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& instance) { return instance.param ? "forGood" : "once"; });

}  // namespace
