// An upstream that codes by Accept-Encoding and does not say so (no Vary): on a route with `encodings` what
// came through a pass, or as a slice, was stored as it came and given to clients that do not take the coding.
#include <gtest/gtest.h>

#include "support/sliceable.hpp"
#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

constexpr std::size_t kSlice = 64 * 1024;

TestDaemon::Change gzip_route(std::uint64_t slice = 0) {
  return [slice](config::Config& config) {
    config.proxy.routes[0].cache.encodings = {http::Coding::gzip};
    config.proxy.routes[0].cache.slice = slice;
  };
}

OriginResponse coded(const OriginRequest& request) {
  const bool gzips = request.field("Accept-Encoding") == "gzip";
  auto response = fresh(gzips ? "(not really gzip)" : "hello, everybody", {{"Content-Type", "text/plain"}});
  if (gzips) response.fields.emplace_back("Content-Encoding", "gzip");
  if (request.method == "POST") response.fields.emplace_back("Content-Location", request.target);
  return response;
}

void expect_plain(Scenario& s) {
  const auto response = s.client.get("/a", {{"Accept-Encoding", "identity"}});
  EXPECT_EQ(response.field("Content-Encoding"), "");
  EXPECT_EQ(response.body, "hello, everybody");
}

TEST(CodedContentIsStoredForEverybody, NotOfARangeThatPasses) {
  Scenario s(gzip_route());
  s.origin.on("/a", coded);
  s.client.get("/a", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=5-9"}});
  expect_plain(s);
}

TEST(CodedContentIsStoredForEverybody, NotOfAPost) {
  Scenario s(gzip_route());
  s.origin.on("/a", coded);
  s.client.post("/a", "", {{"Accept-Encoding", "gzip"}});
  expect_plain(s);
}

TEST(CodedContentIsStoredForEverybody, NotInSlices) {
  Scenario s(gzip_route(kSlice));
  const auto body = numbered(3 * kSlice);
  s.origin.on("/a", [&](const OriginRequest& request) {
    if (request.field("Accept-Encoding") == "gzip")
      return Sliceable{body, "\"2\"", "max-age=60", {{"Content-Encoding", "gzip"}}}(request);
    return Sliceable{body}(request);
  });
  const auto first = s.client.get("/a", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=5-9"}});
  EXPECT_EQ(first.field("Vary"), "Accept-Encoding");
  const auto other = s.client.get("/a", {{"Accept-Encoding", "identity"}, {"Range", "bytes=5-9"}});
  EXPECT_EQ(other.field("Content-Encoding"), "");
  EXPECT_TRUE(s.client.get("/a", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=5-9"}}).is_hit());
}

}  // namespace
}  // namespace forebay::test
