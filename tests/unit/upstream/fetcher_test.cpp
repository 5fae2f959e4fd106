// Which connection and which server a request goes to, and when it goes there again.
#include "forebay/upstream/fetcher.hpp"

#include <gmock/gmock.h>

#include "forebay/io/held_body.hpp"
#include "unit/upstream/upstream_fixture.hpp"

namespace forebay::upstream::testing {
namespace {

using FetcherTest = UpstreamTest;
using http::Method;

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// ---- Reuse ----------------------------------------------------------------------------------------------

TEST_F(FetcherTest, ReusesAConnection) {
  origin.on("/a", {.body = "hello"});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get("/a").body, "hello");
  EXPECT_EQ(origin.connections(), 1U);
  EXPECT_EQ(worker.metrics.upstream_requests.value(), 5U);
  EXPECT_EQ(worker.metrics.upstream_connections_opened.value(), 1U);
  EXPECT_EQ(worker.metrics.upstream_connections.value(), 1);
  EXPECT_EQ(worker.metrics.upstream_errors.value(), 0U);
  EXPECT_GT(worker.metrics.upstream_sent_bytes.value(), 0U);
  EXPECT_GT(worker.metrics.upstream_received_bytes.value(), 25U);
}

TEST_F(FetcherTest, DoesNotReuseWhatTheServerCloses) {
  origin.on("/close", {.body = "hello", .close = true});
  origin.on("/old", {.raw = "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"});
  EXPECT_EQ(get("/close").body, "hello");
  EXPECT_EQ(get("/old").body, "hello");
  EXPECT_EQ(get("/old").body, "hello");
  EXPECT_EQ(origin.connections(), 3U);
}

TEST_F(FetcherTest, DoesNotReuseAConnectionWithBytesBehindTheAnswer) {
  const std::string poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
  const std::pair<Method, std::string> rows[] = {
      {Method::get, kOk + poison},
      {Method::get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" + poison},
      {Method::get, "HTTP/1.1 204 No Content\r\n\r\n" + poison},
      {Method::head, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"},
  };
  origin.on("/good", {.body = "good"});
  for (const auto& [method, bytes] : rows) {
    next_sends(bytes);
    auto request = request_for(method, "/a");
    EXPECT_FALSE(fetch(request).failure());
    EXPECT_EQ(get("/good").body, "good");
    fetcher().close_idle();
  }
  EXPECT_EQ(origin.connections(), 8U);
}

TEST_F(FetcherTest, DoesNotReuseAConnectionWithLateBytes) {
  origin.script([this](OriginPeer& peer) {
    peer.read_request();
    peer.send(kOk);
    peer.wait("late");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
    origin.gate("sent").open();
    peer.wait_for_close();
  });
  origin.on("/good", {.body = "good"});
  EXPECT_EQ(get("/a").body, "ok");
  origin.gate("late").open();
  EXPECT_TRUE(origin.gate("sent").pass());
  EXPECT_EQ(get("/good").body, "good");
  EXPECT_EQ(origin.connections(), 2U);
}

TEST_F(FetcherTest, ClosesIdleConnectionsWhenAskedAndWhenItGoes) {
  origin.on("/a", {.body = "hello"});
  get("/a");
  fetcher().close_idle();
  EXPECT_TRUE(origin.wait_for_open_connections(0));
  get("/a");
  drop_fetcher();
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

TEST_F(FetcherTest, ARepliesConnectionIsNotKeptForAFetcherThatIsGone) {
  origin.on("/a", {.body = "hello", .gates = {{2, "half"}}});
  auto request = request_for(Method::get, "/a");
  auto reply = worker.run(fetcher().fetch(request)).value();
  drop_fetcher();
  origin.gate("half").open();
  Fetched fetched;
  worker.run(read_body(*reply, fetched));
  EXPECT_EQ(fetched.body, "hello");
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

// ---- Repetition -----------------------------------------------------------------------------------------

class StaleConnectionTest : public UpstreamTest {
 protected:
  /// Pools a connection that the server will close as soon as the next request has arrived, unanswered.
  void pool_a_dying_connection() {
    origin.script([](OriginPeer& peer) {
      peer.read_request();
      peer.send(kOk);
      peer.read_head();
    });
    EXPECT_EQ(get("/first").body, "ok");
  }
};

TEST_F(StaleConnectionTest, AGetIsRepeatedOnAFreshConnection) {
  origin.on("/a", {.body = "hello"});
  pool_a_dying_connection();
  EXPECT_EQ(get("/a").body, "hello");
  EXPECT_EQ(worker.metrics.upstream_retries.value(), 1U);
  EXPECT_EQ(worker.metrics.upstream_errors.value(), 0U);
  EXPECT_EQ(origin.requests("/a"), 1U);
}

TEST_F(StaleConnectionTest, APutWithoutBodyIsRepeated) {
  origin.on("/a", {.body = "hello"});
  pool_a_dying_connection();
  auto request = request_for(Method::put, "/a");
  EXPECT_EQ(fetch(request).body, "hello");
}

TEST_F(StaleConnectionTest, APostIsNotRepeated) {
  origin.on("/a", {.body = "hello"});
  pool_a_dying_connection();
  auto request = request_for(Method::post, "/a");
  EXPECT_EQ(fetch(request).failure(), ErrorKind::connection_lost);
  EXPECT_EQ(worker.metrics.upstream_retries.value(), 0U);
  EXPECT_EQ(origin.requests("/a"), 0U);
}

TEST_F(StaleConnectionTest, AnUnknownMethodIsNotRepeated) {
  origin.on("/a", {.body = "hello"});
  pool_a_dying_connection();
  auto request = request_for(Method::other, "/a");
  request.head = "BREW /a HTTP/1.1\r\nHost: example.org\r\n";
  EXPECT_EQ(fetch(request).failure(), ErrorKind::connection_lost);
}

TEST_F(StaleConnectionTest, APutWhoseBodyWasStartedIsNotRepeated) {
  origin.on("/a", {.body = "hello"});
  pool_a_dying_connection();
  TextBody body({"some", "more"});
  auto request = request_for(Method::put, "/a");
  request.body = &body;
  EXPECT_EQ(fetch(request).failure(), ErrorKind::connection_lost);
  EXPECT_EQ(origin.requests("/a"), 0U);
}

TEST_F(StaleConnectionTest, AQueryWhoseContentIsHeldIsRepeatedWhole) {
  origin.on("/a", [](const OriginRequest& sent) { return OriginResponse{.body = sent.body}; });
  pool_a_dying_connection();
  const std::string content(100'000, 'x');
  io::HeldBody body(content);
  auto request = request_for(Method::query, "/a");
  request.body = &body;
  EXPECT_EQ(fetch(request).body, content);
}

TEST_F(StaleConnectionTest, IsRepeatedOnceOnly) {
  pool_a_dying_connection();
  for (int i = 0; i < 2; ++i) {
    origin.script([](OriginPeer& peer) { peer.read_head(); });
  }
  EXPECT_EQ(get("/a").failure(), ErrorKind::connection_lost);
  EXPECT_EQ(origin.connections(), 2U);
}

TEST_F(StaleConnectionTest, IsNotRepeatedOnceAByteHasCome) {
  origin.on("/a", {.body = "hello"});
  origin.script([](OriginPeer& peer) {
    peer.read_request();
    peer.send(kOk);
    peer.read_head();
    peer.send("H");
  });
  EXPECT_EQ(get("/first").body, "ok");
  EXPECT_EQ(get("/a").failure(), ErrorKind::response_incomplete);
}

TEST_F(FetcherTest, AFreshConnectionThatDiesIsNotRepeated) {
  origin.script([](OriginPeer& peer) { peer.read_head(); });
  EXPECT_EQ(get("/a").failure(), ErrorKind::connection_lost);
  EXPECT_EQ(origin.connections(), 1U);
}

TEST_F(FetcherTest, NoticesAConnectionThatWasClosedWhileIdle) {
  origin.on("/a", {.body = "hello"});
  EXPECT_EQ(get("/a").body, "hello");
  origin.drop_connections();
  EXPECT_TRUE(origin.wait_for_open_connections(0));
  auto request = request_for(Method::post, "/a");
  EXPECT_EQ(fetch(request).body, "hello");
  EXPECT_EQ(worker.metrics.upstream_retries.value(), 0U);
}

// ---- Servers --------------------------------------------------------------------------------------------

class TwoServersTest : public UpstreamTest {
 protected:
  TwoServersTest() {
    settings.servers.push_back(second.url());
    origin.on("*", {.body = "first"});
    second.on("*", {.body = "second"});
  }
  ScriptedOrigin second;
};

TEST_F(TwoServersTest, TakeTurns) {
  std::vector<std::string> bodies;
  for (int i = 0; i < 4; ++i) bodies.push_back(get("/a").body);
  EXPECT_THAT(bodies, ::testing::ElementsAre("first", "second", "first", "second"));
}

TEST_F(TwoServersTest, OneThatRefusesIsPassedOver) {
  origin.stop_listening();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(get("/a").body, "second");
  EXPECT_EQ(worker.metrics.upstream_retries.value(), 2U);
}

TEST_F(TwoServersTest, APostIsPassedOnToo) {
  second.stop_listening();
  for (int i = 0; i < 2; ++i) {
    TextBody body({"some"});
    EXPECT_EQ(post("/a", body).body, "first");
  }
}

TEST_F(TwoServersTest, EachIsTriedOnce) {
  origin.stop_listening();
  second.stop_listening();
  const auto fetched = get("/a");
  EXPECT_EQ(fetched.failure(), ErrorKind::connect_refused);
  EXPECT_EQ(fetched.error->detail, "127.0.0.1:" + std::to_string(second.port()) + ": Connection refused");
  EXPECT_EQ(worker.metrics.upstream_errors.value(), 1U);
  EXPECT_EQ(worker.metrics.upstream_retries.value(), 1U);
}

TEST_F(TwoServersTest, AFullOneIsPassedOver) {
  settings.max_connections = 1;
  second.on("/held", {.body = "held", .gate = "held"});
  EXPECT_EQ(get("/a").body, "first");
  auto request = request_for(Method::get, "/held");
  std::optional<Fetched> held;
  worker.start(fetch_all(fetcher(), request), held);
  worker.run_until([&] { return second.requests("/held") == 1; });
  for (int i = 0; i < 4; ++i) EXPECT_EQ(get("/a").body, "first");
  second.gate("held").open();
  worker.run_until([&] { return held.has_value(); });
  EXPECT_EQ(held->body, "held");
}

TEST_F(TwoServersTest, WhenAllAreFullARequestWaitsForTheOneChosen) {
  settings.max_connections = 1;
  origin.on("/held", {.body = "first", .gate = "held"});
  second.on("/held", {.body = "second", .gate = "held"});
  auto request = request_for(Method::get, "/held");
  std::optional<Fetched> fetched[3];
  for (auto& one : fetched) worker.start(fetch_all(fetcher(), request), one);
  worker.run_until([&] { return origin.requests() == 1 && second.requests() == 1; });
  EXPECT_EQ(worker.metrics.upstream_queued.value(), 1);
  origin.gate("held").open();
  worker.run_until([&] { return fetched[0] && fetched[2]; });
  EXPECT_EQ(fetched[2]->body, "first");
  second.gate("held").open();
  worker.run_until([&] { return fetched[1].has_value(); });
  EXPECT_EQ(fetched[1]->body, "second");
}

// ---- The queue ------------------------------------------------------------------------------------------

class QueueTest : public UpstreamTest {
 protected:
  QueueTest() {
    settings.max_connections = 1;
    settings.queue = 1;
    origin.on("/held", {.body = "held", .gate = "held"});
    origin.on("/a", {.body = "hello"});
  }
  void hold() {
    worker.start(fetch_all(fetcher(), request_), holder_);
    worker.run_until([&] { return origin.requests("/held") == 1; });
  }
  void let_go() {
    origin.gate("held").open();
    worker.run_until([&] { return holder_.has_value(); });
  }

 private:
  UpstreamRequest request_ = request_for(Method::get, "/held");
  std::optional<Fetched> holder_;
};

TEST_F(QueueTest, TimesOut) {
  settings.queue_timeout = 100ms;
  hold();
  const auto fetched = get("/a");
  EXPECT_EQ(fetched.failure(), ErrorKind::queue_timeout);
  EXPECT_EQ(fetched.error->detail, "127.0.0.1:" + std::to_string(origin.port()));
  let_go();
  EXPECT_EQ(get("/a").body, "hello");
}

TEST_F(QueueTest, IsBounded) {
  hold();
  auto request = request_for(Method::get, "/a");
  std::optional<Fetched> waiting;
  worker.start(fetch_all(fetcher(), request), waiting);
  worker.run_until([&] { return worker.metrics.upstream_queued.value() == 1; });
  EXPECT_EQ(get("/a").failure(), ErrorKind::queue_full);
  let_go();
  worker.run_until([&] { return waiting.has_value(); });
  EXPECT_EQ(waiting->body, "hello");
  EXPECT_EQ(origin.connections(), 1U);
}

TEST_F(QueueTest, APlaceIsFreeAsSoonAsTheAnswerIsComplete) {
  auto request = request_for(Method::get, "/a");
  const auto reply = worker.run(fetcher().fetch(request)).value();
  Fetched fetched;
  worker.run(read_body(*reply, fetched));
  EXPECT_EQ(get("/a").body, "hello");  // the first reply is still there
}

}  // namespace
}  // namespace forebay::upstream::testing
