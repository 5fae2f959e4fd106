#include "forebay/http/method.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forebay::http {
namespace {

TEST(Method, EveryNameReadsBack) {
  for (int i = 0; i < static_cast<int>(Method::other); ++i) {
    const auto method = static_cast<Method>(i);
    ASSERT_FALSE(name(method).empty()) << i;
    EXPECT_EQ(parse_method(name(method)), method) << name(method);
  }
  EXPECT_EQ(name(Method::delete_), "DELETE");
  EXPECT_EQ(name(Method::other), "");
}

TEST(Method, IsCaseSensitiveAndExact) {
  for (const char* unknown :
       {"",        "get",   "Get",   "GETT",  "GE",    "GEX",      "PUX",    "PUTT",   "HEAP",
        "POSD",    "PATCX", "PURGX", "TRACX", "QUERX", "TATCH",    "DELETX", "delete", "OPTIONX",
        "CONNECX", " GET",  "GET ",  "G",     "BREW",  "PROPFIND", "LINK",   "G\xc8T", "XXXXXXX"}) {
    EXPECT_EQ(parse_method(unknown), Method::other) << unknown;
  }
  EXPECT_EQ(parse_method(std::string_view("GET\0", 4)), Method::other);
}

TEST(Method, SafeOnesOnlyRead) {
  for (const auto method : {Method::get, Method::head, Method::options, Method::trace, Method::query}) {
    EXPECT_TRUE(is_safe(method)) << name(method);
  }
  for (const auto method : {Method::post, Method::put, Method::delete_, Method::patch, Method::connect,
                            Method::purge, Method::other}) {
    EXPECT_FALSE(is_safe(method)) << name(method);
  }
}

TEST(Method, IdempotentOnesMayBeRepeated) {
  for (const auto method : {Method::get, Method::head, Method::options, Method::trace, Method::query,
                            Method::put, Method::delete_}) {
    EXPECT_TRUE(is_idempotent(method)) << name(method);
  }
  for (const auto method : {Method::post, Method::patch, Method::connect, Method::purge, Method::other}) {
    EXPECT_FALSE(is_idempotent(method)) << name(method);
  }
}

}  // namespace
}  // namespace forebay::http
