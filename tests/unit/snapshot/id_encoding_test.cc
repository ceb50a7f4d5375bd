#include "engine/snapshot/id_encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "engine/snapshot/id_pool.h"
#include "engine/snapshot/interner.h"

namespace berth {
namespace {

struct Example {
  const char* text;
  const char* prefix;
  IdFormat format;
};

TEST(IdEncoding, SplitsBehindTheLastSlashAndTheLeadOfAnInstanceId) {
  const Example examples[] = {
      {"", "", IdFormat::kText},
      {"name", "", IdFormat::kText},
      {"a/b/", "a/b/", IdFormat::kText},
      {"a/0123456789abcdef0123456789abcdef", "a/", IdFormat::kHex32},
      {"0123456789abcdef0123456789abcdef", "", IdFormat::kHex32},
      {"a/0123456789abcdef0123456789abcdeF", "a/", IdFormat::kText},
      {"a/0123456789abcdef0123456789abcde", "a/", IdFormat::kText},
      {"i-0123456789abcdef0", "i-0", IdFormat::kHex16},
      {"mi-0123456789abcdef0", "mi-0", IdFormat::kHex16},
      {"i-12345678", "", IdFormat::kText},
      {"0123456789abcdef", "", IdFormat::kHex16},
      {"container-instance/01234567-89ab-cdef-0123-456789abcdef", "container-instance/", IdFormat::kUuid},
      {"container-instance/01234567-89ab-cdef-0123-456789abcdeg", "container-instance/", IdFormat::kText},
      {"container-instance/01234567-89ab-cdef+0123-456789abcdef", "container-instance/", IdFormat::kText},
  };
  for (const Example& example : examples) {
    const std::string_view text(example.text);
    const SplitId split = split_id(text);
    EXPECT_EQ(text.substr(0, split.prefix_bytes), example.prefix) << text;
    EXPECT_EQ(split.format, example.format) << text;
    if (split.format != IdFormat::kText) {
      EXPECT_EQ(std::string(example.prefix) + std::string(RenderedId("", split.format, split.tail).tail()), text);
    }
  }
}

rc::Gen<std::string> ids() {
  // Few letters, so that slashes, dashes and shared beginnings are frequent.
  const auto text = rc::gen::container<std::string>(rc::gen::elementOf(std::string("/-0af")));
  const auto digits = [](std::size_t count) { return rc::gen::container<std::string>(count, rc::gen::elementOf(std::string("019af"))); };
  return rc::gen::oneOf(text, digits(16), digits(32),
                        rc::gen::map(rc::gen::pair(text, digits(32)), [](const auto& both) { return both.first + both.second; }),
                        rc::gen::map(digits(16), [](const std::string& tail) { return "a/i-0" + tail; }));
}

RC_GTEST_PROP(IdEncoding, APoolGivesTextsBackAndOrdersThemByBytes, ()) {
  const auto left = *ids();
  const auto right = *ids();
  IdPool pool;
  const EncodedId a = pool.intern(left);
  const EncodedId b = pool.intern(right);
  RC_ASSERT(pool.text(a) == left);
  RC_ASSERT(pool.text(b) == right);
  RC_ASSERT((a == b) == (left == right));
  RC_ASSERT(pool.compare(a, b) == (left <=> right));
  RC_ASSERT(pool.find(left) == a);
  RC_ASSERT(pool.is_empty(a) == left.empty());
}

RC_GTEST_PROP(IdEncoding, PiecesCompareAsTheWholes, (std::string a, std::string b, std::string c, std::string d)) {
  RC_ASSERT(compare_split(a, b, c, d) == (a + b <=> c + d));
  RC_ASSERT(compare_split(a, b, a, b) == std::strong_ordering::equal);
  RC_ASSERT(compare_split(a, b, a + b, "") == std::strong_ordering::equal);
}

RC_GTEST_PROP(Interner, NumbersTextsInOrderOfArrival, (std::vector<std::string> texts)) {
  Interner interner;
  for (const std::string& text : texts) {
    const std::uint32_t before = interner.size();
    const bool known = interner.find(text).has_value();
    const std::uint32_t id = interner.intern(text);
    RC_ASSERT((known ? id < before : id == before));
    RC_ASSERT(interner.at(id) == text);
    RC_ASSERT(interner.find(text) == id);
  }
}

}  // namespace
}  // namespace berth
