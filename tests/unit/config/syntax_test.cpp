#include "config/syntax.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forebay::config {
namespace {

using Fault = std::string (*)(std::string_view);

void expect_fine(Fault fault, std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) EXPECT_EQ(fault(text), "") << text;
}

void expect_faulty(Fault fault, std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) EXPECT_NE(fault(text), "") << text;
}

TEST(Syntax, ListenAddress) {
  expect_fine(fault_in_listen_address, {"0.0.0.0:8080", "127.0.0.1:0", "127.0.0.1:65535", "[::]:8080",
                                        "[::1]:80", "unix:/run/forebay/http.sock"});
  expect_faulty(fault_in_listen_address, {"",
                                          "8080",
                                          ":8080",
                                          "*:8080",
                                          "localhost:8080",
                                          "0.0.0.0",
                                          "0.0.0.0:",
                                          "0.0.0.0:65536",
                                          "0.0.0.0:-1",
                                          "0.0.0.0:+1",
                                          "0.0.0.0:080808",
                                          "1.2.3:80",
                                          "1.2.3.4.5:80",
                                          "::1:80",
                                          "[::1]",
                                          "[::g]:80",
                                          "[]:80",
                                          "[127.0.0.1]:80",
                                          "http://0.0.0.0:80",
                                          "unix:",
                                          "unix:/",
                                          "unix:relative",
                                          "unix://h",
                                          "0.0.0.0:80 ",
                                          "0.0.0.0:80/",
                                          "0.0.0.0:http",
                                          "[::1]:80:80",
                                          "[::1%eth0]:80",
                                          "UNIX:/run/x",
                                          "/run/x",
                                          "unix:/" + std::string(107, 'a'),
                                          std::string("0.0.0.0\0:80", 11)});
  EXPECT_EQ(
      fault_in_listen_address("x"),
      "expected an IP address and port such as `0.0.0.0:8080` or `[::]:8080`, or `unix:/path`, found `x`");
}

TEST(Syntax, Server) {
  expect_fine(fault_in_server,
              {"http://127.0.0.1:3000", "http://app", "https://app.internal:8443", "http://[::1]:80",
               "http://[::1]", "unix:/run/app.sock", "http://my_app-1:3000"});
  expect_faulty(fault_in_server, {"",
                                  "app",
                                  "app:80",
                                  "http://",
                                  "http://:80",
                                  "http:/app",
                                  "ftp://app",
                                  "HTTP//app",
                                  "http://app:0",
                                  "http://app:65536",
                                  "http://app:",
                                  "http://user@app",
                                  "http://user:pw@app",
                                  "http://a b",
                                  "http://::1",
                                  "http://[::1",
                                  "http://1.2.3.4.5",
                                  "http://999.1.1.1",
                                  "http://a..b",
                                  "http://app:80:80",
                                  "http://app\\x",
                                  "http://[fe80::1%eth0]",
                                  "HTTP://app",
                                  "//app",
                                  "http://.a",
                                  "unix:app",
                                  "unix://app",
                                  "http://app/",
                                  "http://app/x",
                                  "http://app?x",
                                  "http://app#x",
                                  "http://a\nb",
                                  "http://" + std::string(254, 'a')});
  EXPECT_EQ(fault_in_server("http://app:80/x?y"),
            "a server has no path or query; expected `http://app:80`, found `http://app:80/x?y`");
}

