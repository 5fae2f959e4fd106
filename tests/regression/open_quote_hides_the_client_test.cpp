// A Forwarded with an open quote, which a trusted proxy had taken over from its client, was extended as it
// was: our own element became text within the client's, and the upstream took the client for whom it liked.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(OpenQuoteHidesTheClient, WhatCannotBeExtendedIsReplaced) {
  Scenario s([](config::Config& config) { config.proxy.trusted_proxies = {"127.0.0.1"}; });
  s.origin.on("/a", with("hello", {}));
  const auto told = [&](const FieldLines& fields) {
    s.client.get("/a", fields);
    return s.origin.last().field("Forwarded");
  };
  const std::string own = "for=127.0.0.1;host=example.org;proto=http";
  EXPECT_EQ(told({{"Forwarded", "for=\"192.0.2.7"}}), own);
  EXPECT_EQ(told({{"Forwarded", "for=192.0.2.7, for=\"\\\""}}), own);
  EXPECT_EQ(told({{"Forwarded", "for=\"x"}, {"X-Forwarded-For", "192.0.2.7"}}), "for=192.0.2.7, " + own);
  EXPECT_EQ(told({{"Forwarded", "for=\"192.0.2.7\""}}), "for=\"192.0.2.7\", " + own);
}

}  // namespace
}  // namespace forebay::test
