#include "config/defaults.hpp"

#include <gtest/gtest.h>

namespace forebay::config {
namespace {

TEST(Defaults, ListenIsAddedWhenLeftOut) {
  Config config = initial_config();
  fill_in(config);
  ASSERT_EQ(config.listen.size(), 1U);
  EXPECT_EQ(config.listen[0].address, "0.0.0.0:8080");
  EXPECT_EQ(config.admin.address, "127.0.0.1:9180");
  EXPECT_TRUE(config.proxy.routes.empty());
}

TEST(Defaults, TheOnlyUpstreamGetsARoute) {
  Config config = initial_config();
  config.upstreams = {{.name = "one"}};
  fill_in(config);
  ASSERT_EQ(config.proxy.routes.size(), 1U);
  EXPECT_EQ(config.proxy.routes[0], (proxy::RouteSettings{.upstream = "one"}));
}

TEST(Defaults, SeveralUpstreamsGetNone) {
  Config config = initial_config();
  config.upstreams = {{.name = "one"}, {.name = "two"}};
  fill_in(config);
  EXPECT_TRUE(config.proxy.routes.empty());
}

TEST(Defaults, WhatIsGivenStays) {
  Config config = initial_config();
  config.listen = {{.address = "[::]:80"}};
  config.upstreams = {{.name = "one"}};
  config.proxy.routes = {{.paths = {"/a"}, .upstream = "one"}};
  const Config before = config;
  fill_in(config);
  EXPECT_EQ(config, before);
}

}  // namespace
}  // namespace forebay::config
