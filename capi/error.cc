#include "capi/error.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "capi/arguments.h"
#include "capi/handles.h"
#include "capi/utf8.h"

namespace berth::capi {
namespace {

constinit berth_error out_of_memory_error{
    .status = BERTH_OUT_OF_MEMORY, .message = "out of memory", .exception = "", .source = "", .offset = kNoOffset, .length = 0};

struct OwnedError : berth_error {
  std::string message_text;
  std::string exception_text;
  std::string source_text;
};

// Messages quote what callers passed: control characters become blanks and broken bytes U+FFFD, so that every text is one line of UTF-8.
std::string one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_sequence_length(text, at);
    if (length == 0) {
      line += "\xEF\xBF\xBD";
      ++at;
      continue;
    }
    const unsigned char byte = static_cast<unsigned char>(text[at]);
    if (length == 1 && (byte < 0x20 || byte == 0x7F)) {
      line += ' ';
    } else {
      line += text.substr(at, length);
    }
    at += length;
  }
  return line;
}

const char* give_text(std::string_view text, std::size_t* length) {
  if (length != nullptr) {
    *length = text.size();
  }
  return text.data();
}

}  // namespace

berth_status report(berth_error** error, const Error& what) noexcept {
  const auto status = static_cast<berth_status>(what.code);
  if (error == nullptr) {
    return status;
  }
  try {
    auto owned = std::make_unique<OwnedError>();
    owned->message_text =
        one_line(what.message.empty() ? std::string_view("no message was given; this is a defect of Berth") : what.message);
    owned->exception_text = what.exception;
    owned->source_text = one_line(what.source);
    owned->status = status;
    owned->message = owned->message_text;
    owned->exception = owned->exception_text;
    owned->source = owned->source_text;
    owned->offset = what.offset;
    owned->length = what.length;
    *error = owned.release();
    return status;
  } catch (...) {
    return report_out_of_memory(error);
  }
}

berth_status report_out_of_memory(berth_error** error) noexcept {
  if (error != nullptr) {
    *error = &out_of_memory_error;
  }
  return BERTH_OUT_OF_MEMORY;
}

berth_status report_internal(berth_error** error, const char* text) noexcept {
  if (error == nullptr) {
    return BERTH_INTERNAL;
  }
  try {
    return report(error, refusal(std::string("a defect of Berth: ") + text, StatusCode::kInternal));
  } catch (...) {
    return report_out_of_memory(error);
  }
}

}  // namespace berth::capi

using berth::capi::give_text;

berth_status berth_error_status(const berth_error* error) noexcept {
  return error == nullptr ? BERTH_OK : error->status;
}

const char* berth_error_message(const berth_error* error, size_t* length) noexcept {
  return give_text(error == nullptr ? "" : error->message, length);
}

const char* berth_error_exception(const berth_error* error, size_t* length) noexcept {
  return give_text(error == nullptr ? "" : error->exception, length);
}

const char* berth_error_source(const berth_error* error, size_t* length) noexcept {
  return give_text(error == nullptr ? "" : error->source, length);
}

int32_t berth_error_place(const berth_error* error, uint32_t* offset, uint32_t* length) noexcept {
  if (error == nullptr || error->offset == berth::kNoOffset) {
    return 0;
  }
  if (offset != nullptr) {
    *offset = error->offset;
  }
  if (length != nullptr) {
    *length = error->length;
  }
  return 1;
}

void berth_error_free(berth_error* error) noexcept {
  if (error != nullptr && error != &berth::capi::out_of_memory_error) {
    delete static_cast<berth::capi::OwnedError*>(error);
  }
}
