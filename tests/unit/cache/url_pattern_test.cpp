#include "forebay/cache/url_pattern.hpp"

#include <gtest/gtest.h>

namespace forebay::cache {
namespace {

struct Row {
  std::string_view pattern;
  std::string_view text;
  bool matches;
};

TEST(HostPattern, Matches) {
  const Row rows[] = {
      {"*", "a", true},
      {"*", "", true},
      {"example.com", "example.com", true},
      {"example.com", "EXAMPLE.com", true},
      {"Example.Com", "example.com", true},
      {"example.com", "example.com.", false},
      {"example.com", "www.example.com", false},
      {"example.com", "notexample.com", false},
      {"*.example.com", "www.example.com", true},
      {"*.example.com", "a.b.EXAMPLE.com", true},
      {"*.example.com", "example.com", false},
      {"*.example.com", ".example.com", false},
      {"*.example.com", "notexample.com", false},
      {"[::1]", "[::1]", true},
      {"127.0.0.1", "127.0.0.1", true},
  };
  for (const auto& row : rows) {
    const auto pattern = HostPattern::compile(row.pattern);
    ASSERT_TRUE(pattern) << row.pattern;
    EXPECT_EQ(pattern->matches(row.text), row.matches) << row.pattern << " " << row.text;
  }
}

TEST(HostPattern, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"",     "*.", "a*", "*a",   "a.*",      "**",   "*.*.a", "a/b",   "a b",  " ",   " a",
        "a ",   "/",  "/a", "a/",   "*.a/b",    "*. a", "*.a b", "*.*",   "*.a*", "a*b", "a**",
        "**.a", "* ", " *", "*.a ", "http://a", "//a",  "a.*.b", "*.a.*", "[*]",  "*/*", "a /b"}) {
    const auto pattern = HostPattern::compile(text);
    ASSERT_FALSE(pattern) << text;
    EXPECT_EQ(pattern.error().kind, ErrorKind::invalid_value);
  }
}

TEST(PathGlob, Matches) {
  const Row rows[] = {
      {"/**", "/", true},
      {"/**", "*", true},  // OPTIONS *
      {"/", "/", true},
      {"/", "/a", false},
      {"/a", "/a", true},
      {"/a", "/A", false},
      {"/a", "/a/", false},
      {"/static/**", "/static/", true},
      {"/static/**", "/static/a/b.js", true},
      {"/static/**", "/static", false},
      {"/static/**", "/statics/a", false},
      {"/static**", "/statics/a", true},
      {"/a/*", "/a/", true},
      {"/a/*", "/a/b", true},
      {"/a/*", "/a/b/c", false},
      {"/a/*/c", "/a/b/c", true},
      {"/a/*/c", "/a//c", true},
      {"/a/*/c", "/a/b/b/c", false},
      {"/*.js", "/a.js", true},
      {"/*.js", "/a.js.js", true},
      {"/*.js", "/a.jsx", false},
      {"/*.js", "/a/b.js", false},
      {"/**/*.js", "/a/b.js", true},
      {"/**/*.js", "/a.js", true},  // segments may be none
      {"/**/*.js", "/a/js", false},
      {"/a/**/b", "/a/b", true},
      {"/a/**/b", "/a/x/y/b", true},
      {"/a/**/b", "/a/xb", false},
      {"/a/**/b", "/a/x/by", false},
      {"/a/**/b", "/ab", false},
      {"/a/**/", "/a/", true},
      {"/a/**/", "/a/b/", true},
      {"/a/**/", "/a/b", false},
      {"/a**/b", "/axb", false},
      {"/a**/b", "/ax/b", true},
      {"/**.js", "/a/b/c.js", true},
      {"/a?c", "/abc", true},
      {"/a?c", "/a/c", false},
      {"/a?c", "/ac", false},
      {"/a?", "/a", false},
      {"/**/b/**/d", "/a/b/c/d", true},
      {"/**/b/**/d", "/b/b/c/d/d", true},
      {"/**/b/**/d", "/a/c/d", false},
      {"/**a*b/**", "/xa/ab/", true},
      {"/*a*a*a", "/aaaa", true},
      {"/*a*a*a", "/aa", false},
      {"/***", "/a/b", true},
      {"/a%2Fb", "/a/b", false},
  };
  for (const auto& row : rows) {
    const auto glob = PathGlob::compile(row.pattern);
    ASSERT_TRUE(glob) << row.pattern;
    EXPECT_EQ(glob->matches(row.text), row.matches) << row.pattern << " " << row.text;
  }
}

TEST(PathGlob, StartsWithASlash) {
  for (const std::string_view text :
       {"",     "a",    "*",      "**",     " /a",  " ",    "?",    "?/a",  "*/a",           "**/a",  "a/",
        "a/b",  ".",    "./a",    "..",     "../a", "~/a",  "\\a",  "\\/a", "http://a/",     "a:/b",  "#/a",
        "\t/a", "\n/a", "\r\n/a", "\"/a\"", "'/a'", "^/a$", "(/a)", "%2fa", "\xe2\x88\x95z", "\xff/a"}) {
    const auto glob = PathGlob::compile(text);
    ASSERT_FALSE(glob) << text;
    EXPECT_EQ(glob.error().kind, ErrorKind::invalid_value);
  }
}

/// Backtracking in both wildcards at once would not end in a lifetime.
TEST(PathGlob, EndsSoonWhateverThePattern) {
  std::string stars = "/";
  for (int i = 0; i < 30; ++i) stars += i % 2 == 0 ? "*a" : "**a";
  const auto path = "/" + std::string(2000, 'a') + "b";
  EXPECT_FALSE(PathGlob::compile(stars)->matches(path));
  EXPECT_FALSE(PathGlob::compile("/**a*a*a*c")->matches(path));
}

}  // namespace
}  // namespace forebay::cache
