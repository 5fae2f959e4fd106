#include "forebay/http/target.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forebay::http {
namespace {

Target parsed(Method method, std::string_view text) {
  const auto target = parse_target(method, text);
  EXPECT_TRUE(target.has_value()) << text << ": " << (target ? "" : target.error().detail);
  return target ? *target : Target{};
}

TEST(Target, OriginFormIsPathAndQueryByteForByte) {
  const struct {
    const char* text;
    const char* path;
    const char* query;
    bool has_query;
  } rows[] = {
      {"/", "/", "", false},
      {"/a/b", "/a/b", "", false},
      {"/?", "/", "", true},
      {"/a?b=c&d", "/a", "b=c&d", true},
      {"/a?b?c", "/a", "b?c", true},
      {"//example.com/a", "//example.com/a", "", false},
      {"/a/../b/./c//", "/a/../b/./c//", "", false},
      {"/%7euser/%2F%00", "/%7euser/%2F%00", "", false},
      {"/%zz%", "/%zz%", "", false},
      {"/a:b@c;d,e|f^g`{h}\"<>\\", "/a:b@c;d,e|f^g`{h}\"<>\\", "", false},
      {"/*", "/*", "", false},
      {"/http://x/", "/http://x/", "", false},
  };
  for (const auto& row : rows) {
    const auto target = parsed(Method::get, row.text);
    EXPECT_EQ(target.form, TargetForm::origin) << row.text;
    EXPECT_EQ(target.path, row.path);
    EXPECT_EQ(target.query, row.query);
    EXPECT_EQ(target.has_query, row.has_query);
    EXPECT_EQ(target.scheme, "");
    EXPECT_EQ(target.authority, "");
  }
}

TEST(Target, AbsoluteFormIsTakenApart) {
  const struct {
    const char* text;
    const char* scheme;
    const char* authority;
    const char* path;
    const char* query;
    bool has_query;
  } rows[] = {
      {"http://example.com/a?b", "http", "example.com", "/a", "b", true},
      {"https://example.com:8443/", "https", "example.com:8443", "/", "", false},
      {"HTTP://Example.COM/A", "HTTP", "Example.COM", "/A", "", false},
      {"hTTps://x", "hTTps", "x", "/", "", false},
      {"http://x?q", "http", "x", "/", "q", true},
      {"http://x?", "http", "x", "/", "", true},
      {"http://x:/y", "http", "x:", "/y", "", false},
      {"http://[::1]:80/y?z/", "http", "[::1]:80", "/y", "z/", true},
      {"http://x//y", "http", "x", "//y", "", false},
      {"http://x/a@b:c", "http", "x", "/a@b:c", "", false},
      {"http://x?a@b", "http", "x", "/", "a@b", true},
  };
  for (const auto& row : rows) {
    const auto target = parsed(Method::get, row.text);
    EXPECT_EQ(target.form, TargetForm::absolute) << row.text;
    EXPECT_EQ(target.scheme, row.scheme);
    EXPECT_EQ(target.authority, row.authority);
    EXPECT_EQ(target.path, row.path);
    EXPECT_EQ(target.query, row.query);
    EXPECT_EQ(target.has_query, row.has_query);
  }
}

TEST(Target, AsteriskIsForOptionsOnly) {
  const auto target = parsed(Method::options, "*");
  EXPECT_EQ(target.form, TargetForm::asterisk);
  EXPECT_EQ(target.path, "*");
  for (const auto method :
       {Method::get, Method::head, Method::post, Method::trace, Method::purge, Method::other}) {
    EXPECT_TRUE(parse_target(method, "*").has_error());
  }
}

TEST(Target, AnAbsoluteTargetOfOptionsWithoutPathMeansTheServer) {
  EXPECT_EQ(parsed(Method::options, "http://www.example.org:8001").path, "*");
  EXPECT_EQ(parsed(Method::options, "http://www.example.org:8001/").path, "/");
  EXPECT_EQ(parsed(Method::options, "http://www.example.org:8001?").path, "/");
}

TEST(Target, AuthorityFormIsForConnectOnly) {
  const auto target = parsed(Method::connect, "example.com:443");
  EXPECT_EQ(target.form, TargetForm::authority);
  EXPECT_EQ(target.authority, "example.com:443");
  EXPECT_EQ(target.path, "");
  EXPECT_EQ(parsed(Method::connect, "[::1]:443").authority, "[::1]:443");
  for (const char* bad : {"example.com", "example.com:", "example.com:0", "example.com:x", ":443", "/", "*",
                          "/a:443", "http://example.com/", "user@example.com:443", "example.com:443/"}) {
    EXPECT_TRUE(parse_target(Method::connect, bad).has_error()) << bad;
  }
}

TEST(Target, RefusesAnythingElse) {
  const char* const rows[] = {
      "",
      " ",
      " /",
      "/ ",
      "/a b",
      "/a\tb",
      "/a\r",
      "/a\nb",
      "/a\x7f",
      "/a\x01",
      "/caf\xc3\xa9",
      "/\xff",
      "/a#b",
      "/#",
      "#",
      "/a?b#c",
      "a",
      "a/b",
      "?q",
      "example.com",
      "example.com:80",
      "example.com/a",
      "*a",
      "**",
      "*/",
      "http",
      "http:",
      "http:/",
      "http:/x",
      "http://",
      "http:///",
      "http:///a",
      "http://?q",
      "http://:80/",
      "http://user@x/",
      "http://user:pass@x/",
      "http://@x/",
      "http://x@/",
      "http://x:y/",
      "http://x:0/",
      "http://x:65536/",
      "http://x:-1/",
      "http://x:80:80/",
      "http://x y/",
      "http://x\\y/",
      "http://x|y/",
      "http://[::1/",
      "http://::1/",
      "http://[::g]/",
      "http://x/#f",
      "http//x/",
      "http;//x/",
      " http://x/",
      "ftp://x/",
      "file:///etc/passwd",
      "ws://x/",
      "httpx://x/",
      "httpss://x/",
      "htt://x/",
      "javascript:alert(1)",
      "data:,x",
      "urn:a:b",
  };
  for (const auto* row : rows) {
    const auto target = parse_target(Method::get, row);
    ASSERT_TRUE(target.has_error()) << row;
    EXPECT_EQ(target.error().kind, ErrorKind::request_malformed) << row;
    EXPECT_FALSE(target.error().detail.empty()) << row;
  }
  EXPECT_TRUE(parse_target(Method::get, std::string_view("/\0", 2)).has_error());
}

TEST(Target, TheErrorShowsTheCulpritCutAndPrintable) {
  EXPECT_EQ(parse_target(Method::get, "/a\x01#").error().detail,
            "character not allowed in the request target \"/a?#\"");
  EXPECT_LT(parse_target(Method::get, std::string(10'000, 'x')).error().detail.size(), 200U);
}

TEST(Authority, ReadsHostAndPort) {
  const struct {
    const char* text;
    const char* host;
    std::uint16_t port;
  } rows[] = {
      {"example.com", "example.com", 0},
      {"Example.COM", "Example.COM", 0},
      {"example.com.", "example.com.", 0},
      {"example.com:80", "example.com", 80},
      {"example.com:", "example.com", 0},
      {"example.com:00080", "example.com", 80},
      {"example.com:65535", "example.com", 65535},
      {"example.com:1", "example.com", 1},
      {"localhost", "localhost", 0},
      {"x", "x", 0},
      {"under_score", "under_score", 0},
      {"a-b.c~d", "a-b.c~d", 0},
      {"!$&'()*+,;=", "!$&'()*+,;=", 0},
      {"caf%C3%A9.example", "caf%C3%A9.example", 0},
      {"127.0.0.1", "127.0.0.1", 0},
      {"127.0.0.1:8080", "127.0.0.1", 8080},
      {"999.1.1.1", "999.1.1.1", 0},  // a reg-name by RFC 3986 §3.2.2
      {"[::]", "[::]", 0},
      {"[::1]", "[::1]", 0},
      {"[::1]:8080", "[::1]", 8080},
      {"[::1]:", "[::1]", 0},
      {"[2001:db8::1]", "[2001:db8::1]", 0},
      {"[2001:DB8:0:0:8:800:200C:417A]", "[2001:DB8:0:0:8:800:200C:417A]", 0},
      {"[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7::]", 0},
      {"[::2:3:4:5:6:7:8]", "[::2:3:4:5:6:7:8]", 0},
      {"[1::8]:443", "[1::8]", 443},
      {"[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]", 0},
      {"[1:2:3:4:5:6:192.0.2.1]", "[1:2:3:4:5:6:192.0.2.1]", 0},
      {"[::192.0.2.255]", "[::192.0.2.255]", 0},
  };
  for (const auto& row : rows) {
    const auto authority = parse_authority(row.text);
    ASSERT_TRUE(authority.has_value()) << row.text << ": " << authority.error().detail;
    EXPECT_EQ(authority->host, row.host) << row.text;
    EXPECT_EQ(authority->port, row.port) << row.text;
  }
}

TEST(Authority, RefusesAnythingElse) {
  const char* const rows[] = {
      "",
      ":",
      ":80",
      " ",
      " example.com",
      "example.com ",
      "exam ple.com",
      "example.com:80 ",
      "example.com: 80",
      "example.com:+80",
      "example.com:-1",
      "example.com:0",
      "example.com:0000",
      "example.com:65536",
      "example.com:99999999999999999999",
      "example.com:80a",
      "example.com:http",
      "example.com:80:80",
      "example.com::80",
      "user@example.com",
      "user:pass@example.com",
      "@example.com",
      "example.com@",
      "example.com/",
      "example.com/a",
      "example.com?q",
      "example.com#f",
      "http://example.com",
      "//example.com",
      "example.com\\",
      "example.com\"",
      "<example.com>",
      "{example.com}",
      "a|b",
      "a^b",
      "a`b",
      "a\tb",
      "a\r\nb",
      "a\x7f",
      "caf\xc3\xa9.example",
      "%",
      "a%",
      "a%4",
      "a%4g",
      "a%g4",
      "%%41",
      "[",
      "]",
      "[]",
      "[:]",
      "[:::]",
      "[1]",
      "[1:2]",
      "[::1",
      "::1",
      "::1]",
      "2001:db8::1",
      "[::1]80",
      "[::1]:x",
      "[::1]:0",
      "[::1]:65536",
      "[::1]a",
      "[[::1]]",
      "x[::1]",
      "[::g]",
      "[::12345]",
      "[1:2:3:4:5:6:7]",
      "[1:2:3:4:5:6:7:8:9]",
      "[1:2:3:4:5:6:7:8::]",
      "[::1:2:3:4:5:6:7:8]",
      "[1::2::3]",
      "[1:2:3:4:5:6:7:]",
      "[:1:2:3:4:5:6:7]",
      "[1:2:3:4:5:6:7:192.0.2.1]",
      "[192.0.2.1]",
      "[::192.0.2]",
      "[::192.0.2.256]",
      "[::192.0.2.1.1]",
      "[::192.0.2.01]",
      "[::192.0.2.]",
      "[::.1.2.3]",
      "[192.0.2.1::]",
      "[fe80::1%eth0]",
      "[fe80::1%25eth0]",
      "[v1.fe80]",
      "[:: 1]",
  };
  for (const auto* row : rows) {
    const auto authority = parse_authority(row);
    ASSERT_TRUE(authority.has_error()) << row;
    EXPECT_EQ(authority.error().kind, ErrorKind::request_malformed) << row;
  }
  EXPECT_TRUE(parse_authority(std::string_view("a\0b", 3)).has_error());
}

// "host:0" and "host" would have one key, and the answer may show the port.
TEST(Authority, PortZeroIsNotTakenForNoPort) { EXPECT_TRUE(parse_authority("example.com:0").has_error()); }

TEST(Authority, DefaultPortsOfTheSchemes) {
  EXPECT_EQ(default_port("http"), 80);
  EXPECT_EQ(default_port("https"), 443);
  EXPECT_EQ(default_port("HTTPS"), 443);
  EXPECT_EQ(default_port(""), 80);
}

TEST(AmbiguousPath, IsOneThatTwoPartiesMayReadDifferently) {
  for (const std::string_view path :
       {"/a/../b", "/a/./b", "/..",       "/.",     "/a/..",  "/a/.",  "/a%2fb",  "/a%2Fb",
        "/a%5cb",  "/a%5C",  "/%2e%2e/b", "/a/%2E", "/a%00b", "/a\\b", "/a;b",    "/a;jsessionid=1",
        ";",       "/a%",    "/a%2",      "/a%zz",  "/a%2gb", "/%",    "/a/b/%2f"})
    EXPECT_TRUE(is_ambiguous_path(path)) << path;
  for (const std::string_view path :
       {"/", "", "*", "/a/b", "/a.b", "/.well-known/x", "/a/..b", "/a/...", "/a../b", "/a/b..", "/a%20b",
        "/a%C3%A4", "/a//b", "/a:b@c", "/a,b", "/file.tar.gz", "/.hidden", "/a/.b/c", "/a%25b"})
    EXPECT_FALSE(is_ambiguous_path(path)) << path;
}

}  // namespace
}  // namespace forebay::http
