// Replies that are given up, cancelled or turned into tunnels: what they leave behind.
#include "upstream/reply.hpp"

#include <gmock/gmock.h>

#include "support/full_listener.hpp"
#include "unit/upstream/upstream_fixture.hpp"

namespace forebay::upstream::testing {
namespace {

using http::Method;
using ReplyTest = UpstreamTest;

// ---- Given up -------------------------------------------------------------------------------------------

TEST_F(ReplyTest, DestroyedEarlyItClosesItsConnectionAndFreesItsPlace) {
  origin.on("/a", {.body = "0123456789", .gates = {{5, "never"}}});
  auto request = request_for(Method::get, "/a");
  auto reply = worker.run(fetcher().fetch(request)).value();
  EXPECT_EQ(upstream()->servers()[0]->quota().in_use(), 1U);
  reply.reset();
  EXPECT_EQ(upstream()->servers()[0]->quota().in_use(), 0U);
  EXPECT_EQ(worker.metrics.upstream_connections.value(), 0);
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

class GivenUpTest : public UpstreamTest {
 protected:
  GivenUpTest() {
    origin.on_head("/a", [](const OriginRequest&) {
      return OriginResponse{.body = "0123456789", .gates = {{5, "never"}}};
    });
    body.waits_at = 1;
    body.signal = io::Signal::make(worker.context.get_executor());
    request.body = &body;
    reply = worker.run(fetcher().fetch(request)).value();
    worker.run_until([&] { return body.waiting; });
  }
  TextBody body{{"some", "more"}};
  UpstreamRequest request = request_for(Method::post, "/a");
  std::unique_ptr<Reply> reply;
};

TEST_F(GivenUpTest, TheBodyIsLeftAloneOnceSendingHasStopped) {
  worker.run(reply->stop_sending());
  EXPECT_FALSE(body.waiting);
  EXPECT_FALSE(reply->request_sent());
  reply.reset();
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

TEST_F(GivenUpTest, DestroyedItStopsSendingSoonAfter) {
  reply.reset();
  worker.run_until([&] { return !body.waiting; });
  EXPECT_FALSE(body.waiting);
  worker.settle();
  EXPECT_EQ(worker.metrics.upstream_connections.value(), 0);
}

TEST_F(GivenUpTest, StoppingTwiceOrAfterTheEndDoesNothing) {
  worker.run(reply->stop_sending());
  worker.run(reply->stop_sending());
  Fetched fetched;
  worker.run(read_body(*reply, fetched));
  EXPECT_EQ(fetched.failure(), ErrorKind::response_incomplete);
  worker.run(reply->stop_sending());
}

TEST(DestroyedContext, LeavesNothingBehind) {
  ScriptedOrigin origin;
  origin.on_head("/a", [](const OriginRequest&) { return OriginResponse{.gate = "never"}; });
  const auto upstream = Upstream::make({.servers = {origin.url()}}).value();
  TextBody body({"some", "more"});
  body.waits_at = 1;
  auto request = request_for(Method::post, "/a");
  request.body = &body;
  {
    auto worker = std::make_unique<Worker>();
    body.signal = io::Signal::make(worker->context.get_executor());
    auto fetcher = std::make_unique<Fetcher>(
        upstream,
        Fetcher::Dependencies{worker->context.get_executor(), worker->sweep, worker->clock, worker->metrics});
    std::optional<Fetched> fetched;
    worker->start(fetch_all(*fetcher, request), fetched);
    worker->run_until([&] { return body.waiting && origin.requests("/a") == 1; });
    EXPECT_EQ(upstream->servers()[0]->quota().in_use(), 1U);
    body.signal.reset();
    fetcher.reset();
    worker.reset();
    EXPECT_FALSE(fetched.has_value());
  }
  EXPECT_EQ(upstream->servers()[0]->quota().in_use(), 0U);
}

// ---- Cancelled ------------------------------------------------------------------------------------------

class CancelTest : public UpstreamTest {
 protected:
  CancelTest() { request.cancel = &cancel; }

  /// Starts the fetch, cancels it once `ready`, and expects that it ends as cancelled.
  template <class Ready>
  void expect_cancelled_when(Ready ready) {
    std::optional<Fetched> fetched;
    worker.start(fetch_all(fetcher(), request), fetched);
    worker.run_until(ready);
    EXPECT_FALSE(fetched.has_value());
    cancel.request();
    worker.run_until([&] { return fetched.has_value(); });
    ASSERT_TRUE(fetched.has_value());
    EXPECT_EQ(fetched->failure(), ErrorKind::cancelled);
    EXPECT_EQ(worker.metrics.upstream_errors.value(), 0U);
    EXPECT_EQ(worker.metrics.upstream_connections.value(), 0);
    EXPECT_EQ(upstream()->servers()[0]->quota().in_use(), held_);
  }

  io::Cancel cancel;
  UpstreamRequest request = request_for(Method::get, "/a");
  std::uint32_t held_ = 0;
};

TEST_F(CancelTest, BeforeItBegins) {
  cancel.request();
  EXPECT_EQ(fetch(request).failure(), ErrorKind::cancelled);
  EXPECT_EQ(origin.connections(), 0U);
}

TEST_F(CancelTest, WhileQueueing) {
  settings.max_connections = 1;
  const auto held = upstream()->servers()[0]->quota().try_acquire();
  held_ = 1;
  expect_cancelled_when([&] { return worker.metrics.upstream_queued.value() == 1; });
}

TEST_F(CancelTest, WhileLookingUp) {
  settings.servers = {"http://localhost:" + std::to_string(origin.port())};
  std::optional<Fetched> fetched;
  asio::co_spawn(worker.context, fetch_all(fetcher(), request),
                 [&](const std::exception_ptr&, Fetched outcome) { fetched = std::move(outcome); });
  worker.context.run_one();  // to its wait for the look-up, and no further
  cancel.request();
  worker.run_until([&] { return fetched.has_value(); });
  EXPECT_EQ(fetched->failure(), ErrorKind::cancelled);
}

TEST_F(CancelTest, WhileConnecting) {
  const test::FullListener full;
  settings.servers = {"http://127.0.0.1:" + std::to_string(full.port())};
  int turns = 0;
  expect_cancelled_when([&] { return ++turns > 3; });
}

TEST_F(CancelTest, DuringTheTlsHandshake) {
  origin.script([](OriginPeer& peer) { peer.wait_for_close(); });
  settings.servers = {"https://127.0.0.1:" + std::to_string(origin.port())};
  expect_cancelled_when([&] { return origin.connections() == 1; });
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

TEST_F(CancelTest, WhileTheRequestBodyIsSent) {
  origin.script([](OriginPeer& peer) {
    peer.read_head();
    peer.wait("head");
    peer.wait_for_close();
  });
  TextBody body(std::vector<std::string>(100, std::string(1'000'000, 'x')));
  request.body = &body;
  std::uint64_t sent = 0;
  expect_cancelled_when([&] {  // until nothing more is taken
    const auto before = std::exchange(sent, worker.metrics.upstream_sent_bytes.value());
    return sent > 100'000 && before == sent;
  });
}

TEST_F(CancelTest, WhileTheClientSendsTheRequestBody) {
  TextBody body({"some", "more"});
  body.waits_at = 1;
  body.signal = io::Signal::make(worker.context.get_executor());
  request.body = &body;
  expect_cancelled_when([&] { return body.waiting; });
  EXPECT_FALSE(body.waiting);
}

TEST_F(CancelTest, WhileWaitingForTheHead) {
  origin.on("/a", {.gate = "never"});
  expect_cancelled_when([&] { return origin.requests("/a") == 1; });
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

TEST_F(CancelTest, WhileReadingTheBody) {
  origin.on("/a", {.body = "0123456789", .gates = {{5, "never"}}});
  expect_cancelled_when([&] { return worker.metrics.upstream_received_bytes.value() > 40; });
}

TEST_F(CancelTest, BetweenTwoReads) {
  origin.on("/a", {.body = "0123456789", .gates = {{5, "never"}}});
  auto reply = worker.run(fetcher().fetch(request)).value();
  char piece[100];
  EXPECT_EQ(worker.run(reply->body().read_some(asio::buffer(piece))).value(), 5U);
  cancel.request();
  EXPECT_EQ(worker.run(reply->body().read_some(asio::buffer(piece))).error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

TEST_F(CancelTest, AfterTheEndItDoesNothing) {
  origin.on("/a", {.body = "hello"});
  EXPECT_EQ(fetch(request).body, "hello");
  cancel.request();
  EXPECT_EQ(get("/a").body, "hello");
  EXPECT_EQ(origin.connections(), 1U);
}

// ---- Tunnels --------------------------------------------------------------------------------------------

class TunnelTest : public UpstreamTest {
 protected:
  TunnelTest() { request.upgrade = "websocket"; }
  void next_switches(const std::string& leftover = "") {
    origin.script([this, leftover](OriginPeer& peer) {
      const auto asked = peer.read_request();
      upgrade_ = asked->field("Upgrade") + " " + asked->field("Connection");
      peer.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n" +
                leftover);
      peer.send("echo:" + peer.read(4));
      peer.wait_for_close();
    });
  }
  std::string upgrade_;
  UpstreamRequest request = request_for(Method::get, "/a");
};

TEST_F(TunnelTest, HandsTheConnectionOver) {
  next_switches("early");
  auto reply = worker.run(fetcher().fetch(request)).value();
  EXPECT_EQ(reply->head().status, 101);
  std::string received;
  auto stream = reply->take_stream(received);
  ASSERT_TRUE(stream);
  reply.reset();
  EXPECT_EQ(upgrade_, "websocket Upgrade");
  EXPECT_EQ(upstream()->servers()[0]->quota().in_use(), 1U);  // a tunnel is a request under way
  const asio::const_buffer ping[] = {asio::buffer("pi", 2), asio::buffer("ng", 2)};
  EXPECT_FALSE(worker.run(stream->write(ping)));
  char piece[100];
  while (received.size() < 14) {
    const auto [ec, n] = worker.run(stream->read_some(asio::buffer(piece)));
    ASSERT_FALSE(ec);
    received.append(piece, n);
  }
  EXPECT_EQ(received, "earlyecho:ping");
  EXPECT_TRUE(stream->is_quiet());
  stream.reset();
  EXPECT_EQ(upstream()->servers()[0]->quota().in_use(), 0U);
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

TEST_F(TunnelTest, ATunnelNobodyTakesIsClosed) {
  next_switches();
  auto reply = worker.run(fetcher().fetch(request)).value();
  char piece[10];
  EXPECT_EQ(worker.run(reply->body().read_some(asio::buffer(piece))).value(), 0U);
  reply.reset();
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

TEST_F(TunnelTest, TheServerMayDecline) {
  origin.on("/a", {.body = "hello"});
  auto reply = worker.run(fetcher().fetch(request)).value();
  EXPECT_EQ(reply->head().status, 200);
  std::string leftover;
  EXPECT_FALSE(reply->take_stream(leftover));
  Fetched fetched;
  worker.run(read_body(*reply, fetched));
  EXPECT_EQ(fetched.body, "hello");
}

TEST_F(TunnelTest, ItsDeadlineCloses) {
  next_switches();
  auto reply = worker.run(fetcher().fetch(request)).value();
  std::string leftover;
  const auto stream = reply->take_stream(leftover);
  stream->deadline().arm(100ms);
  char piece[10];
  EXPECT_TRUE(worker.run(stream->read_some(asio::buffer(piece))).first);
  EXPECT_TRUE(stream->deadline().has_fired());
}

}  // namespace
}  // namespace forebay::upstream::testing
