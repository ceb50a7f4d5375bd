// What the steps of the C ABI's fuzz target share: the input as a small program, and the properties of every answer.
//
// Thread rule: one thread. Lifetime: an Input looks into the bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "berth/berth.h"

namespace berth::fuzz {

inline void require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "property broken: %s\n", what);
    std::abort();
  }
}

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) {
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::string_view text() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view piece = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return piece;
  }

 private:
  std::string_view rest_;
};

// The one engine lives as long as the process, as a host's would.
inline berth_engine* shared_engine() {
  static berth_engine* const engine = [] {
    berth_engine_options options;
    berth_engine* made = nullptr;
    require(berth_engine_options_init(&options, sizeof options) == BERTH_OK, "options are filled");
    options.executor = BERTH_EXECUTOR_SERIAL;
    require(berth_engine_new(&options, &made, nullptr) == BERTH_OK, "an engine is made");
    return made;
  }();
  return engine;
}

inline void check_error(berth_status status, berth_error* error) {
  if (status == BERTH_OK) {
    require(error == nullptr, "success leaves the error alone");
    return;
  }
  require(status > BERTH_OK && status <= BERTH_IO_ERROR, "the status is one of the header");
  require(status != BERTH_INTERNAL, "no input shows a defect");
  require(error != nullptr && berth_error_status(error) == status, "the error agrees with the status");
  std::size_t length = 0;
  const char* message = berth_error_message(error, &length);
  require(length > 0 && std::strlen(message) == length, "the message is not empty");
  require(std::strchr(message, '\n') == nullptr, "the message is one line");
  std::uint32_t offset = 0;
  std::uint32_t piece = 0;
  berth_error_place(error, &offset, &piece);
  berth_error_free(error);
}

inline void check_document(berth_status status, berth_document* document) {
  require((status == BERTH_OK) == (document != nullptr), "a document is given exactly on success");
  std::size_t length = 0;
  const char* text = berth_document_text(document, &length);
  require(text[length] == '\0', "a document ends with a NUL");
  berth_document_free(document);
}

}  // namespace berth::fuzz
