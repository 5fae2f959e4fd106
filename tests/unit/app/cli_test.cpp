#include "cli.hpp"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace forebay::app {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct CliTest : ::testing::Test {
  void SetUp() override {
    for (const auto* name : {"FOREBAY_UPSTREAM", "FOREBAY_LISTEN", "FOREBAY_ADMIN"}) ::unsetenv(name);
  }
  /// The exit status; what was printed is in `out` and `error`.
  int call(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "forebay");
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int status = run_command_line(static_cast<int>(arguments.size()), arguments.data());
    std::fflush(stdout);
    out = ::testing::internal::GetCapturedStdout();
    error = ::testing::internal::GetCapturedStderr();
    return status;
  }
  std::string file(const std::string& text) {
    const auto path = ::testing::TempDir() + "forebay_cli_" + std::to_string(::getpid()) + ".yaml";
    std::ofstream(path) << text;
    return path;
  }

  std::string out;
  std::string error;
};

TEST_F(CliTest, HelpAndVersionSucceed) {
  EXPECT_EQ(call({"--help"}), 0);
  for (const auto* command : {"run", "check", "explain", "demo", "version", "healthcheck"})
    EXPECT_THAT(out, HasSubstr(command));
  EXPECT_EQ(call({"run", "--help"}), 0);
  EXPECT_THAT(out, HasSubstr("FOREBAY_UPSTREAM"));
  EXPECT_EQ(call({"version"}), 0);
  EXPECT_THAT(out, HasSubstr("forebay "));
}

TEST_F(CliTest, WrongUseExitsWith2) {
  for (const auto& wrong : std::vector<std::vector<const char*>>{
           {}, {"fly"}, {"run", "--fly"}, {"check"}, {"run", "-c"}, {"version", "extra"}}) {
    EXPECT_EQ(call(wrong), 2);
    EXPECT_FALSE(error.empty());
  }
}

TEST_F(CliTest, RunNeedsAFileOrAnUpstream) {
  EXPECT_EQ(call({"run"}), 2);
  EXPECT_THAT(error, HasSubstr("`-c FILE`"));
  EXPECT_THAT(error, HasSubstr("`--upstream URL`"));
  EXPECT_EQ(call({"run", "-c", "x.yaml", "--upstream", "http://127.0.0.1:1"}), 2);
  EXPECT_THAT(error, HasSubstr("stand in the file"));
}

TEST_F(CliTest, RunRefusesABadUpstream) {
  EXPECT_EQ(call({"run", "--upstream", "127.0.0.1:1"}), 1);
  EXPECT_FALSE(error.empty());
}

TEST_F(CliTest, CheckCountsWhatIsInTheFile) {
  const auto path =
      file("upstreams:\n  app:\n    servers: [\"http://127.0.0.1:3000\"]\nroutes:\n  - upstream: app\n");
  EXPECT_EQ(call({"check", "-c", path.c_str()}), 0) << error;
  EXPECT_THAT(out, HasSubstr(path + ": ok (1 upstreams, 1 routes"));
  EXPECT_THAT(error, IsEmpty());
}

TEST_F(CliTest, CheckPrintsWhatIsWrongAndWhere) {
  const auto path = file("listen:\n  - address: 127.0.0.1:0\nworkrs: 2\n");
  EXPECT_EQ(call({"check", "-c", path.c_str()}), 1);
  EXPECT_THAT(error, HasSubstr(path + ":3:"));
  EXPECT_THAT(error, HasSubstr("workers"));
  EXPECT_THAT(out, IsEmpty());
  EXPECT_EQ(call({"check", "-c", "/does/not/exist.yaml"}), 1);
  EXPECT_THAT(error, HasSubstr("/does/not/exist.yaml"));
}

