// Request bodies on their way while the answer comes: early answers, stalls, clients that go.
#include "upstream/body_sender.hpp"

#include <gmock/gmock.h>

#include "unit/upstream/upstream_fixture.hpp"

namespace forebay::upstream::testing {
namespace {

using http::Method;

class BodySenderTest : public UpstreamTest {
 protected:
  /// A body whose piece of that index never comes, unless its signal is set.
  TextBody waiting_body(std::vector<std::string> pieces, std::size_t waits_at, bool knows_length = true) {
    TextBody body(std::move(pieces), knows_length);
    body.waits_at = waits_at;
    body.signal = io::Signal::make(worker.context.get_executor());
    return body;
  }
  UpstreamRequest post_of(io::BodySource& body) {
    auto request = request_for(Method::post, "/a");
    request.body = &body;
    return request;
  }
};

// ---- Early answers --------------------------------------------------------------------------------------

TEST_F(BodySenderTest, AnEarlyAnswerArrivesWhileTheBodyWaitsForTheClient) {
  origin.on_head("/a", [](const OriginRequest&) {
    return OriginResponse{.status = 413, .body = "too large", .close = true};
  });
  auto body = waiting_body({"some", "more"}, 1);
  const auto fetched = post("/a", body);
  EXPECT_EQ(fetched.status, 413);
  EXPECT_EQ(fetched.body, "too large");
  EXPECT_FALSE(fetched.request_sent);
  EXPECT_FALSE(body.waiting);
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

TEST_F(BodySenderTest, AnEarlyAnswerWithoutBodyEndsTheSending) {
  origin.on_head("/a", [](const OriginRequest&) { return OriginResponse{.status = 204}; });
  auto body = waiting_body({"some", "more"}, 1);
  const auto fetched = post("/a", body);
  EXPECT_EQ(fetched.status, 204);
  EXPECT_FALSE(fetched.request_sent);
  EXPECT_FALSE(body.waiting);
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

TEST_F(BodySenderTest, AnEarlyAnswerArrivesWhileTheServerReadsNothing) {
  const std::string large(1'000'000, 'y');
  origin.on_head("/a", [&](const OriginRequest&) { return OriginResponse{.body = large, .close = true}; });
  TextBody body(std::vector<std::string>(100, std::string(1'000'000, 'x')));
  const auto fetched = post("/a", body);
  EXPECT_FALSE(fetched.failure());
  EXPECT_EQ(fetched.body.size(), large.size());
  EXPECT_FALSE(fetched.request_sent);
}

TEST_F(BodySenderTest, BothDirectionsGoOnAtTheSameTime) {
  // an echo: neither side can finish before the other has begun
  origin.script([](OriginPeer& peer) {
    auto request = peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n");
    for (int i = 0; i < 200; ++i) peer.send(peer.read(100'000));
    peer.wait_for_close();
  });
  TextBody body(std::vector<std::string>(200, std::string(100'000, 'x')));
  const auto fetched = post("/a", body);
  EXPECT_FALSE(fetched.failure());
  EXPECT_EQ(fetched.body, std::string(20'000'000, 'x'));
  EXPECT_TRUE(fetched.request_sent);
  EXPECT_EQ(worker.metrics.upstream_connections.value(), 1);  // nothing wrong with the connection
}

TEST_F(BodySenderTest, TheRestOfTheBodyIsSentWhileTheAnswerIsRead) {
  origin.script([](OriginPeer& peer) {
    auto request = peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    peer.read_body(*request);
    peer.send("4\r\n" + request->body.substr(4) + "\r\n0\r\n\r\n");
    peer.wait_for_close();
  });
  auto body = waiting_body({"some", "more"}, 1, false);
  auto request = post_of(body);
  auto reply = worker.run(fetcher().fetch(request)).value();
  EXPECT_FALSE(reply->request_sent());
  char piece[100];
  EXPECT_EQ(worker.run(reply->body().read_some(asio::buffer(piece))).value(), 5U);
  body.signal->notify();
  Fetched fetched;
  worker.run(read_body(*reply, fetched));
  EXPECT_EQ(fetched.body, "more");
  EXPECT_TRUE(fetched.request_sent);
  EXPECT_EQ(worker.metrics.upstream_connections.value(), 1);
}

TEST_F(BodySenderTest, AnAnswerBeforeTheServerClosesIsDelivered) {
  origin.script([](OriginPeer& peer) {
    peer.read_head();
    peer.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
    peer.end_sending();
    peer.wait_for_close();
  });
  auto body = waiting_body({"some", "more"}, 1);
  const auto fetched = post("/a", body);
  EXPECT_EQ(fetched.status, 401);
  EXPECT_EQ(fetched.body, "no");
}

// ---- Failures -------------------------------------------------------------------------------------------

TEST_F(BodySenderTest, AServerThatTakesNothingTimesOut) {
  settings.between_bytes_timeout = 200ms;
  origin.script([](OriginPeer& peer) {
    peer.read_head();
    peer.wait("never");
  });
  TextBody body(std::vector<std::string>(100, std::string(1'000'000, 'x')));
  const auto fetched = post("/a", body);
  EXPECT_EQ(fetched.failure(), ErrorKind::between_bytes_timeout);
  EXPECT_THAT(fetched.error->detail, ::testing::HasSubstr("request body"));
}

TEST_F(BodySenderTest, AServerThatAnswersButTakesNothingMoreIsReadToItsEnd) {
  settings.between_bytes_timeout = 300ms;
  origin.script([](OriginPeer& peer) {
    peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 8; ++i) {
      std::this_thread::sleep_for(100ms);
      peer.send("1\r\nx\r\n");
    }
    peer.send("0\r\n\r\n");
    peer.wait_for_close();
  });
  TextBody body(std::vector<std::string>(100, std::string(1'000'000, 'x')));
  const auto fetched = post("/a", body);
  EXPECT_FALSE(fetched.failure());
  EXPECT_EQ(fetched.body, "xxxxxxxx");
  EXPECT_FALSE(fetched.request_sent);
}

TEST_F(BodySenderTest, TheServersTimeToAnswerDoesNotRunWhileTheClientIsSlow) {
  settings.first_byte_timeout = 200ms;
  settings.between_bytes_timeout = 200ms;
  origin.on("/a", {.body = "hello"});
  auto body = waiting_body({"some", "more"}, 1);
  auto request = post_of(body);
  std::optional<Fetched> fetched;
  worker.start(fetch_all(fetcher(), request), fetched);
  const auto until = std::chrono::steady_clock::now() + 600ms;
  worker.run_until([&] { return std::chrono::steady_clock::now() >= until; });
  body.signal->notify();
  worker.run_until([&] { return fetched.has_value(); });
  EXPECT_EQ(fetched->body, "hello");
  EXPECT_EQ(origin.last().body, "somemore");
}

TEST_F(BodySenderTest, TheServersTimeToAnswerRunsFromTheEndOfTheBody) {
  settings.first_byte_timeout = 200ms;
  origin.on("/a", {.gate = "never"});
  TextBody body({"some", "more"});
  EXPECT_EQ(post("/a", body).failure(), ErrorKind::first_byte_timeout);
}

TEST_F(BodySenderTest, AClientThatGoesEndsTheRequest) {
  TextBody body({"some", "more"});
  body.fails_at = 1;
  const auto fetched = post("/a", body);
  EXPECT_EQ(fetched.failure(), ErrorKind::client_gone);
  EXPECT_EQ(fetched.error->detail, "the test's client");
  EXPECT_EQ(worker.metrics.upstream_errors.value(), 0U);
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

TEST_F(BodySenderTest, AClientThatGoesEndsTheAnswerToo) {
  origin.on_head("/a", [](const OriginRequest&) {
    return OriginResponse{.body = "0123456789", .gates = {{5, "never"}}};
  });
  auto body = waiting_body({"some", "more"}, 1);
  body.fails_at = 1;
  auto request = post_of(body);
  auto reply = worker.run(fetcher().fetch(request)).value();
  char piece[100];
  EXPECT_EQ(worker.run(reply->body().read_some(asio::buffer(piece))).value(), 5U);
  body.signal->notify();
  EXPECT_EQ(worker.run(reply->body().read_some(asio::buffer(piece))).error().kind, ErrorKind::client_gone);
}

/// Announces more, or less, than it has.
class LyingBody final : public io::BodySource {
 public:
  LyingBody(std::uint64_t announced, std::size_t size) : announced_(announced), left_(size) {}
  io::Awaitable<Result<std::size_t>> read_some(asio::mutable_buffer out) override {
    const auto n = std::min(left_, out.size());
    left_ -= n;
    co_return n;
  }
  std::optional<std::uint64_t> length() const noexcept override { return announced_; }
  const std::string& trailers() const noexcept override { return none_; }

 private:
  std::uint64_t announced_;
  std::size_t left_;
  std::string none_;
};

TEST_F(BodySenderTest, ABodyOfAnotherLengthThanAnnouncedIsNotSentAsComplete) {
  LyingBody less(10, 9);
  EXPECT_EQ(post("/a", less).failure(), ErrorKind::request_malformed);
  LyingBody more(10, 11);
  EXPECT_EQ(post("/a", more).failure(), ErrorKind::request_malformed);
  EXPECT_TRUE(origin.wait_for_open_connections(0));
  EXPECT_EQ(origin.requests(), 0U);
}

}  // namespace
}  // namespace forebay::upstream::testing
