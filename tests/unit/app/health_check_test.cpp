#include "health_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <thread>

namespace forebay::app {
namespace {

namespace asio = boost::asio;

/// Answers one request with these bytes.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer)
      : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}),
        port_(acceptor_.local_endpoint().port()),
        thread_([this, answer = std::move(answer)] {
          boost::system::error_code ignored;
          auto socket = acceptor_.accept();
          asio::read_until(socket, asio::dynamic_buffer(request_), "\r\n\r\n", ignored);
          asio::write(socket, asio::buffer(answer), ignored);
        }) {}
  ~OneAnswer() { wait(); }

  std::string port() const { return std::to_string(port_); }
  const std::string& request() {
    wait();
    return request_;
  }

 private:
  void wait() {
    if (thread_.joinable()) thread_.join();
  }

  asio::io_context context_;
  asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::string request_;
  std::thread thread_;
};

/// The exit status; what was said is in `said`.
int check(const std::string& address, std::string* said = nullptr) {
  ::testing::internal::CaptureStderr();
  const int status = health_check(address);
  const auto text = ::testing::internal::GetCapturedStderr();
  if (said) *said = text;
  return status;
}

TEST(HealthCheck, IsGoodWhenReady) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(check("127.0.0.1:" + server.port()), 0);
  EXPECT_TRUE(server.request().starts_with("GET /readyz HTTP/1.1\r\n"));
}

TEST(HealthCheck, TakesAnyAddressForThisMachine) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(check("0.0.0.0:" + server.port()), 0);
}

TEST(HealthCheck, RepeatsWhyItIsNotReady) {
  OneAnswer server("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9\r\n\r\ndraining\n");
  std::string said;
  EXPECT_EQ(check("127.0.0.1:" + server.port(), &said), 1);
  EXPECT_THAT(said, ::testing::HasSubstr("is not ready:\ndraining\n"));
}

TEST(HealthCheck, FailsOnWhateverIsNoAnswer) {
  OneAnswer garbage("SSH-2.0-x\r\n\r\n");
  EXPECT_EQ(check("127.0.0.1:" + garbage.port()), 1);
  for (const auto* address : {"127.0.0.1:1", "unix:/does/not/exist", "localhost", "", "127.0.0.1:x", "[::1"})
    EXPECT_EQ(check(address), 1) << address;
}

}  // namespace
}  // namespace forebay::app
