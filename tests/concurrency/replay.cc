#include "tests/concurrency/replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>
#include <tuple>

#include "engine/placement/decision.h"

namespace berth::cluster::test {

void replay(const SnapshotPtr& snapshot, const std::vector<Event>& events) {
  Live live = live_of(snapshot, {});
  const std::vector<placement::Request> requests = requests_of();
  Worker worker = *live.cluster->attach();
  std::map<std::tuple<std::uint32_t, std::uint32_t>, TaskHandle> handles;
  const auto handle = [&](const TaskHandle& task) -> TaskHandle& { return handles[{task.task, task.generation}]; };
  const auto slot = [&](const std::string& arn) { return live.cluster->find_instance(arn, worker).value_or(InstanceHandle{}).slot; };
  for (std::size_t at = 0; at < events.size(); ++at) {
    const Event& event = events[at];
    ASSERT_EQ(event.position, at) << "a commit is missing or has a double";
    switch (event.act) {
      case Act::kPlace: {
        if (at % 64 == 0) {
          const SnapshotPtr moment = *live.cluster->to_snapshot(worker, placement::test::serial());
          placement::Request request = requests[event.request_class];
          request.seed = event.seed;
          const placement::Decision decision = *placement::decide(moment, request, placement::test::serial());
          ASSERT_EQ(decision.placed.size(), 1U);
          ASSERT_EQ(moment->instance_arns().text(decision.placed.front().instance), event.arn);
        }
        Placed placed;
        std::uint32_t count = 0;
        ASSERT_TRUE(
            worker.place(*live.classes[event.request_class], {.seed = event.seed, .id_base = at, .first_task = 0}, {&placed, 1}, count)
                .ok());
        ASSERT_EQ(count, 1U) << "position " << at << " placed a task that fits nowhere";
        ASSERT_EQ(live.cluster->arn_of(placed.identity), event.arn) << "position " << at << ", class " << event.request_class;
        ASSERT_EQ(placed.gpu_mask, event.gpu_mask);
        handle(event.task) = placed.task;
        break;
      }
      case Act::kStop:
        ASSERT_EQ(worker.stop(handle(event.task)), StatusCode::kOk);
        break;
      case Act::kRelease:
        ASSERT_EQ(worker.release(handle(event.task)), StatusCode::kOk);
        break;
      case Act::kStatus:
        ASSERT_EQ(worker.set_status(slot(event.arn), static_cast<InstanceStatus>(event.value)), StatusCode::kOk);
        break;
      case Act::kAgent:
        ASSERT_EQ(worker.set_agent_connected(slot(event.arn), event.value != 0), StatusCode::kOk);
        break;
      case Act::kAttribute:
        ASSERT_EQ(worker.put_attribute(slot(event.arn), placement::test::kZone, kZones[event.value]), StatusCode::kOk);
        break;
      case Act::kState:
        ASSERT_EQ(worker.set_task_state(handle(event.task), runs(event.value)), StatusCode::kOk);
        break;
      case Act::kGang:
        FAIL() << "a request for all or nothing has no one position";
      case Act::kResources:
        ASSERT_EQ(worker.set_resources(slot(event.arn), resources(event.value)), StatusCode::kOk);
        break;
      case Act::kElsewhere:
      case Act::kStart: {
        Placed placed;
        placement::Reason reason{};
        RequestClass& request_class = *live.classes[event.request_class];
        ASSERT_EQ(event.act == Act::kStart
                      ? worker.start(request_class, slot(event.arn), {.seed = 0, .id_base = at, .first_task = 0}, placed, reason)
                      : worker.start_elsewhere(slot(event.arn), request_class.shape, started(at), placed),
                  StatusCode::kOk);
        ASSERT_EQ(placed.gpu_mask, event.gpu_mask);
        handle(event.task) = placed.task;
        break;
      }
      case Act::kRegister:
        ASSERT_TRUE(enter(worker, event.arn).ok());
        break;
      case Act::kDeregister: {
        std::vector<Orphan> orphans;
        ASSERT_TRUE(worker.deregister(slot(event.arn), true, orphans).ok());
        ASSERT_EQ(orphans.size(), event.value);
        break;
      }
    }
    ASSERT_EQ(worker.committed_at(), at) << "the operation changed something then and nothing now";
  }
}

void race(const std::vector<std::unique_ptr<Actor>>& actors) {
  std::vector<std::thread> threads;
  threads.reserve(actors.size());
  for (const auto& actor : actors) {
    threads.emplace_back([&actor] { actor->run(); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

void race_and_replay(const Setting& setting, Tally& tally) {
  const SnapshotPtr snapshot = placement::test::build(fleet_of(setting));
  Live live = live_of(snapshot, setting.options);
  std::vector<Event> events;
  {
    std::vector<std::unique_ptr<Actor>> actors;
    for (std::size_t number = 0; number < setting.threads; ++number) {
      actors.push_back(std::make_unique<Actor>(*live.cluster, live.classes, setting, number));
    }
    race(actors);
    for (const auto& actor : actors) {
      events.insert(events.end(), actor->events.begin(), actor->events.end());
      tally += actor->tally;
    }
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.position < b.position; });
  ASSERT_GT(events.size(), setting.operations / 2) << "too little was committed to show anything";
  replay(snapshot, events);
}

}  // namespace berth::cluster::test
