#include "forebay/cache/purge.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "forebay/cache/tags.hpp"

namespace forebay::cache {
namespace {

TEST(Place, IsWhatTheKeySays) {
  struct Row {
    std::string_view key, host, port, path;
  };
  const Row rows[] = {
      {"http://a:80/", "a", "80", "/"},
      {"https://a:8443/b/c?d=/e:1", "a", "8443", "/b/c"},
      {"http://[::1]:80/x", "[::1]", "80", "/x"},
      {"http://a:80/b#partition=0", "a", "80", "/b"},
      {"http://a:80/b\n\n\n\"/c?\"\n1", "a", "80", "/b"},
      {"http://a:80/http://b:81/c", "a", "80", "/http://b:81/c"},
      {"http://a:80*", "a", "80*", ""},  // OPTIONS alone has such a target
      {"", "", "", ""},
      {"a", "a", "", ""},
  };
  for (const auto& row : rows) {
    const auto place = place_of(row.key);
    EXPECT_EQ(place.host, row.host) << row.key;
    EXPECT_EQ(place.port, row.port) << row.key;
    EXPECT_EQ(place.path, row.path) << row.key;
  }
}

TEST(UrlScope, Contains) {
  struct Row {
    PurgeKind kind;
    std::string_view text, key;
    bool contains;
  };
  const Row rows[] = {
      {PurgeKind::prefix, "/a", "http://h:80/a", true},
      {PurgeKind::prefix, "/a", "http://h:80/abc/d?e", true},
      {PurgeKind::prefix, "/a", "http://h:80/b/a", false},
      {PurgeKind::prefix, "/A", "http://h:80/a", false},
      {PurgeKind::prefix, "//h/a", "http://h:80/a", true},
      {PurgeKind::prefix, "//H/a", "http://h:80/a", true},
      {PurgeKind::prefix, "//h/a", "http://g:80/a", false},
      {PurgeKind::prefix, "//h:80/a", "http://h:80/a", true},
      {PurgeKind::prefix, "//h:81/a", "http://h:80/a", false},
      {PurgeKind::prefix, "https://h/a", "http://h:80/a", true},
      {PurgeKind::prefix, "HTTP://h/a", "https://h:443/a", true},
      {PurgeKind::prefix, "//*.h/a", "http://www.h:80/a", true},
      {PurgeKind::prefix, "//*.h/a", "http://h:80/a", false},
      {PurgeKind::prefix, "//*/a", "http://h:80/a", true},
      {PurgeKind::prefix, "/", "http://h:80/", true},
      {PurgeKind::prefix, "//[::1]/a", "http://[::1]:80/a", true},
      {PurgeKind::pattern, "/a/*", "http://h:80/a/b", true},
      {PurgeKind::pattern, "/a/*", "http://h:80/a/b?c/d", true},
      {PurgeKind::pattern, "/a/*", "http://h:80/a/b/c", false},
      {PurgeKind::pattern, "/a/**", "http://h:80/a/b/c", true},
      {PurgeKind::pattern, "/a", "http://h:80/a", true},
      {PurgeKind::pattern, "/a", "http://h:80/ab", false},
      {PurgeKind::pattern, "/a?", "http://h:80/ab", true},
      {PurgeKind::pattern, "//h/**.css", "http://h:80/x/a.css", true},
      {PurgeKind::pattern, "//h/**.css", "http://g:80/x/a.css", false},
      {PurgeKind::pattern, "/**", "http://h:80/a#partition=0", true},
      {PurgeKind::host, "h", "http://h:80/a", true},
      {PurgeKind::host, "h", "http://h:8080/a", true},
      {PurgeKind::host, "h:8080", "http://h:80/a", false},
      {PurgeKind::host, "h", "http://www.h:80/a", false},
      {PurgeKind::host, "*.h", "http://www.h:80/a", true},
      {PurgeKind::host, "[::1]", "http://[::1]:80/a", true},
  };
  for (const auto& row : rows) {
    const auto scope = UrlScope::parse(row.kind, row.text);
    ASSERT_TRUE(scope) << row.text;
    EXPECT_EQ(scope->contains(place_of(row.key)), row.contains) << row.text << " " << row.key;
    EXPECT_EQ(scope->text(), row.text);
  }
}

TEST(UrlScope, RefusesWhatNamesNothing) {
  const std::string long_text = "/" + std::string(UrlScope::kMaxBytes, 'a');
  const std::pair<PurgeKind, std::string_view> rows[] = {
      {PurgeKind::prefix, ""},
      {PurgeKind::prefix, "a"},
      {PurgeKind::prefix, "*"},
      {PurgeKind::prefix, "h/a"},
      {PurgeKind::prefix, "/a*"},
      {PurgeKind::prefix, "/a/**"},
      {PurgeKind::prefix, "/a?b"},
      {PurgeKind::prefix, "/a#b"},
      {PurgeKind::prefix, "/a b"},
      {PurgeKind::prefix, " /a"},
      {PurgeKind::prefix, "/a\n"},
      {PurgeKind::prefix, "//"},
      {PurgeKind::prefix, "///a"},
      {PurgeKind::prefix, "//h"},
      {PurgeKind::prefix, "https://h"},
      {PurgeKind::prefix, "ftp://h/a"},
      {PurgeKind::prefix, "http:/a"},
      {PurgeKind::prefix, "http:///a"},
      {PurgeKind::prefix, "//h:0/a"},
      {PurgeKind::prefix, "//h:65536/a"},
      {PurgeKind::prefix, "//h:x/a"},
      {PurgeKind::prefix, "//u@h/a"},
      {PurgeKind::prefix, "//h*/a"},
      {PurgeKind::prefix, long_text},
      {PurgeKind::pattern, ""},
      {PurgeKind::pattern, "**"},
      {PurgeKind::pattern, "*.css"},
      {PurgeKind::pattern, "//h"},
      {PurgeKind::pattern, "/a\t*"},
      {PurgeKind::pattern, "//a*b/x"},
      {PurgeKind::pattern, long_text},
      {PurgeKind::pattern, "/**#"},
      {PurgeKind::host, ""},
      {PurgeKind::host, "//h"},
      {PurgeKind::host, "h/"},
      {PurgeKind::host, "http://h"},
      {PurgeKind::host, "h i"},
      {PurgeKind::host, "*.*"},
      {PurgeKind::host, "h:99999"},
      {PurgeKind::host, "u@h"},
      {PurgeKind::host, "*."},
      {PurgeKind::host, "h?"},
  };
  for (const auto& [kind, text] : rows) {
    const auto scope = UrlScope::parse(kind, text);
    ASSERT_FALSE(scope) << name(kind) << " " << text;
    EXPECT_EQ(scope.error().kind, ErrorKind::invalid_value);
    EXPECT_FALSE(scope.error().detail.empty());
    EXPECT_LT(scope.error().detail.size(), 400u);
  }
}

TEST(Purge, OfATag) {
  EXPECT_EQ(Purge::parse(PurgeKind::tag, "user:7")->digest, tag_digest("user:7"));
  EXPECT_TRUE(Purge::parse(PurgeKind::tag, "two words"));
  const std::string long_tag(1025, 'a');
  for (const std::string_view text :
       {std::string_view(), std::string_view(long_tag), std::string_view("a\nb"), std::string_view(" a"),
        std::string_view("a "), std::string_view("\0", 1), std::string_view("a\x7f")})
    EXPECT_FALSE(Purge::parse(PurgeKind::tag, text)) << text;
}

TEST(Purge, KeysAndUrlsAreNoTexts) {
  EXPECT_FALSE(Purge::parse(PurgeKind::key, "http://h:80/"));
  EXPECT_FALSE(Purge::parse(PurgeKind::url, "http://h/"));
  EXPECT_TRUE(Purge::parse(PurgeKind::everything, ""));
}

TEST(Purge, AUrlAndItsPathUnderRulesAreTwoNames) {
  const auto [plain, ruled] = url_digests("http://h:80/a");
  EXPECT_NE(plain, ruled);
  EXPECT_EQ(url_digest("https://h:80/a"), plain);
  EXPECT_EQ(url_digest("http://h:80/a?b#search=" + std::string(32, '0')), ruled);
  EXPECT_NE(url_digest("http://h:80/b#search=" + std::string(32, '0')), ruled);
}

TEST(Purged, TheStrongerCountsAndOfEqualOnesTheFirst) {
  const auto at = [](int n) { return WallTime{std::chrono::seconds{n}}; };
  Purged purged;
  EXPECT_FALSE(purged);
  purged.add({});
  EXPECT_FALSE(purged);
  purged.add({PurgeMode::soft, at(5)});
  purged.add({PurgeMode::soft, at(7)});
  purged.add({PurgeMode::refresh, at(1)});
  EXPECT_EQ(purged, (Purged{PurgeMode::soft, at(5)}));
  purged.add({PurgeMode::hard, at(9)});
  EXPECT_TRUE(purged.is_hard());
}

}  // namespace
}  // namespace forebay::cache
