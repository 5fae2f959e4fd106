// A page under the name of a file was stored and given to everybody, in spite of its Content-Type, when the
// request asked for a range from the middle: such requests pass, and what passes by was stored unchecked.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

class RangeStoresAPageAsAFile : public testing::TestWithParam<bool> {};

TEST_P(RangeStoresAPageAsAFile, NeitherAPartNorTheWhole) {
  Scenario s([](config::Config& config) { config.proxy.routes[0].paths = {"/**/*.css", "/**"}; });
  s.origin.on("*", [](const OriginRequest& request) {
    const auto body = "account of " + request.field("Cookie");
    auto response = fresh(body, {{"Content-Type", "text/html"}, {"ETag", "\"1\""}});
    if (GetParam() || request.field("Range").empty()) return response;
    response.status = 206;
    response.body = body.substr(3);
    const auto size = std::to_string(body.size());
    response.fields.emplace_back("Content-Range", "bytes 3-" + std::to_string(body.size() - 1) + "/" + size);
    return response;
  });
  s.client.get("/account/x.css", {{"Cookie", "victim"}, {"Range", "bytes=3-"}});
  for (const FieldLines& fields : {FieldLines{}, FieldLines{{"Range", "bytes=3-"}}}) {
    const auto attacker = s.client.get("/account/x.css", fields);
    EXPECT_FALSE(attacker.is_hit());
    EXPECT_EQ(attacker.body.find("victim"), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(Origins, RangeStoresAPageAsAFile, testing::Bool(), [](const auto& row) {
  return std::string(row.param ? "WithoutRanges" : "WithRanges");
});

}  // namespace
}  // namespace forebay::test
