#include "forebay/admin/admin_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>
#include <vector>

#include "raw_client.hpp"

namespace forebay::admin {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::RawClient;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kGetLivez = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

class AdminServerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/admin_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }

  void TearDown() override {
    server_.reset();
    join();
    fs::remove_all(folder_);
  }

  Result<std::unique_ptr<AdminServer>> try_start(const std::string& address) {
    return AdminServer::start(context_, {.address = address}, sources_, log_, limits_);
  }

  void start(const std::string& address = "127.0.0.1:0") {
    auto started = try_start(address);
    ASSERT_TRUE(started.has_value()) << describe(started.error());
    server_ = std::move(*started);
    thread_ = std::thread([this] { context_.run(); });
  }

  /// Waits for the context's thread, which ends once the server has stopped.
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  fs::path folder_;
  observe::Log log_{{.level = observe::Level::error}};
  std::atomic<int> asked_{0};
  AdminSources sources_{.metrics =
                            [this] {
                              ++asked_;
                              return std::string("forebay_hits 1\n");
                            },
                        .readiness =
                            [] {
                              return std::vector<Readiness>{{"listeners", true, ""}};
                            }};
  AdminLimits limits_;
  boost::asio::io_context context_;
  std::unique_ptr<AdminServer> server_;
  std::thread thread_;
};

TEST_F(AdminServerTest, ServesItsEndpoints) {
  start();
  EXPECT_NE(server_->port(), 0);
  RawClient client(server_->port());
  for (const auto& [target, body] : {std::pair{"/metrics", "\r\n\r\nforebay_hits 1\n"},
                                     {"/livez", "\r\n\r\nok\n"},
                                     {"/readyz", "\r\n\r\nlisteners: ready\n"}}) {
    client.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto text = client.read_response();
    EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(text, EndsWith(body));
  }
}

