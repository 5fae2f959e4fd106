#include "forebay/base/base64url.hpp"

#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(Base64Url, DecodesTheOneWayToWriteOctets) {
  const struct {
    const char* text;
    std::optional<std::string> octets;
  } rows[] = {
      {"", ""},
      {"Zg", "f"},
      {"Zm8", "fo"},
      {"Zm9v", "foo"},
      {"Zm9vYg", "foob"},
      {"Zm9vYmE", "fooba"},
      {"Zm9vYmFy", "foobar"},
      {"-_-_", "\xFB\xFF\xBF"},
      {"eyJhbGciOiJIUzI1NiJ9", R"({"alg":"HS256"})"},
      // malformed
      {"Z", std::nullopt},
      {"Zm9vY", std::nullopt},
      {"Zg==", std::nullopt},
      {"Zm8=", std::nullopt},
      {"+/+/", std::nullopt},
      {"Zm9 ", std::nullopt},
      {"Zm9v\n", std::nullopt},
      {" Zm9v", std::nullopt},
      {"Zm.v", std::nullopt},
      {"Zh", std::nullopt},
      {"Zm9", std::nullopt},
      {"\xC3\xA4zz", std::nullopt},
  };
  for (const auto& row : rows) EXPECT_EQ(decode_base64url(row.text), row.octets) << row.text;
}

TEST(Base64Url, OctetsMayBeNul) { EXPECT_EQ(decode_base64url("AAAA"), std::string(3, '\0')); }

}  // namespace
}  // namespace forebay