TEST(Syntax, Network) {
  expect_fine(fault_in_network,
              {"10.0.0.0/8", "10.1.2.3", "::1", "fd00::/8", "0.0.0.0/0", "1.2.3.4/32", "::/128"});
  expect_faulty(fault_in_network, {"",
                                   "10.0.0.0/",
                                   "10.0.0.0/33",
                                   "::/129",
                                   "10.0.0/8",
                                   "host",
                                   "10.0.0.0/8/8",
                                   "/8",
                                   "10.0.0.0/-1",
                                   "[::1]",
                                   "/",
                                   "10",
                                   "10.0.0.0.0/8",
                                   "010.0.0.0/8",
                                   "256.0.0.0/8",
                                   "10.0.0.0 /8",
                                   "10.0.0.0/ 8",
                                   " 10.0.0.0/8",
                                   "10.0.0.0/8 ",
                                   "10.0.0.0/+8",
                                   "10.0.0.0/8x",
                                   "10.0.0.0/0x8",
                                   "10.0.0.0/255.0.0.0",
                                   "10.0.0.0/99999999999999999999",
                                   "10.0.0.0-10.0.0.9",
                                   "10.0.0.*",
                                   "10.0.0.0,10.0.0.1",
                                   "10.0.0.1:80",
                                   "[::1]/128",
                                   "::1/",
                                   "::g/8",
                                   ":::/8",
                                   "fe80::1%eth0",
                                   "fe80::1%eth0/64",
                                   "1:2:3:4:5:6:7:8:9/64",
                                   "*",
                                   "any",
                                   "localhost",
                                   "unix:/run/x",
                                   std::string("10.0.0.0\0/8", 11)});
}

TEST(Syntax, HostPattern) {
  expect_fine(fault_in_host_pattern,
              {"*", "example.com", "*.example.com", "127.0.0.1", "[::1]", "localhost"});
  expect_faulty(fault_in_host_pattern, {"",
                                        "**",
                                        "*.",
                                        "*.*",
                                        "a.*",
                                        "*example.com",
                                        "example.com:80",
                                        "http://a",
                                        "a b",
                                        "::1",
                                        "a/b",
                                        " ",
                                        " a",
                                        "a ",
                                        "*.a:80",
                                        "*.*.a",
                                        "**.a",
                                        "*a",
                                        "a*b",
                                        "?.a",
                                        "*./",
                                        "*..a",
                                        ".a",
                                        "a..b",
                                        "a,b",
                                        "a;b",
                                        "a?b",
                                        "a#b",
                                        "user@a",
                                        "a%41",
                                        "[::1",
                                        "::1]",
                                        "[]",
                                        "[::g]",
                                        "[::1]:80",
                                        "*.[::1]",
                                        "1.2.3",
                                        "1.2.3.4.5",
                                        "999.1.1.1",
                                        "\u00e4.example",
                                        "a\nb",
                                        "a\\b",
                                        "/a/",
                                        "~a",
                                        std::string(254, 'a'),
                                        std::string("a\0", 2)});
}

TEST(Syntax, PathPattern) {
  expect_fine(fault_in_path_pattern, {"/", "/**", "/static/**", "/a/*/b", "/*.css", "/a%20b"});
  expect_faulty(fault_in_path_pattern,
                {"",       "static/**", "*",       "/a?b",  "/a#b",  "/a b",   "/***",
                 "/a\n",   "/\u00e4",   " ",       " /a",   "/a ",   "**",     "?",
                 "#",      ".",         "./a",     "..",    "~/a",   "\\a",    "\\",
                 "a/b",    "*.css",     "**/a",    "/a\tb", "/a\rb", "/a\x01", "/a\x7f",
                 "/a****", "/***/a",    "/a/***b", "/a?",   "/?a",   "/#",     "http://a/",
                 "//a?b",  "^/a$",      "\"/a\"",  "'/a'",  "(/a)",  "/a\xff", std::string("/a\0", 3)});
}

TEST(Syntax, HostName) {
  expect_fine(fault_in_host_name, {"app.internal", "127.0.0.1"});
  expect_faulty(fault_in_host_name, {"", "*.a", "a:80", "a b"});
}

TEST(Syntax, UpstreamName) {
  expect_fine(fault_in_upstream_name, {"app", "app-2.blue_x", std::string(64, 'a')});
  expect_faulty(fault_in_upstream_name, {"", "a b", "a/b", "a[0]", "\u00e4", "a\"b", std::string(65, 'a')});
}

