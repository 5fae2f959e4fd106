#include "forebay/http/json_text.hpp"

#include <gmock/gmock.h>

#include <boost/json/serialize.hpp>
#include <string>

namespace forebay::http {
namespace {

using ::testing::HasSubstr;

std::string fault(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed.has_error() ? parsed.error().detail : "none: " + boost::json::serialize(*parsed);
}

TEST(JsonText, IsOneDocument) {
  for (const auto* text :
       {"7", "null", "\"a\"", "[]", "{}", R"({"a":{"a":[{"a":1},{"a":2}]},"b":{"a":3}})"}) {
    const auto parsed = parse_json(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(boost::json::serialize(*parsed), text);
  }
  for (const auto* text : {"", "{", "{}{}", "[1,]", "{\"a\"}", "'a'", "// c\n1", "\"\xff\"", "{\"a\":1"})
    EXPECT_THAT(fault(text), HasSubstr("is no JSON: ")) << text;
}

TEST(JsonText, HasNoNameTwiceInOneObject) {
  EXPECT_EQ(fault(R"({"all":true,"tags":[],"all":false})"), "has \"all\" twice");
  EXPECT_EQ(fault(R"({"a":1,"\u0061":1})"), "has \"a\" twice") << "however it is written";
  EXPECT_EQ(fault(R"([{"a":1},{"b":{"c":1,"d":[{"c":1}],"c":2}}])"), "has \"c\" twice");
  EXPECT_EQ(fault(R"({"":1,"":2})"), "has \"\" twice");
  const std::string name(1000, 'n');
  EXPECT_LT(fault("{\"" + name + "\":1,\"" + name + "\":2}").size(), 100U);
}

TEST(JsonText, IsNotDeep) {
  EXPECT_TRUE(parse_json("[[[[[[[[]]]]]]]]").has_value());
  EXPECT_THAT(fault("[[[[[[[[[]]]]]]]]]"), HasSubstr("too deep"));
}

}  // namespace
}  // namespace forebay::http
