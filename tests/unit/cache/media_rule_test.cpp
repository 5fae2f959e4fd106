#include "forebay/cache/media_rule.hpp"

#include <gtest/gtest.h>

#include "heads.hpp"

namespace forebay::cache {
namespace {

TEST(MediaRule, GoesByTheExtensionAtThePatternsEnd) {
  for (const auto* pattern : {"/**/*.css", "/**.css", "/static/*.css", "/*/theme.css", "/**/*.min.CSS"}) {
    const auto* rule = media_rule(pattern);
    ASSERT_NE(rule, nullptr) << pattern;
    EXPECT_EQ(rule->extension, "css") << pattern;
  }
}

TEST(MediaRule, OtherPatternsPromiseNothing) {
  for (const auto* pattern : {"/**", "/static/**", "/", "", "/*.css/**", "/**/*.*", "/**/*.", "/api/v1.2/*",
                              "/*/v1.2", "/**/*.c?s", "/**/*.averylongextension"})
    EXPECT_EQ(media_rule(pattern), nullptr) << pattern;
  for (const auto* exact : {"/account/x.css", "/robots.txt"}) EXPECT_EQ(media_rule(exact), nullptr) << exact;
  for (const auto* page : {"/**/*.html", "/**/*.php", "/**.ASPX"})
    EXPECT_EQ(media_rule(page), nullptr) << page;
}

bool is_stored(std::string_view pattern, std::string_view content_type, int status = 200) {
  return agrees(*media_rule(pattern), response(status, {{"Content-Type", content_type}}));
}

TEST(MediaRule, ContentTypesThatAgree) {
  struct Row {
    std::string_view pattern, type;
  };
  for (const auto& row : {
           Row{"/**.css", "text/css"},
           Row{"/**.css", "Text/CSS ; charset=utf-8"},
           Row{"/**.js", "application/javascript"},
           Row{"/**.mjs", "text/javascript;charset=utf-8"},
           Row{"/**.json", "application/problem+json"},
           Row{"/**.map", "application/json"},
           Row{"/**.png", "image/webp"},
           Row{"/**.svg", "image/svg+xml"},
           Row{"/**.ico", "image/x-icon"},
           Row{"/**.woff2", "font/woff2"},
           Row{"/**.ttf", "application/x-font-ttf"},
           Row{"/**.mp4", "video/mp4"},
           Row{"/**.mp3", "audio/mpeg"},
           Row{"/**.xml", "application/rss+xml"},
           Row{"/**.zip", "application/x-zip-compressed"},
           Row{"/**.css", "application/octet-stream"},
           Row{"/**.css", ""},
           Row{"/**.unheardof", "application/anything"},
       })
    EXPECT_TRUE(is_stored(row.pattern, row.type)) << row.pattern << ' ' << row.type;
  EXPECT_TRUE(agrees(*media_rule("/**.css"), response(200, {})));
}

TEST(MediaRule, ContentTypesThatDoNot) {
  struct Row {
    std::string_view pattern, type;
  };
  for (const auto& row : {
           Row{"/**.css", "text/html"},
           Row{"/**.css", "TEXT/HTML; charset=utf-8"},
           Row{"/**.css", "application/json"},
           Row{"/**.css", "text/css2"},
           Row{"/**.css", "text/css, text/html"},
           Row{"/**.css", "nonsense"},
           Row{"/**.js", "text/html"},
           Row{"/**.json", "text/html"},
           Row{"/**.json", "json"},
           Row{"/**.xml", "application/xhtml+xml"},
           Row{"/**.png", "application/json"},
           Row{"/**.png", "image"},
           Row{"/**.txt", "text/html"},
           Row{"/**.unheardof", "text/html"},
           Row{"/**.unheardof", "application/xhtml+xml;a=b"},
           Row{"/**.unheardof", "text/plain, text/html"},
       })
    EXPECT_FALSE(is_stored(row.pattern, row.type)) << row.pattern << ' ' << row.type;
}

TEST(MediaRule, EveryLineHasToAgree) {
  const auto head = response(200, {{"Content-Type", "text/css"}, {"Content-Type", "text/html"}});
  EXPECT_FALSE(agrees(*media_rule("/**.css"), head));
}

TEST(MediaRule, ErrorPagesAreJudgedButRedirectionsAreNot) {
  EXPECT_FALSE(is_stored("/**.css", "text/html", 404));
  EXPECT_TRUE(is_stored("/**.css", "text/html", 301));
  EXPECT_TRUE(is_stored("/**.css", "text/html", 204));
}

}  // namespace
}  // namespace forebay::cache
