// Matching one instance must not allocate: it runs while tasks are being placed.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "engine/parallel/executor.h"
#include "engine/query/program.h"
#include "tests/unit/query/fixture.h"
#include "tests/unit/query/snapshot_view.h"

namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) {
    return memory;
  }
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace berth::query {
namespace {

const std::vector<std::string>& texts_of_every_kind() {
  static const std::vector<std::string> kTexts = {
      "attribute:size > 9 and (attribute:team =~ data.* or attribute:size !in [1, 2]) and not attribute:nothing exists",
      "task:group =~ (service|family):[a-z-]+ and task:group !~ database.* and task:group != x and task:group in [a, service:x-fluentd]",
      "runningTasksCount < 5 and agentVersion >= 1.2 and registeredAt > 2018-01-01 and agentConnected =~ t.* and ec2InstanceId =~ i-.*",
      "ec2InstanceId in [i-0a, i-0b0000000000000ff] or task:group exists or task:group !exists",
      "agentVersion == 1.70.2.0.0.0.0 or attribute:size <= 9.000000000000000000001 or attribute:team > 'data and a longer text than small'",
  };
  return kTexts;
}

TEST(Allocation, MatchingOneInstanceAllocatesNothing) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  const SnapshotPtr snapshot = test::make_snapshot(test::fixture_r());
  for (const std::string& text : texts_of_every_kind()) {
    const auto program = Program::compile(text);
    ASSERT_TRUE(program) << program.error().message;
    const Binding binding(*program, snapshot, *executor);
    std::size_t matched = 0;
    const std::size_t before = allocations.load();
    for (const std::string_view group : {"", "service:x-fluentd", "service:never-seen-before-and-longer-than-a-small-string-is", "x"}) {
      for (std::uint32_t added = 0; added < 3; ++added) {
        for (std::uint32_t instance = 0; instance < snapshot->instance_count(); ++instance) {
          matched += binding.matches(instance, {added, group}) ? 1U : 0U;
          for (std::uint32_t i = 0; i < program.value()->conjunct_count(); ++i) {
            matched += binding.conjunct_matches(i, instance, {added, group}) ? 1U : 0U;
          }
        }
      }
    }
    EXPECT_EQ(allocations.load(), before) << text;
    EXPECT_GT(matched, 0U) << text;
  }
}

TEST(Allocation, MatchingAViewOfOneInstanceAllocatesNothing) {
  const SnapshotPtr snapshot = test::make_snapshot(test::fixture_r());
  std::vector<test::SnapshotView> views;
  views.reserve(snapshot->instance_count());
  for (std::uint32_t instance = 0; instance < snapshot->instance_count(); ++instance) {
    views.emplace_back(*snapshot, instance);
  }
  for (const std::string& text : texts_of_every_kind()) {
    const auto program = Program::compile(text);
    ASSERT_TRUE(program) << program.error().message;
    std::size_t matched = 0;
    // From the first call on: nothing is made on demand.
    const std::size_t before = allocations.load();
    for (const test::SnapshotView& view : views) {
      matched += program.value()->matches(view) ? 1U : 0U;
      for (std::uint32_t i = 0; i < program.value()->conjunct_count(); ++i) {
        matched += program.value()->conjunct_matches(i, view) ? 1U : 0U;
      }
    }
    EXPECT_EQ(allocations.load(), before) << text;
    EXPECT_GT(matched, 0U) << text;
  }
}

}  // namespace
}  // namespace berth::query