TEST_F(AdminServerTest, RefusesOtherMethodsWithAllow) {
  start();
  RawClient client(server_->port());
  client.send("DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto text = client.read_response();
  EXPECT_THAT(text, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nAllow: GET, HEAD\r\n"));
  EXPECT_EQ(asked_, 0);
}

TEST_F(AdminServerTest, GoesOnAfterMalformedRequests) {
  start();
  for (int i = 0; i < 5; ++i) {
    RawClient client(server_->port());
    client.send("nonsense\r\n\r\n");
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  }
  RawClient client(server_->port());
  client.send(kGetLivez);
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AdminServerTest, ListensOnIpv6) {
  auto started = try_start("[::1]:0");
  if (!started && started.error().detail.find("Address family") != std::string::npos)
    GTEST_SKIP() << "no IPv6";
  ASSERT_TRUE(started.has_value()) << describe(started.error());
  EXPECT_NE((*started)->port(), 0);
}

// ---- Starting -------------------------------------------------------------------------------------------

TEST_F(AdminServerTest, NamesAnAddressThatIsTaken) {
  start();
  const auto address = "127.0.0.1:" + std::to_string(server_->port());
  const auto second = try_start(address);
  ASSERT_TRUE(second.has_error());
  EXPECT_EQ(second.error().kind, ErrorKind::system_failure);
  EXPECT_THAT(second.error().detail, HasSubstr(address + ": Address already in use"));
}

TEST_F(AdminServerTest, NamesAnAddressThatIsNone) {
  const auto started = try_start("nowhere");
  ASSERT_TRUE(started.has_error());
  EXPECT_EQ(started.error().kind, ErrorKind::invalid_value);
  EXPECT_THAT(started.error().detail, HasSubstr("\"nowhere\""));
}

TEST_F(AdminServerTest, ListensOnAUnixSocketForOwnerAndGroup) {
  const auto path = (folder_ / "admin.sock").string();
  start("unix:" + path);
  EXPECT_EQ(server_->port(), 0);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0660U);
  RawClient client(path);
  client.send(kGetLivez);
  EXPECT_THAT(client.read_response(), EndsWith("\r\n\r\nok\n"));
  server_->stop();
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(AdminServerTest, ReplacesAUnixSocketThatNobodyListensOn) {
  const auto path = (folder_ / "admin.sock").string();
  {
    boost::asio::io_context other;
    boost::asio::local::stream_protocol::acceptor dead(other,
                                                       boost::asio::local::stream_protocol::endpoint(path));
  }
  ASSERT_TRUE(fs::exists(path));
  start("unix:" + path);
  EXPECT_TRUE(RawClient(path).connected());
}

TEST_F(AdminServerTest, LeavesAUnixSocketThatIsInUse) {
  const auto path = (folder_ / "admin.sock").string();
  start("unix:" + path);
  const auto second = try_start("unix:" + path);
  ASSERT_TRUE(second.has_error());
  EXPECT_THAT(second.error().detail, HasSubstr(path + ": Address already in use"));
  EXPECT_TRUE(RawClient(path).connected());
}

TEST_F(AdminServerTest, LeavesAFileThatIsNoSocket) {
  const auto path = folder_ / "precious";
  std::ofstream(path) << "data";
  EXPECT_TRUE(try_start("unix:" + path.string()).has_error());
  EXPECT_EQ(fs::file_size(path), 4U);
}

// ---- Limits ---------------------------------------------------------------------------------------------

TEST_F(AdminServerTest, ClosesConnectionsAboveTheLimit) {
  limits_.connections = 2;
  start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back(server_->port()).send(kGetLivez);
    EXPECT_THAT(clients.back().read_response(), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
  RawClient extra(server_->port());
  EXPECT_EQ(extra.read_all(), "");
  EXPECT_TRUE(extra.closed());
  clients.front().send(kGetLivez);
  EXPECT_THAT(clients.front().read_response(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AdminServerTest, AClientThatLeavesMakesRoom) {
  limits_.connections = 1;
  start();
  {
    RawClient first(server_->port());
    first.send(kGetLivez);
    EXPECT_THAT(first.read_response(), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
  std::string text;
  for (int tries = 0; text.empty() && tries < 10'000;
       ++tries) {  // until the server has seen the first one leave
    RawClient second(server_->port());
    second.send(kGetLivez);
    text = second.read_response();
  }
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AdminServerTest, ASlowClientHoldsNobodyUp) {
  limits_.deadline = 100ms;
  limits_.connections = 1;
  start();
  RawClient slow(server_->port());
  slow.send("GET /livez HT");
  EXPECT_EQ(slow.read_all(), "");
  EXPECT_TRUE(slow.closed());
}

// ---- Stopping -------------------------------------------------------------------------------------------

TEST_F(AdminServerTest, StopClosesListenerAndConnections) {
  start();
  RawClient idle(server_->port());
  idle.send(kGetLivez);
  EXPECT_THAT(idle.read_response(), StartsWith("HTTP/1.1 200 OK\r\n"));
  server_->stop();
  join();  // nothing is left to run
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_TRUE(idle.closed());
  EXPECT_FALSE(RawClient(server_->port()).connected());
  server_->stop();  // again does nothing
}

TEST_F(AdminServerTest, StopWaitsForTheSourceThatIsBeingAsked) {
  std::promise<void> entered;
  std::atomic<bool> left{false};
  sources_.metrics = [&] {
    entered.set_value();
    std::this_thread::sleep_for(20ms);  // time for stop() to come too early, if it would
    left = true;
    return std::string();
  };
  start();
  RawClient client(server_->port());
  client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  entered.get_future().wait();
  server_->stop();
  EXPECT_TRUE(left);
}

TEST_F(AdminServerTest, AsksNoSourceAfterStop) {
  start();
  RawClient client(server_->port());
  server_->stop();
  client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_all();
  EXPECT_EQ(asked_, 0);
}

TEST_F(AdminServerTest, CanStopBeforeItsContextEverRuns) {
  auto started = try_start("127.0.0.1:0");
  ASSERT_TRUE(started.has_value());
  started->reset();
}

TEST_F(AdminServerTest, CanOutliveTheRunOfItsContext) {
  start();
  RawClient client(server_->port());
  client.send(kGetLivez);
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200 OK\r\n"));
  context_.stop();
  join();
}

}  // namespace
}  // namespace forebay::admin
