// Property: any bytes either fail to load with an error that says why, or give a snapshot of which every accessor can be walked, whose
// instances are all found by their ARN, and from which SnapshotBuilder::from(it).finish() makes bytes that load again to the same
// contents.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "engine/snapshot/builder.h"
#include "tests/unit/snapshot/describe.h"

namespace {

// Bytes beyond which an input only repeats what a shorter one shows.
constexpr std::size_t kInputBytesMax = std::size_t{64} * 1024;
// Describing a snapshot looks at every attribute name and every rare row for every instance; keep an input in milliseconds.
constexpr std::uint64_t kWorkMax = 4'000'000;

void require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "property broken: %s\n", what);
    std::abort();
  }
}

std::uint64_t work(const berth::Snapshot& snapshot) {
  const std::uint64_t rows = std::uint64_t{snapshot.instance_count()} + snapshot.task_count() + 1;
  return rows * (std::uint64_t{snapshot.attribute_names().size()} + snapshot.task_gpus().size() + snapshot.protected_tasks().size() + 64);
}

// What describe() does not reach: entries of tables that nothing refers to.
std::uint64_t walk_tables(const berth::Snapshot& snapshot) {
  std::uint64_t sum = snapshot.bytes().size() + snapshot.generation() + snapshot.format_version();
  for (const berth::StringTable* table :
       {&snapshot.attribute_names(), &snapshot.attribute_values(), &snapshot.groups(), &snapshot.texts(), &snapshot.gpu_ids()}) {
    for (std::uint32_t at = 0; at < table->size(); ++at) {
      for (const char byte : table->at(at)) {
        sum += static_cast<unsigned char>(byte);
      }
    }
  }
  for (std::uint32_t set = 0; set < snapshot.attribute_set_count(); ++set) {
    for (const berth::AttributePair& pair : snapshot.attribute_set_pairs(set)) {
      sum += pair.name + snapshot.attribute_names().at(pair.name).size();
    }
  }
  for (std::uint32_t set = 0; set < snapshot.port_set_count(); ++set) {
    const berth::PortSet ports = snapshot.port_set(set);
    sum += ports.tcp.size() + ports.udp.size();
  }
  for (const berth::TaskShape& shape : snapshot.task_shapes()) {
    sum += snapshot.groups().at(shape.group).size() + snapshot.port_set(shape.ports).tcp.size();
  }
  for (const std::uint64_t key : snapshot.tie_keys()) {
    sum += key;
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kInputBytesMax) {
    return 0;
  }
  const auto executor = berth::make_executor(berth::ExecutorKind::kSerial, 1);
  const berth::Result<berth::SnapshotPtr> loaded = berth::Snapshot::from_bytes({data, data + size}, *executor);
  if (!loaded.ok()) {
    require(!loaded.error().message.empty(), "an error says why");
    return 0;
  }
  const berth::Snapshot& snapshot = **loaded;
  if (work(snapshot) > kWorkMax) {
    return 0;
  }
  volatile std::uint64_t sum = walk_tables(snapshot);
  (void)sum;
  const berth::testing::Description contents = berth::testing::describe(snapshot);
  for (std::uint32_t at = 0; at < snapshot.instance_count(); ++at) {
    require(snapshot.find_instance(snapshot.instance_arns().text(at)) == at, "an instance is found by its ARN");
  }
  const berth::Result<std::vector<std::uint8_t>> bytes = berth::SnapshotBuilder::from(snapshot)->finish(*executor);
  require(bytes.ok(), "a snapshot can be written again");
  const berth::Result<berth::SnapshotPtr> copy = berth::Snapshot::from_bytes(*bytes, *executor);
  require(copy.ok(), "what was written again loads");
  require((*copy)->generation() == snapshot.generation() + 1, "the generation goes up by one");
  require(berth::testing::describe(**copy) == contents, "what was written again says the same");
  return 0;
}
