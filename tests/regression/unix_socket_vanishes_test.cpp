// A Unix listener that a reload removed deleted its socket file only when its last connection ended: by then
// a later reload could have put a new one in its place, which vanished.
#include <gtest/gtest.h>
#include <unistd.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(UnixSocketVanishes, AListenerPutBackKeepsItsFile) {
  const std::string path = testing::TempDir() + "forebay-" + std::to_string(::getpid()) + ".sock";
  Scenario s([&](config::Config& config) { config.listen.push_back({.address = "unix:" + path}); });
  s.origin.on("*", fresh("hello"));
  auto old = Client::on_unix_socket(path);
  EXPECT_EQ(old.get("/a").body, "hello");
  auto without = s.forebay.config();
  without.listen.pop_back();
  ASSERT_TRUE(s.forebay->reload(without));
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
  ASSERT_TRUE(s.forebay->reload(s.forebay.config()));
  old.close();
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_connections", 1));
  EXPECT_EQ(::access(path.c_str(), F_OK), 0);
  EXPECT_EQ(Client::on_unix_socket(path).get("/a").body, "hello");
}

}  // namespace
}  // namespace forebay::test
