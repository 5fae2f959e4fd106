#include "forebay/cache/key.hpp"

#include <gtest/gtest.h>

#include <set>
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
  EXPECT_EQ(partition_in(key), "#partition=0123456789abcdeffedcba9876543210");
  EXPECT_EQ(partition_in("http://h:80/a?b"), "");
}

/// The key of a QUERY with this content.
std::string query_key(std::string_view content, const Lines& lines = {{"Content-Type", "text/plain"}},
                      std::string key = "http://h:80/a") {
  append_query_content(key, fields(lines), content);
  return key;
}

TEST(Key, AQuerysKeyIsNoUris) {
  EXPECT_EQ(query_key("red"), "http://h:80/a#query=e32236693e0360cbbd158996a4acf9fc+00000000000000000003");
  EXPECT_EQ(query_key("red", {}),
            "http://h:80/a#query=f3384bd2fded4a5756fd89a1c73c9970+00000000000000000003");
  EXPECT_FALSE(is_partitioned(query_key("#partition=", {{"Content-Type", "#partition="}})));
}

TEST(Key, AQuerysKeyTellsContentsApart) {
  const std::vector<std::string> keys{
      query_key(""),
      query_key("red"),
      query_key("blue"),
      query_key("red", {}),
      query_key("red", {{"Content-Type", ""}}),
      query_key("red", {{"Content-Type", "text/plain;charset=utf-8"}}),
      query_key("red", {{"Content-Type", "text/plain"}, {"Content-Type", "text/plain"}}),
      query_key("red", {{"Content-Type", "text/plain"}, {"Content-Encoding", "gzip"}}),
      query_key("red", {{"Content-Language", "text/plain"}}),
      query_key("redcontent-typetext/plain", {}),
      query_key("red", {{"Content-Type", "text/plain"}}, "http://h:80/b"),
  };
  EXPECT_EQ(std::set(keys.begin(), keys.end()).size(), keys.size());
}

TEST(Key, OfAQueryOnlyWhatDescribesTheContentCounts) {
  const auto key = query_key("red");
  EXPECT_EQ(query_key("red", {{"content-type", "text/plain"}, {"Accept", "x"}}), key);
  EXPECT_EQ(query_key("red", {{"Content-Length", "3"}, {"Content-Type", "text/plain"}}), key);
  // Connection cannot keep it from the origin.
  EXPECT_EQ(query_key("red", {{"Connection", "Content-Type"}, {"Content-Type", "text/plain"}}), key);
}

TEST(Key, OfAQueryNamesItsUris) {
  EXPECT_EQ(key_without_content(query_key("red")), "http://h:80/a");
  std::string apart = "http://h:80/a";
  append_partition(apart, {1, 2});
  EXPECT_EQ(key_without_content(query_key("red", {}, apart)), apart);
  for (const std::string_view key : {std::string_view(), std::string_view("http://h:80/a"),
                                     std::string_view(apart), std::string_view("#query=1+2")})
    EXPECT_EQ(key_without_content(key), "") << key;
}

}  // namespace
}  // namespace forebay::cache
