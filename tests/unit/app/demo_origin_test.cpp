#include "demo_origin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>

namespace forebay::app {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;

/// The whole answer, or its first `most` bytes.
std::string ask(const DemoOrigin& origin, const std::string& line, std::size_t most = 100'000) {
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  socket.connect({asio::ip::address_v4::loopback(), origin.port()});
  asio::write(socket, asio::buffer(
                          line + " HTTP/1.1\r\nHost: a\r\nAccept-Language: de\r\nConnection: close\r\n\r\n"));
  std::string answer;
  boost::system::error_code ec;
  asio::read(socket, asio::dynamic_buffer(answer, most), ec);
  return answer;
}

TEST(DemoOrigin, AnswersWithSomethingToTryEachRuleOn) {
  const DemoOrigin origin;
  EXPECT_THAT(ask(origin, "GET /"), HasSubstr("max-age=30"));
  EXPECT_THAT(ask(origin, "GET /private"), HasSubstr("private"));
  const auto languages = ask(origin, "GET /languages");
  EXPECT_THAT(languages, HasSubstr("Vary: Accept-Language\r\n"));
  EXPECT_THAT(languages, HasSubstr("\"de\""));
  EXPECT_TRUE(ask(origin, "GET /nowhere").starts_with("HTTP/1.1 404 "));
}

TEST(DemoOrigin, FailsOnDemand) {
  const DemoOrigin origin;
  EXPECT_THAT(ask(origin, "POST /api/fail"), HasSubstr("failing from now on"));
  EXPECT_TRUE(ask(origin, "GET /").starts_with("HTTP/1.1 503 "));
  EXPECT_THAT(ask(origin, "POST /api/fail"), HasSubstr("well again"));
  EXPECT_TRUE(ask(origin, "GET /").starts_with("HTTP/1.1 200 "));
}

TEST(DemoOrigin, StopsWhileItSends) {
  std::string answer;
  {
    const DemoOrigin origin;
    answer = ask(origin, "GET /large", 5000);
  }
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
}

}  // namespace
}  // namespace forebay::app
