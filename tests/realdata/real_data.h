// The real ECS documents of the data folder, for the suites that read them in place.
//
// Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace berth::realdata {

using Json = nlohmann::json;

inline std::string data_folder() {
  const char* folder = std::getenv("BERTH_DATA");
  return folder != nullptr ? folder : BERTH_DATA_DEFAULT;
}

inline bool has_data() {
  return std::filesystem::exists(data_folder() + "/ecs/task_definitions");
}

struct File {
  std::string name;  // Without folder.
  std::string text;
};

// All files of one kind, by name.
inline std::vector<File> read_files(const std::string& kind) {
  std::vector<File> files;
  for (const auto& entry : std::filesystem::directory_iterator(data_folder() + "/ecs/" + kind)) {
    std::ifstream stream(entry.path());
    std::stringstream text;
    text << stream.rdbuf();
    files.push_back({entry.path().filename().string(), text.str()});
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.name < b.name; });
  return files;
}

// "td_017" of "td_017_aws-otel-collector-....json".
inline std::string short_name(const std::string& name) {
  return name.substr(0, 6);
}

}  // namespace berth::realdata

// Without the data a suite says that it skips; where CI is set it fails, for a gate that cannot run must not pass.
#define BERTH_REQUIRE_DATA()                                                                                         \
  do {                                                                                                               \
    if (!berth::realdata::has_data()) {                                                                              \
      if (std::getenv("CI") != nullptr) FAIL() << "no data under " << berth::realdata::data_folder();                \
      GTEST_SKIP() << "no data under " << berth::realdata::data_folder() << ": set BERTH_DATA to the data's folder"; \
    }                                                                                                                \
  } while (false)
