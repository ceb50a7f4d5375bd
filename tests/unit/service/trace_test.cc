#include "engine/service/trace.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace berth::service::test {
namespace {

Trace read(std::string_view text) {
  Result<Trace> trace = read_trace("trace", text);
  EXPECT_TRUE(trace.ok()) << (trace.ok() ? "" : trace.error().message);
  return trace.ok() ? *std::move(trace) : Trace{};
}

std::string refusal(std::string_view text) {
  const Result<Trace> trace = read_trace("trace", text);
  EXPECT_FALSE(trace.ok());
  return trace.ok() ? "" : trace.error().message;
}

TEST(Trace, ReadsItsOwnColumnsInAnyOrder) {
  const Trace trace = read(
      "memory,cpu,departure,arrival,gpus,group,memberOf\n"
      "512,256,20.5,10,,,\n"
      "1024,512,,11.25,2,service:web,attribute:zone == a\n");
  ASSERT_EQ(trace.tasks.size(), 2U);
  ASSERT_EQ(trace.classes.size(), 2U);
  EXPECT_EQ(trace.tasks[0].arrival_ms, 10'000);
  EXPECT_EQ(trace.tasks[0].departure_ms, 20'500);
  EXPECT_EQ(trace.tasks[1].arrival_ms, 11'250);
  EXPECT_EQ(trace.tasks[1].departure_ms, kNeverDeparts);
  EXPECT_EQ(trace.classes[0].cpu_units, 256);
  EXPECT_EQ(trace.classes[0].memory_mib, 512);
  EXPECT_EQ(trace.classes[0].gpu_count, 0U);
  EXPECT_EQ(trace.classes[0].group, "trace");
  EXPECT_EQ(trace.classes[0].program, nullptr);
  EXPECT_EQ(trace.classes[1].gpu_count, 2U);
  EXPECT_EQ(trace.classes[1].group, "service:web");
  EXPECT_NE(trace.classes[1].program, nullptr);
}

TEST(Trace, CountMakesSeveralTasks) {
  const Trace trace = read("arrival,cpu,memory,count\n5,1,1,3\n5,1,1,2\n");
  EXPECT_EQ(trace.tasks.size(), 5U);
  ASSERT_EQ(trace.classes.size(), 1U);
  EXPECT_EQ(trace.classes[0].task_count, 5U);
}

TEST(Trace, SortsByArrivalAndKeepsTheOrderOfEqualOnes) {
  const Trace trace = read("arrival,cpu,memory\n9,1,1\n5,2,1\n5,3,1\n0,4,1\n");
  std::vector<std::int64_t> cpu;
  for (const TraceTask& task : trace.tasks) {
    cpu.push_back(trace.classes[task.task_class].cpu_units);
  }
  EXPECT_EQ(cpu, (std::vector<std::int64_t>{4, 2, 3, 1}));
}

TEST(Trace, ReadsPodListsOfOpenb) {
  const Trace trace = read(
      "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n"
      "openb-pod-0000,12000,16384,1,1000,,LS,Running,0,12537496,0\n"
      "openb-pod-0001,6001,12288,1,460,P100|T4,LS,Running,427061,12902960,427061\n"
      "openb-pod-0002,1,1,0,0,,BE,Failed,427062,,\n");
  ASSERT_EQ(trace.classes.size(), 3U);
  EXPECT_EQ(trace.classes[0].cpu_units, 12288);
  EXPECT_EQ(trace.classes[1].cpu_units, 6146);  // 6145.02 rounded up.
  EXPECT_EQ(trace.classes[2].cpu_units, 2);     // 1.024 rounded up.
  EXPECT_EQ(trace.classes[1].gpu_count, 1U);
  EXPECT_EQ(trace.classes[1].expression, "attribute:gpu.model in [P100, T4]");
  EXPECT_EQ(trace.gpu_shares, 1U);
  EXPECT_EQ(trace.tasks[2].departure_ms, kNeverDeparts);
}

TEST(Trace, RefusesWithLineColumnAndMend) {
  EXPECT_EQ(refusal(""), "trace: line 0: there is nothing to read; the first line names the columns");
  EXPECT_EQ(refusal("arrival,cpu,memory\n"), "trace: line 1: no task follows the header; a trace has one task to a line");
  EXPECT_EQ(refusal("arrival,cpu,memroy\n1,1,1\n"),
            "trace: line 1: 'memroy' is no column of a trace; the columns are arrival, departure, cpu, memory, gpus, group, count, name, "
            "memberOf (or those of openb's pod lists)");
  EXPECT_EQ(refusal("arrival,cpu\n1,1\n"), "trace: line 1: the column memory is missing; a trace needs arrival, cpu and memory");
  EXPECT_EQ(refusal("arrival,cpu,memory,cpu\n"), "trace: line 1: column 'cpu' stands twice; leave one out");
  EXPECT_EQ(refusal("arrival,cpu,memory\n1,2\n"),
            "trace: line 2: found 2 fields where the header names 3 columns; quote a field that holds a comma");
  EXPECT_EQ(refusal("arrival,cpu,memory\n1,2,3\n1,-2,3\n"), "trace: line 3: cpu: expected an integer from 0 to 2147483647, found '-2'");
  EXPECT_EQ(refusal("arrival,cpu,memory,gpus\n1,2,3,x\n"), "trace: line 2: gpus: expected an integer from 0 to 1024, found 'x'");
  EXPECT_EQ(refusal("arrival,cpu,memory,count\n1,2,3,0\n"), "trace: line 2: count: expected an integer from 1 to 10000000, found '0'");
  EXPECT_EQ(refusal("arrival,cpu,memory\n,2,3\n"), "trace: line 2: arrival: a task needs the second at which it arrives");
  for (const char* seconds : {"-1", "1.2345", "1.", ".5", "1e3", "1.-5", "x", "99999999999999"}) {
    EXPECT_EQ(refusal("arrival,cpu,memory\n" + std::string(seconds) + ",2,3\n"),
              "trace: line 2: arrival: expected seconds from 0 on, with at most 3 decimals, found '" + std::string(seconds) + "'");
  }
  EXPECT_EQ(refusal("arrival,departure,cpu,memory\n5,4.999,2,3\n"),
            "trace: line 2: departure: the task departs before it arrives; leave the field empty for a task that stays");
  EXPECT_EQ(refusal("cpu_milli,memory_mib,num_gpu,creation_time\n1,1,0,0\n"),
            "trace: line 1: the column deletion_time is missing, which openb's pod lists have");
}

TEST(Trace, RefusesAnExpressionThatDoesNotCompile) {
  const std::string message = refusal("arrival,cpu,memory,memberOf\n1,2,3,attribute:zone = a\n");
  EXPECT_TRUE(message.starts_with("trace: line 2: memberOf: ")) << message;
}

TEST(Trace, TakesAsManyTasksAsItMayAndNoMore) {
  const Result<Trace> trace = read_trace("trace", "arrival,cpu,memory,count\n1,2,3,9999999\n1,2,3,2\n");
  ASSERT_FALSE(trace.ok());
  EXPECT_EQ(trace.error().code, StatusCode::kLimitExceeded);
  EXPECT_EQ(trace.error().message, "trace: line 3: a trace holds at most 10000000 tasks; split it");
}

}  // namespace
}  // namespace berth::service::test