TEST(Syntax, Names) {
  expect_fine(fault_in_method, {"GET", "M-SEARCH", "X1"});
  expect_faulty(fault_in_method, {"", "get", "Get", "*", "A B", "GET*"});
  expect_fine(fault_in_token_name, {"GET", "X-Country", "theme_2", "a!b"});
  expect_faulty(fault_in_token_name, {"", "a b", "a:", "a*", "*", "a,b", "a=b", "\u00e4"});
  expect_fine(fault_in_name_pattern, {"session", "wp_*"});
  expect_faulty(fault_in_name_pattern, {"", "*", "**", "a**", "*a", "a b*"});
  expect_fine(fault_in_parameter_pattern, {"page", "utm_*", "a[]", "a%20b", "a;b"});
  expect_faulty(fault_in_parameter_pattern, {"", "*", "a*b", "a=", "a&b", "a#", "a b", "\u00e4"});
}

TEST(Syntax, FieldMatch) {
  expect_fine(fault_in_field_match, {"X-Api", "X-Api: 2", "X-Api:", "X-Api: a, b: c"});
  expect_faulty(fault_in_field_match, {"",
                                       ":",
                                       ": a",
                                       "a b",
                                       "a b: c",
                                       "X-Api: a\nb",
                                       " ",
                                       "::",
                                       " : ",
                                       " X-Api",
                                       "X-Api ",
                                       " X-Api: 2",
                                       "X-Api : 2",
                                       "X Api",
                                       "X-Api=2",
                                       "X-Api = 2",
                                       "X-Api, X-B",
                                       "X-Api; 2",
                                       "\"X-Api\": 2",
                                       "X/Api: 2",
                                       "X(Api): 2",
                                       "[X-Api]",
                                       "{X-Api}: 2",
                                       "X@Api",
                                       "X\\Api: 2",
                                       "X?: 2",
                                       "*",
                                       "X-*: 2",
                                       "X-Api*",
                                       "X-\u00c4: 2",
                                       "X-Api: \u00e4",
                                       "X-Api: a\r\nX-B: c",
                                       "X-Api: a\x01",
                                       "X-Api: a\x7f",
                                       "X\x01: a",
                                       "X\nApi: 2",
                                       std::string("X\0: a", 5),
                                       std::string("X: a\0b", 6)});
}

TEST(Syntax, Status) {
  expect_fine(fault_in_status, {"200", "404", "599", "5xx", "40x"});
  expect_faulty(fault_in_status,
                {"", "4", "40", "4040", "100", "1xx", "600", "xxx", "x04", "4x4", "4XX", "-40", "40a"});
}

TEST(Syntax, Language) {
  expect_fine(fault_in_language, {"en", "zh-Hant", "de-CH-1996", "x-klingon"});
  expect_faulty(fault_in_language, {"", "-", "en-", "-en", "en--GB", "en_GB", "en;q=1", "*", "en,de", "1a",
                                    std::string(36, 'a')});
}

TEST(Syntax, MediaType) {
  expect_fine(fault_in_media_type,
              {"text/html", "text/*", "application/*", "application/vnd.api+json", "text/x-*"});
  expect_faulty(fault_in_media_type, {"", "*", "*/*", "text", "text/", "/html", "text/html;q=1", "text/**",
                                      "te*/html", "text /html", "text/html/x"});
}

TEST(Syntax, FieldValue) {
  expect_fine(fault_in_field_value, {"", "public, max-age=60", "a\tb"});
  expect_faulty(fault_in_field_value,
                {"a\r\nSet-Cookie: x", "a\n", " a", "a ", std::string("a\0b", 3), "\u00e4"});
}

TEST(Syntax, TokenIsNeverQuoted) {
  expect_fine(fault_in_token, {"", "s3cret-._~+/="});
  EXPECT_EQ(fault_in_token("my secret"), "the token holds characters other than visible ASCII");
}

}  // namespace
}  // namespace forebay::config