TEST_F(CliTest, CheckFindsWhatTheStartWouldRefuse) {
  const auto path = file(
      "upstreams: { app: { servers: [\"http://127.0.0.1:3000\"] } }\n"
      "routes: [ { upstream: app, cache: { partition: { header: Host } } } ]\n");
  EXPECT_EQ(call({"check", "-c", path.c_str()}), 1);
  EXPECT_THAT(error, HasSubstr("Host"));
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(CliTest, CheckWarnsOfWhatIsSurelyNotMeant) {
  const auto path = file(
      "upstreams: { app: { servers: [\"http://127.0.0.1:3000\"] } }\n"
      "routes:\n"
      "  - upstream: app\n"
      "  - { upstream: app, match: { paths: [/a] } }\n");
  EXPECT_EQ(call({"check", "-c", path.c_str()}), 0);
  EXPECT_THAT(out, HasSubstr(": ok ("));
  EXPECT_THAT(error, HasSubstr(path + ":4:5: warning: routes[1]: it never matches"));
  EXPECT_EQ(call({"check", "--strict", "-c", path.c_str()}), 1);
  EXPECT_THAT(error, HasSubstr("warning: routes[1]"));
  EXPECT_THAT(out, IsEmpty());
  const auto fine = file("upstreams: { app: { servers: [\"http://127.0.0.1:3000\"] } }\n");
  EXPECT_EQ(call({"check", "--strict", "-c", fine.c_str()}), 0) << error;
}

TEST_F(CliTest, HealthCheckFailsWhenNobodyAnswers) {
  EXPECT_EQ(call({"healthcheck", "--admin", "127.0.0.1:1"}), 1);
  EXPECT_THAT(error, HasSubstr("127.0.0.1:1 does not answer"));
}

TEST_F(CliTest, ExplainsARequestAndItsResponse) {
  const auto config = file("upstreams: { app: { servers: [\"http://127.0.0.1:1\"] } }");
  const auto response = ::testing::TempDir() + "forebay_cli_head_" + std::to_string(::getpid());
  std::ofstream(response) << "HTTP/1.1 404 Not Found\nCache-Control: max-age=60\n\nnot read";
  EXPECT_EQ(
      call({"explain", "-c", config.c_str(), "GET", "http://example.org/a", "--response", response.c_str()}),
      0);
  EXPECT_THAT(out, HasSubstr("storing.verdict                   stored"));
  EXPECT_THAT(out, HasSubstr("freshness.lifetime                60"));
  std::ofstream(response) << "HTTP/1.1 100 Continue\r\n\r\nHTTP/2 200 \r\ncache-control: max-age=7\r\n\r\n";
  EXPECT_EQ(call({"explain", "-c", config.c_str(), "GET", "http://a/", "--response", response.c_str()}), 0);
  EXPECT_THAT(out, HasSubstr("freshness.lifetime                7"));
  EXPECT_EQ(call({"explain", "-c", config.c_str(), "--json", "GET", "http://example.org/a", "-H",
                  "Range: bytes=0-1"}),
            0);
  EXPECT_EQ(out.front(), '{');
  EXPECT_THAT(error, IsEmpty());
}

TEST_F(CliTest, SaysWhatCannotBeExplained) {
  const auto config = file("upstreams: { app: { servers: [\"http://127.0.0.1:1\"] } }");
  const auto complaint = [&](std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"explain", "-c", config.c_str()});
    EXPECT_EQ(call(arguments), 2);
    return error;
  };
  EXPECT_THAT(complaint({"GET", "example.org"}), HasSubstr("expected a URL"));
  EXPECT_THAT(complaint({"GET", "http://a/", "-H", "a b: c"}), HasSubstr("the request is not valid"));
  EXPECT_THAT(complaint({"GET", "http://a/", "-H", ""}), HasSubstr("expected one field"));
  EXPECT_THAT(complaint({"GET", "http://a/", "-H", "A: b\r\nC: d"}), HasSubstr("expected one field"));
  EXPECT_EQ(call({"explain", "-c", config.c_str(), "GET", "http://a/", "--response", "/nowhere"}), 1);
  EXPECT_THAT(error, HasSubstr("cannot read /nowhere"));
  EXPECT_THAT(complaint({"GET", "http://a/", "--after", "soon"}), HasSubstr("expected a duration"));
}

}  // namespace
}  // namespace forebay::app
