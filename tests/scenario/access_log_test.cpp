// One line per exchange, in the format that was asked for.
#include <gtest/gtest.h>

#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

class AccessLog : public testing::Test {
 protected:
  AccessLog()
      : path_(std::filesystem::temp_directory_path() / ("forebay-access-" + std::to_string(::getpid()))) {
    std::filesystem::remove(path_);
  }
  ~AccessLog() override { std::filesystem::remove(path_); }

  TestDaemon::Change into(observe::AccessFormat format) {
    return [this, format](config::Config& config) {
      config.log.access = format;
      config.log.access_file = path_.string();
    };
  }
  /// Waits for so many lines.
  std::vector<std::string> lines(std::size_t count) const {
    std::vector<std::string> lines;
    EXPECT_TRUE(eventually([&] {
      lines.clear();
      std::ifstream file(path_);
      for (std::string line; std::getline(file, line);) lines.push_back(line);
      return lines.size() >= count;
    }));
    lines.resize(count);
    return lines;
  }

  std::filesystem::path path_;
};

TEST_F(AccessLog, Combined) {
  Scenario s(into(observe::AccessFormat::combined));
  s.origin.on("/a", fresh("hello"));
  s.client.get("/a?x=1", {{"User-Agent", "curl/7"}, {"Referer", "http://b/"}});
  s.client.get("/a?x=1", {{"User-Agent", "curl \"7\""}});
  s.client.send("BROKEN\r\n\r\n");
  s.client.read();
  const auto written = lines(3);
  EXPECT_EQ(written[0],
            "127.0.0.1 - - [14/Nov/2023:22:13:20 +0000] \"GET /a?x=1 HTTP/1.1\" 200 5 \"http://b/\" "
            "\"curl/7\" miss 0ms "
            "- origin -");
  EXPECT_TRUE(written[1].starts_with(
      "127.0.0.1 - - [14/Nov/2023:22:13:20 +0000] \"GET /a?x=1 HTTP/1.1\" 200 5 \"-\" \"curl "))
      << written[1];
  EXPECT_TRUE(written[1].ends_with(" hit 0ms - - -")) << written[1];
  EXPECT_EQ(written[1].find("\"7\""), std::string::npos) << written[1];
  EXPECT_NE(written[2].find(" 400 "), std::string::npos) << written[2];
  EXPECT_NE(written[2].find(" refused "), std::string::npos) << written[2];
}

TEST_F(AccessLog, Json) {
  Scenario s(into(observe::AccessFormat::json));
  s.origin.on("/a", with("hello", {{"Cache-Control", "no-store"}}));
  s.client.get("/a", {{"User-Agent", "curl/7"}});
  s.client.post("/a", "x");
  s.origin.stop_listening();
  s.origin.drop_connections();
  s.client.post("/a", "x");
  const auto written = lines(3);
  const auto first = boost::json::parse(written[0]).as_object();
  EXPECT_EQ(first.at("time"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(first.at("client"), "127.0.0.1");
  EXPECT_EQ(first.at("method"), "GET");
  EXPECT_EQ(first.at("target"), "/a");
  EXPECT_EQ(first.at("host"), "example.org");
  EXPECT_EQ(first.at("protocol"), "HTTP/1.1");
  EXPECT_EQ(first.at("status"), 200);
  EXPECT_EQ(first.at("bytes"), 5);
  EXPECT_EQ(first.at("result"), "miss");
  EXPECT_EQ(first.at("detail"), "no_store");
  EXPECT_EQ(first.at("upstream"), "origin");
  EXPECT_EQ(first.at("user_agent"), "curl/7");
  EXPECT_EQ(boost::json::parse(written[1]).at("result"), "pass");
  const auto failed = boost::json::parse(written[2]);
  EXPECT_EQ(failed.at("result"), "error");
  EXPECT_EQ(failed.at("status"), 502);
}

TEST_F(AccessLog, ClientThatLeftIsLogged) {
  Scenario s(into(observe::AccessFormat::json));
  s.origin.on("/a", OriginResponse{.gate = "never"});
  s.client.request("DELETE", "/a");
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  s.client.reset();
  const auto written = lines(1);
  EXPECT_EQ(boost::json::parse(written[0]).at("status"), 499);
}

TEST_F(AccessLog, CollapsedRequestsSaySo) {
  Scenario s(into(observe::AccessFormat::combined));
  auto response = fresh("hello");
  response.gate = "go";
  s.origin.on("/a", response);
  auto follower = s.forebay.client();
  s.client.request("GET", "/a");
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  follower.request("GET", "/a");
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 1));
  s.origin.gate("go").open();
  s.client.read();
  follower.read();
  int collapsed = 0;
  for (const auto& line : lines(2)) collapsed += line.ends_with(" collapsed");
  EXPECT_EQ(collapsed, 1);
}

}  // namespace
}  // namespace forebay::test
