#include "forebay/cache/key.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "heads.hpp"

namespace forebay::cache {
namespace {

std::string key(const http::RequestHead& head, std::string_view scheme = "http") {
  const auto uri = effective_uri(head, scheme);
  if (!uri) return "error: " + describe(uri.error());
  std::string out = "left over";
  write_primary_key(out, *uri);
  return out;
}

TEST(PrimaryKey, IsTheEffectiveUri) {
  struct Row {
    std::string_view method, target, host, scheme, expected;
  };
  const std::vector<Row> rows{
      {"GET", "/", "example.com", "http", "http://example.com:80/"},
      {"GET", "/", "example.com", "https", "https://example.com:443/"},
      {"GET", "/", "Example.COM:80", "http", "http://example.com:80/"},
      {"GET", "/", "example.com:8080", "http", "http://example.com:8080/"},
      {"GET", "/", "example.com:", "http", "http://example.com:80/"},
      {"GET", "/", "[::1]:81", "http", "http://[::1]:81/"},
      {"GET", "/a/../B%2f?q=1&R", "h", "http", "http://h:80/a/../B%2f?q=1&R"},
      {"GET", "/p?", "h", "http", "http://h:80/p?"},
      {"GET", "//x/y?a?b", "h", "http", "http://h:80//x/y?a?b"},
      {"GET", "http://other:81/p?q", "h", "http", "http://other:81/p?q"},
      {"GET", "HTTPS://Other/p", "h", "https", "https://other:443/p"},
      {"GET", "http://other", "h", "http", "http://other:80/"},
      {"OPTIONS", "*", "h", "http", "http://h:80*"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(key(request(row.method, row.target, {{"Host", row.host}}), row.scheme), row.expected);
  }
}

TEST(PrimaryKey, TellsQueriesApart) {
  EXPECT_NE(key(request("GET", "/p", {{"Host", "h"}})), key(request("GET", "/p?", {{"Host", "h"}})));
}

TEST(PrimaryKey, HasTheDigestOfItsText) {
  const auto made = primary_key("http://h:80/");
  EXPECT_EQ(made.text, "http://h:80/");
  EXPECT_EQ(made.digest, digest("http://h:80/"));
}

TEST(EffectiveUri, KeepsTheAuthorityAsSent) {
  const auto head = request("GET", "/p?q", {{"Host", "Example.com:80"}});
  const auto uri = effective_uri(head, "http");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->authority, "Example.com:80");
  EXPECT_EQ(uri->host, "Example.com");
  EXPECT_EQ(uri->port, 80);
  EXPECT_EQ(uri->path, "/p");
  EXPECT_EQ(uri->query, "q");
  EXPECT_TRUE(uri->has_query);
}

TEST(EffectiveUri, RefusesWhatDoesNotNameOneTarget) {
  const std::vector<http::RequestHead> heads{
      get(),                                                            // no Host
      get({{"Host", "a"}, {"Host", "a"}}),                              // RFC 9112 §3.2: repeated
      get({{"Host", ""}}),                                              //
      get({{"Host", "a b"}}),                                           //
      get({{"Host", "a/b"}}),                                           //
      get({{"Host", "user@a"}}),                                        //
      get({{"Host", "a:0"}}),                                           // would share the key of a:80
      get({{"Host", "a:65536"}}),                                       //
      get({{"Host", "a:80x"}}),                                         //
      get({{"Host", "[::1"}}),                                          //
      request("GET", "http://other/", {}),                              // Host is needed all the same
      request("GET", "http://other/", {{"Host", "a"}, {"Host", "b"}}),  //
      request("GET", "http://other/", {{"Host", "a b"}}),               //
      request("GET", "https://a/", {{"Host", "a"}}),                    // RFC 9110 §7.4
      request("GET", "ftp://a/", {{"Host", "a"}}),                      //
      request("GET", "http://user@a/", {{"Host", "a"}}),                //
      request("GET", "*", {{"Host", "a"}}),                             //
      request("GET", "p", {{"Host", "a"}}),                             //
      request("GET", "/p#fragment", {{"Host", "a"}}),                   //
      request("GET", "", {{"Host", "a"}}),                              //
      get({{"Host", "a, b"}}),                                          //
      get({{"Host", "a,"}, {"Host", "a"}}),                             //
      get({{"Host", " "}}),                                             //
      get({{"Host", ":80"}}),                                           //
      get({{"Host", "http://a"}}),                                      //
      get({{"Host", "a#b"}}),                                           //
      get({{"Host", "a?b"}}),                                           //
      get({{"Host", "a\\b"}}),                                          //
      get({{"Host", "a%zz"}}),                                          //
      get({{"Host", "caf\xc3\xa9"}}),                                   //
      get({{"Host", "::1"}}),                                           //
      request("GET", "http:///p", {{"Host", "a"}}),                     //
      request("GET", "http://a:x/", {{"Host", "a"}}),                   //
      request("GET", "//a/p\x01", {{"Host", "a"}}),                     //
      request("CONNECT", "a", {{"Host", "a"}}),                         //
  };
  for (const auto& head : heads) {
    const auto uri = effective_uri(head, "http");
    EXPECT_FALSE(uri) << head.target;
    if (!uri) {
      EXPECT_EQ(uri.error().kind, ErrorKind::request_malformed);
    }
  }
}

TEST(EffectiveUri, RefusesAPlainTargetOnASecuredConnection) {
  EXPECT_FALSE(effective_uri(request("GET", "http://a/", {{"Host", "a"}}), "https"));
}

TEST(EffectiveUri, OfHttp10NeedsNoHost) {
  auto head = get();
  head.minor_version = 0;
  EXPECT_EQ(key(head), "http://localhost:80/");
  head.target = "http://other/p";
  EXPECT_EQ(key(head), "http://other:80/p");
  head.fields = fields({{"Host", "a"}, {"Host", "b"}});
  EXPECT_FALSE(effective_uri(head, "http"));
}

TEST(Key, APartitionsKeyIsNoUris) {
  std::string key = "http://h:80/a?b";
  EXPECT_FALSE(is_partitioned(key));
  append_partition(key, {0x0123456789abcdef, 0xfedcba9876543210});
  EXPECT_EQ(key, "http://h:80/a?b#partition=0123456789abcdeffedcba9876543210");
  EXPECT_TRUE(is_partitioned(key));
}

}  // namespace
}  // namespace forebay::cache
