#include <gtest/gtest.h>

#include <string>

#include "forebay/config/schema.hpp"
#include "generated.hpp"
#include "loading.hpp"

namespace forebay::config {
namespace {

constexpr std::string_view kBegin = "<!-- reference: begin -->\n";
constexpr std::string_view kEnd = "<!-- reference: end -->\n";

/// docs/configuration.md with its reference part as it is generated now.
std::string page_up_to_date() {
  const std::string page = content_of(repository_file("docs/configuration.md"));
  const std::size_t begin = page.find(kBegin);
  const std::size_t end = page.find(kEnd);
  if (begin == page.npos || end == page.npos || end < begin) return "the markers are missing";
  return page.substr(0, begin + kBegin.size()) + "\n" + reference_page() + "\n" + page.substr(end);
}

TEST(Reference, FileIsUpToDate) { expect_up_to_date("config/forebay.yaml", reference_file()); }

TEST(Reference, PageIsUpToDate) {
  const std::string page = page_up_to_date();
  ASSERT_NE(page, "the markers are missing");
  expect_up_to_date("docs/configuration.md", page);
}

TEST(Reference, WorkedExampleLoads) {
  const std::string page = content_of(repository_file("docs/configuration.md"));
  constexpr std::string_view kFence = "```yaml\n";
  const std::size_t begin = page.find(kFence) + kFence.size();
  const Config config = config_in(page.substr(begin, page.find("```\n", begin) - begin));
  EXPECT_EQ(config.upstreams.size(), 2U);
  EXPECT_EQ(config.proxy.routes.size(), 3U);
}

TEST(Reference, FileHoldsTheDefaults) {
  EXPECT_EQ(config_in(reference_file()),
            config_in("upstreams: { app: { servers: [\"http://127.0.0.1:3000\"] } }"));
}

TEST(Reference, FileStaysValidWithEveryExample) {
  std::string text = reference_file();
  for (std::size_t at = text.find('#'); at != text.npos; at = text.find('#', at + 1)) {
    const std::string_view line = std::string_view(text).substr(at, text.find('\n', at) - at);
    // Files that are not there, and what stands instead of another option.
    const auto stays = [&](auto... begins) { return (line.starts_with(begins) || ...); };
    if (stays("# ", "#token_file", "#ca_file", "#partition_key_file")) continue;
    if (stays("#cookie:", "#claim", "#key:", "#key_file", "#issuer", "#audience")) continue;
    if (stays("#url_file", "#user:", "#password_file", "#certificate_file", "#server_name: \"redis"))
      continue;
    text.replace(at, 1, "");
  }
  const Config config = config_in(text);
  EXPECT_EQ(config.proxy.trusted_proxies.size(), 1U);
  EXPECT_EQ(config.proxy.routes.at(0).cache.default_ttl, std::chrono::minutes(10));
}

TEST(Reference, PageNamesEveryKindOfValue) {
  const std::string page = reference_page();
  EXPECT_NE(page.find("### `upstreams.<name>.timeouts`"), page.npos);
  EXPECT_NE(page.find("| `workers` | `auto` or a number from 1 to 1024 | `auto` | "), page.npos);
  EXPECT_NE(page.find("| `servers` | a list of servers | required | "), page.npos);
  EXPECT_NE(page.find("| `default_ttl` | a duration in whole seconds from 0 to 365d |  | "), page.npos);
}

}  // namespace
}  // namespace forebay::config
