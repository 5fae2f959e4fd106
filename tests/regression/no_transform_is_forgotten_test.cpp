// RFC 9110 §7.7: where clients are told another Cache-Control than the upstream's, its no-transform was
// forgotten once the response was stored, and another coding made from it.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(NoTransformIsForgotten, NotByWhatIsStored) {
  Scenario s([](config::Config& config) {
    config.proxy.routes[0].cache.encodings = {http::Coding::br, http::Coding::gzip};
    config.proxy.routes[0].cache.client_cache_control = "public, max-age=60";
  });
  s.origin.on("/a", with(std::string(2000, 'a'), {{"Cache-Control", "max-age=60, no-transform"},
                                                  {"Vary", "Accept-Encoding"},
                                                  {"Content-Type", "text/html"},
                                                  {"ETag", "\"1\""}}));
  for (const std::string coding : {"gzip", "br"}) {
    const auto response = s.client.get("/a", {{"Accept-Encoding", coding}});
    EXPECT_EQ(response.field("Content-Encoding"), "") << coding;
    EXPECT_EQ(response.field("ETag"), "\"1\"") << coding;
  }
}

}  // namespace
}  // namespace forebay::test
