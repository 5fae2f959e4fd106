// How answers are received: framing, interim responses, what is malformed, what times out.
#include "upstream/http_client.hpp"

#include <gmock/gmock.h>

#include "unit/upstream/upstream_fixture.hpp"

namespace forebay::upstream::testing {
namespace {

using HttpClientTest = UpstreamTest;
using http::Method;

// ---- Requests -------------------------------------------------------------------------------------------

TEST_F(HttpClientTest, SendsTheHeadAsGivenAndNoFramingForAGet) {
  origin.on("/a", {.body = "hello"});
  EXPECT_EQ(get("/a?q=1").body, "hello");
  const auto request = origin.last("/a");
  EXPECT_EQ(request.head, "GET /a?q=1 HTTP/1.1\r\nHost: example.org\r\n");
}

TEST_F(HttpClientTest, SaysThatAPostWithoutBodyHasNone) {
  origin.on("/a", OriginResponse{});
  auto request = request_for(Method::post, "/a");
  EXPECT_EQ(fetch(request).status, 200);
  EXPECT_EQ(origin.last().field("Content-Length"), "0");
  TextBody empty({});
  EXPECT_EQ(post("/a", empty).status, 200);
  EXPECT_EQ(origin.last().field("Content-Length"), "0");
  EXPECT_EQ(empty.reads, 0);
}

TEST_F(HttpClientTest, FramesABodyOfKnownLengthByContentLength) {
  origin.on("/a", OriginResponse{});
  TextBody body({"hello, ", "world"});
  EXPECT_TRUE(post("/a", body).request_sent);
  EXPECT_EQ(origin.last().field("Content-Length"), "12");
  EXPECT_EQ(origin.last().body, "hello, world");
}

TEST_F(HttpClientTest, FramesABodyOfUnknownLengthByChunksAndPassesTrailers) {
  origin.on("/a", OriginResponse{});
  const std::string large(40'000, 'x');
  TextBody body({"hello, ", large}, false);
  body.trailer_lines = "Checksum: 42\r\n";
  EXPECT_TRUE(post("/a", body).request_sent);
  EXPECT_EQ(origin.last().field("Transfer-Encoding"), "chunked");
  EXPECT_EQ(origin.last().body, "hello, " + large);
  EXPECT_EQ(origin.last().trailers, (test::OriginFields{{"Checksum", "42"}}));
}

// ---- Framing of answers ---------------------------------------------------------------------------------

TEST_F(HttpClientTest, ReadsLargeBodiesOfEachFraming) {
  std::string large;
  for (int i = 0; large.size() < 3'000'000; ++i) large += std::to_string(i) + ",";
  origin.on("/length", {.body = large});
  origin.on("/chunked", {.body = large, .chunked = true, .chunk_size = 50'001});
  origin.on("/tiny-chunks", {.body = large.substr(0, 20'000), .chunked = true, .chunk_size = 3});
  origin.on("/until-close", {.body = large, .until_close = true});
  for (const auto* path : {"/length", "/chunked", "/until-close"}) {
    const auto fetched = get(path);
    EXPECT_FALSE(fetched.failure()) << path;
    EXPECT_TRUE(fetched.body == large) << path;
  }
  EXPECT_TRUE(get("/tiny-chunks").body == large.substr(0, 20'000));
  EXPECT_EQ(get("/length").length, large.size());
  EXPECT_FALSE(get("/chunked").length.has_value());
  // /until-close used up a connection, everything else shared them
  EXPECT_EQ(origin.connections(), 2U);
}

TEST_F(HttpClientTest, PassesTrailersOfAChunkedBody) {
  origin.on("/a", {.body = "hello", .trailers = {{"Checksum", "42"}, {"Set-Cookie", "a=b"}}});
  const auto fetched = get("/a");
  EXPECT_EQ(fetched.body, "hello");
  EXPECT_EQ(fetched.trailers, "Checksum: 42\r\n");
}

TEST_F(HttpClientTest, KnowsWhichAnswersHaveNoBody) {
  origin.on("/a", {.fields = {{"Content-Length", "500"}}, .body = "hello"});
  auto head = request_for(Method::head, "/a");
  EXPECT_EQ(fetch(head).status, 200);
  origin.on("/none", {.status = 204});
  EXPECT_EQ(get("/none").status, 204);
  origin.on("/same", {.status = 304, .fields = {{"Content-Length", "500"}, {"ETag", "\"a\""}}});
  EXPECT_EQ(get("/same").field("ETag"), "\"a\"");
  EXPECT_EQ(origin.connections(), 1U);
}

TEST_F(HttpClientTest, GrowsWithTheHeadUpToTheLimit) {
  settings.max_head = 40'000;
  const std::string large(30'000, 'x');
  origin.on("/large", {.fields = {{"First", "1"}, {"Large", large}, {"Last", "2"}}, .body = "hello"});
  const auto fetched = get("/large");
  EXPECT_EQ(fetched.field("First"), "1");
  EXPECT_EQ(fetched.field("Large"), large);
  EXPECT_EQ(fetched.field("Last"), "2");
  EXPECT_EQ(fetched.body, "hello");
  origin.on("/too-large", {.fields = {{"Large", large}, {"Larger", large}}});
  EXPECT_EQ(get("/too-large").failure(), ErrorKind::response_too_large);
}

TEST_F(HttpClientTest, KeepsTheHeadGoodWhileAChunkedBodyIsRead) {
  const std::string filling(7'000, 'y');  // leaves little room behind the head
  origin.on("/a", {.fields = {{"Filling", filling}}, .body = std::string(200'000, 'z'), .chunked = true});
  auto request = request_for(Method::get, "/a");
  auto reply = worker.run(fetcher().fetch(request)).value();
  Fetched fetched;
  worker.run(read_body(*reply, fetched));
  EXPECT_EQ(fetched.body.size(), 200'000U);
  EXPECT_EQ(reply->head().fields.find("Filling"), filling);
}

TEST_F(HttpClientTest, StampsRequestAndResponse) {
  origin.on("/a", {.delay = 50ms});
  const auto before = worker.clock.now();
  auto request = request_for(Method::get, "/a");
  const auto reply = worker.run(fetcher().fetch(request)).value();
  EXPECT_GE(reply->request_time(), before);
  EXPECT_GE(reply->response_time() - reply->request_time(), 40ms);
}

// ---- Interim responses ----------------------------------------------------------------------------------

TEST_F(HttpClientTest, TellsOfInterimResponsesBut100) {
  origin.on("/a",
            {.body = "hello",
             .interim = {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </b>\r\n\r\n"}});
  auto request = request_for(Method::get, "/a");
  std::vector<std::string> seen;
  request.on_interim = [&](const http::ResponseHead& head) {
    seen.push_back(std::to_string(head.status) + std::string(head.fields.find("Link").value_or("")));
  };
  EXPECT_EQ(fetch(request).body, "hello");
  EXPECT_THAT(seen, ::testing::ElementsAre("103</b>"));
}

TEST_F(HttpClientTest, BoundsInterimResponses) {
  const std::string hint = "HTTP/1.1 103 Early Hints\r\n\r\n";
  origin.on("/some", {.body = "hello", .interim = std::vector<std::string>(16, hint)});
  EXPECT_EQ(get("/some").body, "hello");
  origin.on("/many", {.body = "hello", .interim = std::vector<std::string>(17, hint)});
  EXPECT_EQ(get("/many").failure(), ErrorKind::response_malformed);
}

// ---- Malformed answers ----------------------------------------------------------------------------------

struct BadAnswer {
  const char* name;
  std::string bytes;
  ErrorKind expected = ErrorKind::response_malformed;
};

const BadAnswer kBadAnswers[] = {
    {"NotHttp", "SSH-2.0-OpenSSH_9.2\r\n\r\n"},
    {"Html", "<html>hello</html>\r\n\r\n"},
    {"Http2", "HTTP/2 200 OK\r\n\r\n"},
    {"Http09Version", "HTTP/0.9 200 OK\r\n\r\n"},
    {"LowerCaseVersion", "http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"StatusTooShort", "HTTP/1.1 20 OK\r\n\r\n"},
    {"StatusNotDigits", "HTTP/1.1 2x0 OK\r\n\r\n"},
    {"StatusOutOfRange", "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"},
    {"StatusZero", "HTTP/1.1 000 Odd\r\nContent-Length: 0\r\n\r\n"},
    {"BareLineFeeds", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"},
    {"ControlInReason", "HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n"},
    {"SpaceBeforeColon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"},
    {"EmptyFieldName", "HTTP/1.1 200 OK\r\n: a\r\nContent-Length: 0\r\n\r\n"},
    {"FieldWithoutColon", "HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 0\r\n\r\n"},
    {"NulInFieldValue", std::string("HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 0\r\n\r\n", 47)},
    {"FoldedField", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n"},
    {"LengthTwice", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
    {"LengthTwiceTheSame", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
    {"LengthList", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello"},
    {"LengthNegative", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello"},
    {"LengthSigned", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello"},
    {"LengthHex", "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello"},
    {"LengthTooBig", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello"},
    {"LengthEmpty", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello"},
    {"LengthAndChunked",
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"UnknownCoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello"},
    {"ChunkedTwice", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
    {"ChunkedNotLast", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"},
    {"ChunkedInHttp10", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"ChunkSizeNotHex", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nhello\r\n0\r\n\r\n"},
    {"ChunkSizeNegative", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n"},
    {"ChunkSizeTooBig", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\nhello"},
    {"ChunkWithoutEnd", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n0\r\n\r\n"},
    {"ChunkBareLineFeed", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"},
    {"LengthInTrailers",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n"},
    {"EndlessChunkExtension",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(200'000, 'x')},
    {"SwitchNobodyAskedFor",
     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"},
    {"NothingAtAll", "", ErrorKind::connection_lost},
    {"HalfAStatusLine", "HTTP/1.1 200", ErrorKind::response_incomplete},
    {"HalfAHead", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", ErrorKind::response_incomplete},
    {"OnlyAnInterim", "HTTP/1.1 100 Continue\r\n\r\n", ErrorKind::response_incomplete},
    {"LengthCutShort", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", ErrorKind::response_incomplete},
    {"LengthWithoutBody", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", ErrorKind::response_incomplete},
    {"ChunkCutShort", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
     ErrorKind::response_incomplete},
    {"NoLastChunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
     ErrorKind::response_incomplete},
    {"NoEndOfTrailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
     ErrorKind::response_incomplete},
};

class BadAnswerTest : public UpstreamTest, public ::testing::WithParamInterface<BadAnswer> {};

TEST_P(BadAnswerTest, FailsAndClosesTheConnection) {
  const auto& row = GetParam();
  std::atomic<bool> closed{false};
  origin.script([&](OriginPeer& peer) {
    peer.read_request();
    peer.send(row.bytes);
    if (row.expected != ErrorKind::response_malformed) peer.end_sending();
    peer.wait_for_close();
    closed = true;
  });
  const auto fetched = get("/a");
  EXPECT_EQ(fetched.failure(), row.expected);
  EXPECT_EQ(worker.metrics.upstream_errors.value(), 1U);
  EXPECT_TRUE(origin.wait_for_open_connections(0));
  EXPECT_TRUE(closed);
}

INSTANTIATE_TEST_SUITE_P(HttpClient, BadAnswerTest, ::testing::ValuesIn(kBadAnswers),
                         [](const auto& row) { return row.param.name; });

TEST_F(HttpClientTest, StaysFailedAndNamesTheServer) {
  next_sends("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
  auto request = request_for(Method::get, "/a");
  auto reply = worker.run(fetcher().fetch(request)).value();
  Fetched fetched;
  worker.run(read_body(*reply, fetched));
  EXPECT_EQ(fetched.body, "hello");
  EXPECT_EQ(fetched.body_error->detail, "127.0.0.1:" + std::to_string(origin.port()));
  char more[10];
  EXPECT_EQ(worker.run(reply->body().read_some(asio::buffer(more))).error().kind,
            ErrorKind::response_incomplete);
}

TEST_F(HttpClientTest, TellsAResetFromACompleteAnswer) {
  origin.on("/a", {.body = "0123456789", .until_close = true, .reset_after = 5});
  EXPECT_EQ(get("/a").failure(), ErrorKind::response_incomplete);
  origin.script([](OriginPeer& peer) {
    peer.read_request();
    peer.reset();
  });
  const auto lost = get("/a");
  EXPECT_EQ(lost.failure(), ErrorKind::connection_lost);
  EXPECT_THAT(lost.error->detail, ::testing::HasSubstr(": Connection reset by peer"));
}

// ---- Time-outs ------------------------------------------------------------------------------------------

TEST_F(HttpClientTest, WaitsForTheHeadNoLongerThanAllowed) {
  settings.first_byte_timeout = 200ms;
  origin.on("/silent", {.gate = "never"});
  EXPECT_EQ(get("/silent").failure(), ErrorKind::first_byte_timeout);
  origin.script([](OriginPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-");
    peer.wait("never");
  });
  EXPECT_EQ(get("/half").failure(), ErrorKind::first_byte_timeout);
}

TEST_F(HttpClientTest, WaitsForMoreOfTheBodyNoLongerThanAllowed) {
  settings.between_bytes_timeout = 200ms;
  origin.on("/a", {.body = "0123456789", .gates = {{5, "never"}}});
  const auto fetched = get("/a");
  EXPECT_EQ(fetched.failure(), ErrorKind::between_bytes_timeout);
  EXPECT_EQ(fetched.body, "01234");
}

TEST_F(HttpClientTest, DoesNotBlameTheServerForASlowReader) {
  settings.between_bytes_timeout = 200ms;
  origin.on("/a", {.body = "0123456789", .gates = {{5, "half"}}});
  auto request = request_for(Method::get, "/a");
  auto reply = worker.run(fetcher().fetch(request)).value();
  const auto until = std::chrono::steady_clock::now() + 500ms;
  worker.run_until([&] { return std::chrono::steady_clock::now() >= until; });
  origin.gate("half").open();
  Fetched fetched;
  worker.run(read_body(*reply, fetched));
  EXPECT_EQ(fetched.body, "0123456789");
}

}  // namespace
}  // namespace forebay::upstream::testing
