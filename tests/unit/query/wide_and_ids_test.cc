// Columns that are laid out otherwise when there are many instances: attributes out of the shared sets, ids as numbers.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "engine/parallel/executor.h"
#include "engine/query/program.h"
#include "tests/unit/executor_kinds.h"
#include "tests/unit/query/fixture.h"

namespace berth::query {
namespace {

// Not a multiple of 64, and several blocks.
constexpr std::size_t kInstances = 40'001;

std::string hex_id(const char* prefix, std::size_t i) {
  char text[64];
  std::snprintf(text, sizeof text, "%s%017zx", prefix, i * 2654435761U);
  return text;
}

class ManyInstances : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    instances_ = new std::vector<test::PlainInstance>(kInstances);
    for (std::size_t i = 0; i < kInstances; ++i) {
      test::PlainInstance& instance = (*instances_)[i];
      instance.attributes["zone"] = i % 3 == 0 ? "a" : "b";
      if (i % 7 != 0) {
        instance.attributes["host"] = i % 11 == 0 ? std::nullopt : std::optional("host-" + std::to_string(i));
      }
      instance.ec2_instance_id = i % 13 == 0 ? "" : i % 17 == 0 ? "custom-" + std::to_string(i) : hex_id(i % 2 == 0 ? "i-" : "mi-", i);
    }
    snapshot_ = new SnapshotPtr(test::make_snapshot(*instances_));
  }
  static void TearDownTestSuite() {
    delete snapshot_;
    delete instances_;
  }

  static void expect_selects(const std::string& text, const std::function<bool(std::size_t, const test::PlainInstance&)>& holds) {
    SCOPED_TRACE(text);
    const auto program = Program::compile(text);
    ASSERT_TRUE(program) << program.error().message;
    Bitset expected(kInstances);
    for (std::size_t i = 0; i < kInstances; ++i) {
      expected.assign(i, holds(i, (*instances_)[i]));
    }
    for (const ExecutorKind kind : kExecutorKinds) {
      const auto executor = make_executor(kind, 2);
      const Binding binding(*program, *snapshot_, *executor);
      EXPECT_TRUE(binding.evaluate(*executor) == expected);
      EXPECT_TRUE(binding.evaluate_conjunct(0, *executor) == expected);
    }
  }

  static std::vector<test::PlainInstance>* instances_;
  static SnapshotPtr* snapshot_;
};
std::vector<test::PlainInstance>* ManyInstances::instances_ = nullptr;
SnapshotPtr* ManyInstances::snapshot_ = nullptr;

std::optional<std::string> host_of(const test::PlainInstance& instance) {
  const auto found = instance.attributes.find("host");
  return found == instance.attributes.end() ? std::nullopt : std::optional(found->second.value_or(""));
}

TEST_F(ManyInstances, TheHostIsAWideAttribute) {
  ASSERT_EQ((*snapshot_)->wide_attributes().size(), 1U);
}

TEST_F(ManyInstances, WideAttributesFollowEveryOperator) {
  const auto by_host = [](auto&& holds) {
    return [holds](std::size_t, const test::PlainInstance& instance) {
      const auto host = host_of(instance);
      return host && holds(*host);
    };
  };
  expect_selects("attribute:host == host-12345", by_host([](const std::string& h) { return h == "host-12345"; }));
  expect_selects("attribute:host != host-12345", by_host([](const std::string& h) { return h != "host-12345"; }));
  expect_selects("attribute:host == nowhere", by_host([](const std::string&) { return false; }));
  expect_selects("attribute:host in [host-1, host-2, a, '']", by_host([](const std::string& h) { return h == "host-1" || h == "host-2"; }));
  expect_selects("attribute:host !in [host-1, host-2, a]", by_host([](const std::string& h) { return h != "host-1" && h != "host-2"; }));
  expect_selects("attribute:host =~ host-[0-9]*7", by_host([](const std::string& h) { return h.ends_with("7"); }));
  expect_selects("attribute:host !~ host-[0-9]*7", by_host([](const std::string& h) { return !h.ends_with("7"); }));
  expect_selects("attribute:host < host-2", by_host([](const std::string& h) { return h < "host-2"; }));
  expect_selects("attribute:host >= host-2", by_host([](const std::string& h) { return h >= "host-2"; }));
  expect_selects("attribute:host exists", by_host([](const std::string&) { return true; }));
  expect_selects("attribute:host !exists", [](std::size_t, const test::PlainInstance& i) { return !host_of(i); });
  expect_selects("not attribute:host == host-1", [](std::size_t, const test::PlainInstance& i) { return host_of(i) != "host-1"; });
  expect_selects("attribute:zone == a and attribute:host =~ .*1 or attribute:zone == b and attribute:host !exists",
                 [](std::size_t i, const test::PlainInstance& instance) {
                   const auto host = host_of(instance);
                   return i % 3 == 0 ? host && host->ends_with("1") : !host;
                 });
}

TEST_F(ManyInstances, IdsAreFoundWhateverTheirForm) {
  const auto by_id = [](auto&& holds) {
    return [holds](std::size_t, const test::PlainInstance& instance) {
      return !instance.ec2_instance_id.empty() && holds(instance.ec2_instance_id);
    };
  };
  const std::string even = (*instances_)[1000].ec2_instance_id;
  const std::string odd = (*instances_)[1007].ec2_instance_id;
  const std::string text = (*instances_)[17].ec2_instance_id;
  ASSERT_TRUE(even.starts_with("i-") && odd.starts_with("mi-") && text.starts_with("custom-"));
  expect_selects("ec2InstanceId == " + even, by_id([&](const std::string& id) { return id == even; }));
  expect_selects("ec2InstanceId != " + odd, by_id([&](const std::string& id) { return id != odd; }));
  expect_selects("ec2InstanceId in [" + text + "," + odd + "," + even + ", i-none]",
                 by_id([&](const std::string& id) { return id == text || id == odd || id == even; }));
  expect_selects("ec2InstanceId !in [" + text + "," + odd + "]", by_id([&](const std::string& id) { return id != text && id != odd; }));
  std::string upper = even;
  std::transform(upper.begin() + 2, upper.end(), upper.begin() + 2,
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  ASSERT_NE(upper, even);
  expect_selects("ec2InstanceId == " + upper, by_id([](const std::string&) { return false; }));
  expect_selects("ec2InstanceId == " + even.substr(0, even.size() - 1), by_id([](const std::string&) { return false; }));
  expect_selects("ec2InstanceId == ''", by_id([](const std::string&) { return false; }));
  expect_selects("ec2InstanceId =~ m?i-.*f", by_id([](const std::string& id) { return !id.starts_with("c") && id.ends_with("f"); }));
  expect_selects("ec2InstanceId !~ custom-.*", by_id([](const std::string& id) { return !id.starts_with("custom"); }));
}

}  // namespace
}  // namespace berth::query
