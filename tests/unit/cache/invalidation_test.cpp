#include "forebay/cache/invalidation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "forebay/cache/normalise.hpp"
#include "heads.hpp"

namespace forebay::cache {
namespace {

using Keys = std::vector<std::string>;

/// For a request to http://example.com/a/b?q.
Keys keys(std::string_view method, int status, const Lines& lines) {
  const auto head = request(method, "/a/b?q", {{"Host", "Example.com"}});
  return keys_to_invalidate(head, *effective_uri(head, "http"), response(status, lines), {});
}

const std::string kTarget = "http://example.com:80/a/b?q";

TEST(Invalidation, FollowsUnsafeMethods) {
  for (const std::string_view method : {"POST", "PUT", "DELETE", "PATCH", "BREW", "get"}) {
    EXPECT_EQ(keys(method, 200, {}), Keys{kTarget}) << method;
  }
  for (const std::string_view method : {"GET", "HEAD", "OPTIONS", "QUERY"}) {
    EXPECT_EQ(keys(method, 200, {{"Location", "/x"}}), Keys{}) << method;
  }
}

TEST(Invalidation, FollowsNonErrorResponses) {
  for (const int status : {200, 201, 204, 299, 301, 303, 304, 399})
    EXPECT_EQ(keys("POST", status, {}).size(), 1u);
  for (const int status : {100, 199, 400, 404, 409, 500, 503}) EXPECT_EQ(keys("POST", status, {}), Keys{});
}

TEST(Invalidation, ResolvesReferencesOfTheSameOrigin) {
  struct Row {
    std::string_view reference, expected;
  };
  const std::vector<Row> rows{
      {"/x", "http://example.com:80/x"},
      {"/x?y#z", "http://example.com:80/x?y"},
      {"x", "http://example.com:80/a/x"},
      {"./x", "http://example.com:80/a/x"},
      {"../x", "http://example.com:80/x"},
      {"../../../x/.", "http://example.com:80/x/"},
      {"x/..", "http://example.com:80/a/"},
      {"..", "http://example.com:80/"},
      {".", "http://example.com:80/a/"},
      {"?r", "http://example.com:80/a/b?r"},
      {"?", "http://example.com:80/a/b?"},
      {"c/./d/../e?../f", "http://example.com:80/a/c/e?../f"},
      {"/x/../y//z/", "http://example.com:80/y//z/"},
      {"http://example.com/x", "http://example.com:80/x"},
      {"HTTP://EXAMPLE.com:80/x?y", "http://example.com:80/x?y"},
      {"http://example.com", "http://example.com:80/"},
      {"http://example.com?y", "http://example.com:80/?y"},
      {"//example.com:80/x", "http://example.com:80/x"},
      {"/x:y", "http://example.com:80/x:y"},
      {"./x:y", "http://example.com:80/a/x:y"},
      {" /x ", "http://example.com:80/x"},
  };
  for (const auto& row : rows) {
    const Keys expected{kTarget, std::string(row.expected)};
    EXPECT_EQ(keys("POST", 201, {{"Location", row.reference}}), expected) << row.reference;
    EXPECT_EQ(keys("PUT", 200, {{"Content-Location", row.reference}}), expected) << row.reference;
  }
}

TEST(Invalidation, DoesNotReachOtherOrigins) {
  for (const std::string_view reference :
       {"https://example.com/x", "http://other.com/x", "http://example.com:81/x", "//other.com/x",
        "http://www.example.com/x", "http://example.com@other.com/x", "http://user@example.com/x",
        "http:///x", "http://", "//", "http:x", "http:/x", "mailto:x@example.com", "x:y",
        "http://example.com:99999/x", "http://example.com:x/"}) {
    EXPECT_EQ(keys("POST", 201, {{"Location", reference}}), Keys{kTarget}) << reference;
  }
}

TEST(Invalidation, NamesEveryKeyOnce) {
  EXPECT_EQ(keys("POST", 201, {{"Location", ""}, {"Content-Location", "#top"}}), Keys{kTarget});
  EXPECT_EQ(keys("POST", 201, {{"Location", "/x"}, {"Content-Location", "/x"}}),
            (Keys{kTarget, "http://example.com:80/x"}));
  EXPECT_EQ(keys("POST", 201, {{"Location", "/x"}, {"Content-Location", "/y"}}),
            (Keys{kTarget, "http://example.com:80/x", "http://example.com:80/y"}));
}

TEST(Invalidation, KeepsThePortOfTheTarget) {
  const auto head = request("POST", "/p", {{"Host", "h:8080"}});
  const auto uri = *effective_uri(head, "http");
  EXPECT_EQ(keys_to_invalidate(head, uri, response(200, {{"Location", "/x"}}), {}),
            (Keys{"http://h:8080/p", "http://h:8080/x"}));
  EXPECT_EQ(keys_to_invalidate(head, uri, response(200, {{"Location", "http://h/x"}}), {}),
            Keys{"http://h:8080/p"});
}

TEST(Invalidation, LeadsToTheKeysThatThePolicyMakes) {
  const auto head = request("POST", "/a?b=1&utm_source=x", {{"Host", "h"}});
  auto uri = *effective_uri(head, "http");
  QueryPolicy policy;
  policy.sort = policy.drop_tracking = true;
  QueryScratch scratch;
  normalise_query(uri, policy, scratch);
  EXPECT_EQ(keys_to_invalidate(head, uri, response(200, {{"Location", "/x?z=1&fbclid=2&a=3"}}), policy),
            (std::vector<std::string>{"http://h:80/a?b=1", "http://h:80/x?a=3&z=1"}));
  EXPECT_TRUE(represents_target(uri, response(200, {{"Content-Location", "/a?gclid=9&b=1"}}), policy));
  EXPECT_FALSE(represents_target(uri, response(200, {{"Content-Location", "/a?b=2"}}), policy));
}

}  // namespace
}  // namespace forebay::cache
