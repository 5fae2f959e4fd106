// A route that codes itself (`encodings`) and sets Accept-Encoding for its upstream kept all codings as one
// variant, for the upstream sees the same in every request: clients got a coding that they do not take.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(EditedAcceptEncoding, KeepsTheCodingsApart) {
  Scenario s([](config::Config& config) {
    config.proxy.routes[0].cache.encodings = {http::Coding::gzip};
    config.proxy.routes[0].request_edits.set = {{"Accept-Encoding", "identity"}};
  });
  const std::string page(2000, 'a');
  s.origin.on("/a", fresh(page, {{"Content-Type", "text/html"}}));
  EXPECT_EQ(s.client.get("/a", {{"Accept-Encoding", "gzip"}}).field("Content-Encoding"), "gzip");
  const auto plain = s.client.get("/a", {{"Accept-Encoding", "identity"}});
  EXPECT_EQ(plain.field("Content-Encoding"), "");
  EXPECT_EQ(plain.body, page);
  EXPECT_TRUE(s.client.get("/a", {{"Accept-Encoding", "gzip"}}).is_hit());
  EXPECT_EQ(s.origin.requests(), 1U);
  EXPECT_EQ(s.origin.last().field("Accept-Encoding"), "identity");
}

}  // namespace
}  // namespace forebay::test
