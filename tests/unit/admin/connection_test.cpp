#include "connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <optional>
#include <thread>

#include "raw_client.hpp"

namespace forebay::admin {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// One served connection over a socket pair; replies show the request.
class ConnectionTest : public testing::Test {
 protected:
  void serve_one() {
    int fds[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    client_.emplace(fds[0]);
    io::Socket socket(context_, boost::asio::generic::stream_protocol(AF_UNIX, 0), fds[1]);
    stream_.emplace(std::move(socket));
    boost::asio::co_spawn(context_, serve(*stream_, limits_, answer_), [this](std::exception_ptr failure) {
      EXPECT_FALSE(failure);
      boost::system::error_code ignored;
      stream_->socket().close(ignored);
    });
    thread_ = std::thread([this] { context_.run(); });
  }

  void TearDown() override {
    if (client_) client_->finish_sending();
    if (thread_.joinable()) thread_.join();
  }

  /// Everything said to a client that sends this and then no more.
  std::string exchange(std::string_view bytes) {
    serve_one();
    client_->send(bytes);
    client_->finish_sending();
    return client_->read_all();
  }

  AdminLimits limits_;
  std::atomic<int> answered_{0};
  Answer answer_ = [this](const Request& request) {
    ++answered_;
    Reply reply;
    reply.body =
        std::string(request.method) + " " + std::string(request.target) + " " + std::string(request.body);
    return reply;
  };

  boost::asio::io_context context_;
  std::optional<test::RawClient> client_;
  std::optional<Stream> stream_;
  std::thread thread_;
};

TEST_F(ConnectionTest, AnswersARequest) {
  const auto text = exchange("GET /a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nCache-Control: no-store\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(text, EndsWith("\r\n\r\nGET /a?b "));
}

TEST_F(ConnectionTest, KeepsTheConnection) {
  serve_one();
  for (const char* target : {"/1", "/2", "/3"}) {
    client_->send("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client_->read_response(), EndsWith("GET " + std::string(target) + " "));
  }
  EXPECT_FALSE(client_->closed());
}

TEST_F(ConnectionTest, AnswersPipelinedRequestsInOrder) {
  const auto text = exchange("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_LT(text.find("GET /1"), text.find("GET /2"));
  EXPECT_EQ(answered_, 2);
}

TEST_F(ConnectionTest, ClosesAfterHttp10) {
  serve_one();
  client_->send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client_->read_all(), StartsWith("HTTP/1.0 200 OK\r\n"));
  EXPECT_TRUE(client_->closed());
}

TEST_F(ConnectionTest, AnswersHeadWithoutTheBody) {
  serve_one();
  client_->send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto text = client_->read_response(false);
  EXPECT_THAT(text, HasSubstr("\r\nContent-Length: 7\r\n"));
  EXPECT_THAT(text, EndsWith("\r\n\r\n"));
  client_->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client_->read_response(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ConnectionTest, ReadsBodies) {
  EXPECT_THAT(exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"),
              EndsWith("POST / body"));
}

TEST_F(ConnectionTest, ReadsChunkedBodies) {
  EXPECT_THAT(
      exchange(
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n"),
      EndsWith("POST / body"));
}

TEST_F(ConnectionTest, TellsAWaitingClientToContinue) {
  serve_one();
  client_->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client_->read_response(), "HTTP/1.1 100 Continue\r\n\r\n");
  client_->send("body");
  EXPECT_THAT(client_->read_response(), EndsWith("POST / body"));
}

TEST_F(ConnectionTest, WritesWhatTheReplySays) {
  answer_ = [](const Request&) {
    return Reply{.status = 405, .content_type = "a/b", .body = "x", .allow = "GET", .challenge = "Bearer"};
  };
  const auto text = exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nAllow: GET\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nContent-Type: a/b\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nWWW-Authenticate: Bearer\r\n"));
}

TEST_F(ConnectionTest, KnowsAUnixPeerAsLocal) {
  answer_ = [](const Request& request) { return Reply{.body = request.peer_is_local ? "local" : "remote"}; };
  EXPECT_THAT(exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("local"));
}

// ---- Bad requests ---------------------------------------------------------------------------------------

struct BadRow {
  const char* what;
  std::string bytes;
  int status;
};

class BadRequest : public ConnectionTest, public testing::WithParamInterface<BadRow> {};

TEST_P(BadRequest, GetsOneErrorAndTheEnd) {
  serve_one();
  client_->send(GetParam().bytes);
  const auto text = client_->read_all();
  EXPECT_TRUE(client_->closed());
  EXPECT_THAT(text, StartsWith("HTTP/1.1 " + std::to_string(GetParam().status) + " "));
  EXPECT_THAT(text, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_TRUE(boost::json::parse(text.substr(text.find("\r\n\r\n") + 4)).as_object().contains("error"));
  EXPECT_EQ(answered_, 0);
}

const std::string kPost = "POST / HTTP/1.1\r\nHost: x\r\n";

INSTANTIATE_TEST_SUITE_P(
    Rows, BadRequest,
    testing::Values(
        BadRow{"no_http", "hello\r\n\r\n", 400},
        BadRow{"tls_hello", std::string("\x16\x03\x01\0\xa5\x01\r\n\r\n", 10), 400},
        BadRow{"control_in_target", "GET /\x01 HTTP/1.1\r\n\r\n", 400},
        BadRow{"bad_version", "GET / HTTP/9.9\r\n\r\n", 400},
        BadRow{"space_before_colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400},
        BadRow{"control_in_value", "GET / HTTP/1.1\r\nX: a\x01\r\n\r\n", 400},
        BadRow{"no_number_as_length", kPost + "Content-Length: 4x\r\n\r\n", 400},
        BadRow{"two_lengths", kPost + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n", 400},
        BadRow{"bad_chunk", kPost + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        BadRow{"huge_target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n\r\n", 431},
        BadRow{"endless_target", "GET /" + std::string(9000, 'a'), 431},
        BadRow{"huge_field", "GET / HTTP/1.1\r\nX: " + std::string(9000, 'a') + "\r\n\r\n", 431},
        BadRow{"endless_fields",
               "GET / HTTP/1.1\r\n" + std::string(5000, 'a') + ": b\r\n" + std::string(5000, 'c'), 431},
        BadRow{"huge_body", kPost + "Content-Length: 65537\r\n\r\n", 413},
        BadRow{"huge_body_sent", kPost + "Content-Length: 200000\r\n\r\n" + std::string(200'000, 'x'), 413},
        BadRow{"huge_chunks",
               kPost + "Transfer-Encoding: chunked\r\n\r\n10001\r\n" + std::string(0x10001, 'x'), 413}),
    [](const auto& row) { return std::string(row.param.what); });

TEST_F(ConnectionTest, TakesTheLargestBody) {
  const std::string body(64 * 1024, 'x');
  EXPECT_THAT(exchange(kPost + "Content-Length: 65536\r\n\r\n" + body), EndsWith(body));
}

TEST_F(ConnectionTest, SaysNothingToAClientThatSaysNothing) { EXPECT_EQ(exchange(""), ""); }

TEST_F(ConnectionTest, SaysNothingToAClientThatLeavesInTheMiddle) {
  EXPECT_EQ(exchange("GET / HTTP/1.1\r\nHo"), "");
  EXPECT_EQ(answered_, 0);
}

// ---- Slow clients ---------------------------------------------------------------------------------------

struct SlowRow {
  const char* what;
  std::string bytes;
};

class SlowClient : public ConnectionTest, public testing::WithParamInterface<SlowRow> {};

TEST_P(SlowClient, IsLeftAtTheDeadline) {
  limits_.deadline = 50ms;
  serve_one();
  client_->send(GetParam().bytes);
  const auto text = client_->read_all();
  EXPECT_TRUE(client_->closed());
  EXPECT_THAT(text, Not(HasSubstr("200 OK")));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, SlowClient,
    testing::Values(SlowRow{"silent", ""}, SlowRow{"in_the_request_line", "GET /"},
                    SlowRow{"in_the_fields", "GET / HTTP/1.1\r\nHost: x\r\n"},
                    SlowRow{"in_the_body", kPost + "Content-Length: 9\r\n\r\nb"},
                    SlowRow{"before_the_body", kPost + "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n"}),
    [](const auto& row) { return std::string(row.param.what); });

TEST_F(ConnectionTest, LeavesAnIdleClientAtTheDeadline) {
  limits_.deadline = 50ms;
  serve_one();
  client_->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client_->read_all(), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(client_->closed());
}

TEST_F(ConnectionTest, LeavesAClientThatDoesNotTakeItsReply) {
  limits_.deadline = 50ms;
  answer_ = [](const Request&) { return Reply{.body = std::string(8 * 1024 * 1024, 'x')}; };
  serve_one();
  client_->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  thread_.join();  // without a byte read
  EXPECT_LT(client_->read_all().size(), 8U * 1024 * 1024);
}

TEST_F(ConnectionTest, LeavesAClientThatGoesOnSendingAfterAnError) {
  limits_.deadline = 50ms;
  serve_one();
  client_->send("hello\r\n\r\n");
  EXPECT_THAT(client_->read_all(), StartsWith("HTTP/1.1 400 "));
  thread_.join();  // though the client does not close
}

}  // namespace
}  // namespace forebay::admin
