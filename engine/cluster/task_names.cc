#include "engine/cluster/task_names.h"

#include <string_view>

namespace berth::cluster {
namespace {

std::string hex32(IdTail id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t word : {id.high, id.low}) {
    for (int shift = 60; shift >= 0; shift -= 4) {
      text.push_back(kDigits[(word >> static_cast<unsigned>(shift)) & 15U]);
    }
  }
  return text;
}

// "arn:...:container-instance/CLUSTER/ID" as the beginning of its tasks' ARNs, "arn:...:task/CLUSTER/".
std::string task_prefix(const std::string& instance_arn) {
  constexpr std::string_view kInstance = ":container-instance/";
  const std::size_t at = instance_arn.find(kInstance);
  if (at == std::string::npos) {
    return "task/";
  }
  const std::string rest = instance_arn.substr(at + kInstance.size());
  const std::size_t slash = rest.rfind('/');
  return instance_arn.substr(0, at) + ":task/" + (slash == std::string::npos ? std::string() : rest.substr(0, slash + 1));
}

}  // namespace

std::string task_arn(IdTail id, const std::string& instance_arn) {
  return task_prefix(instance_arn) + hex32(id);
}

std::string task_arn(Inventory& inventory, std::uint32_t task, const std::string& instance_arn) {
  return task < inventory.tasks.base_count() ? inventory.base().task_arns().text(task)
                                             : task_arn(inventory.tasks.at(task).id(), instance_arn);
}

}  // namespace berth::cluster
