// Parts of what is stored, or is arriving, are served from it (RFC 9110 §14, §15.3.7).
#include <gtest/gtest.h>

#include "support/gate.hpp"
#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

const std::string kModified = "Tue, 14 Nov 2023 20:00:00 GMT";
const std::string kBody = "0123456789abcdefghij";

class Range : public testing::Test {
 protected:
  Range() {
    s.origin.on("/a", fresh(kBody, {{"ETag", "\"1\""},
                                    {"Last-Modified", kModified},
                                    {"Date", "Tue, 14 Nov 2023 22:13:20 GMT"},
                                    {"Content-Type", "text/plain"}}));
    s.client.get("/a");
  }
  Response get(const FieldLines& fields) { return s.client.get("/a", fields); }
  Response range(const std::string& value) { return get({{"Range", value}}); }

  Scenario s;
};

TEST_F(Range, OneRangeOfAStoredResponse) {
  const auto response = range("bytes=2-5");
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, "2345");
  EXPECT_EQ(response.field("Content-Range"), "bytes 2-5/20");
  EXPECT_EQ(response.field("Content-Length"), "4");
  EXPECT_EQ(response.field("Content-Type"), "text/plain");
  EXPECT_EQ(response.field("ETag"), "\"1\"");
  EXPECT_EQ(response.count("Date"), 1U);
  EXPECT_TRUE(response.is_hit());
  EXPECT_EQ(range("bytes=15-").body, "fghij");
  EXPECT_EQ(range("bytes=-3").body, "hij");
  EXPECT_EQ(range("bytes=18-100").field("Content-Range"), "bytes 18-19/20");
  EXPECT_EQ(get({}).body, kBody) << "the connection is in step";
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST_F(Range, OutsideOfTheRepresentation) {
  const auto response = range("bytes=20-");
  EXPECT_EQ(response.status, 416);
  EXPECT_EQ(response.field("Content-Range"), "bytes */20");
  EXPECT_EQ(get({}).body, kBody);
}

TEST_F(Range, MalformedOnesAreIgnored) {
  for (const auto* value : {"bytes=5-2", "bytes=", "bytes 1-2", "lines=1-2", "bytes=a-b", "bytes=1-2;q=1"}) {
    const auto response = range(value);
    EXPECT_EQ(response.status, 200) << value;
    EXPECT_EQ(response.body, kBody) << value;
  }
  const auto twice = get({{"Range", "bytes=0-1"}, {"Range", "bytes=2-3"}});
  EXPECT_EQ(twice.status, 200);
}

TEST_F(Range, HeadDoesNotKnowRanges) {
  const auto response = s.client.head("/a", {{"Range", "bytes=0-1"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.field("Content-Length"), "20");
}

TEST_F(Range, PreconditionsComeFirst) {
  EXPECT_EQ(get({{"Range", "bytes=0-1"}, {"If-None-Match", "\"1\""}}).status, 304);
  EXPECT_EQ(get({{"Range", "bytes=0-1"}, {"If-Match", "\"2\""}}).status, 412);
}

TEST_F(Range, IfRangeNamesTheRepresentation) {
  const auto status = [&](const std::string& value) {
    return get({{"Range", "bytes=0-1"}, {"If-Range", value}}).status;
  };
  EXPECT_EQ(status("\"1\""), 206);
  EXPECT_EQ(status("\"2\""), 200);
  EXPECT_EQ(status("W/\"1\""), 200);
  EXPECT_EQ(status(kModified), 206);
  EXPECT_EQ(status("Tue, 14 Nov 2023 20:00:01 GMT"), 200);
  EXPECT_EQ(status("Tue, 14 Nov 2023 19:59:59 GMT"), 200);
  EXPECT_EQ(status("nonsense"), 200);
}

TEST_F(Range, IfRangeWithoutRangeMeansNothing) {
  for (const auto* value : {"\"1\"", "\"2\"", "nonsense", ""}) {
    const auto response = get({{"If-Range", value}});
    EXPECT_EQ(response.status, 200) << value;
    EXPECT_EQ(response.body, kBody) << value;
    EXPECT_TRUE(response.is_hit()) << value;
  }
}

TEST_F(Range, AContentRangeInARequestMeansNothing) {
  for (const auto* value : {"bytes 0-1/20", "bytes */20", "nonsense"}) {
    const auto response = get({{"Content-Range", value}});
    EXPECT_EQ(response.status, 200) << value;
    EXPECT_EQ(response.body, kBody) << value;
    EXPECT_TRUE(response.is_hit()) << value;
  }
}

TEST_F(Range, ALastModifiedWithinTheSecondOfTheDateIsNoStrongValidator) {
  const std::string now = "Tue, 14 Nov 2023 22:13:20 GMT";
  s.origin.on("/weak", fresh(kBody, {{"Last-Modified", now}, {"Date", now}}));
  s.client.get("/weak");
  EXPECT_EQ(s.client.get("/weak", {{"Range", "bytes=0-1"}, {"If-Range", now}}).status, 200);
}

TEST_F(Range, SeveralRangesAreSentAsParts) {
  const std::string body(1000, 'x');
  s.origin.on("/large", fresh("first" + body + "last", {{"Content-Type", "text/css"}}));
  s.client.get("/large");
  const auto response = s.client.get("/large", {{"Range", "bytes=0-4, -4"}});
  EXPECT_EQ(response.status, 206);
  EXPECT_FALSE(response.has("Content-Range"));
  const auto type = response.field("Content-Type");
  const std::string prefix = "multipart/byteranges; boundary=";
  ASSERT_EQ(type.substr(0, prefix.size()), prefix);
  const auto boundary = type.substr(prefix.size());
  EXPECT_EQ(response.body, "\r\n--" + boundary +
                               "\r\nContent-Type: text/css\r\nContent-Range: bytes 0-4/1009\r\n\r\nfirst"
                               "\r\n--" +
                               boundary +
                               "\r\nContent-Type: text/css\r\nContent-Range: bytes 1005-1008/1009\r\n\r\nlast"
                               "\r\n--" +
                               boundary + "--\r\n");
  EXPECT_NE(s.client.get("/large", {{"Range", "bytes=0-4, -4"}}).field("Content-Type"), "");
  EXPECT_EQ(s.client.get("/large", {{"Range", "bytes=0-4, 5-9"}}).field("Content-Range"), "bytes 0-9/1009");
}

TEST_F(Range, OfALargeBodyInManyChunks) {
  std::string body;
  for (int i = 0; i < 100'000; ++i) body += std::to_string(i) + ",";
  s.origin.on("/large", fresh(body));
  s.client.get("/large");
  for (const auto& [first, last] : {std::pair<std::size_t, std::size_t>{65'535, 65'536},
                                    {0, body.size() - 1},
                                    {100'000, 300'000},
                                    {131'072, 196'607}}) {
    const auto response =
        s.client.get("/large", {{"Range", "bytes=" + std::to_string(first) + "-" + std::to_string(last)}});
    EXPECT_EQ(response.status, 206);
    EXPECT_TRUE(response.body == body.substr(first, last - first + 1)) << first;
  }
}

TEST_F(Range, OnlyOf200) {
  s.origin.on("/gone",
              OriginResponse{.status = 404, .fields = {{"Cache-Control", "max-age=60"}}, .body = kBody});
  s.client.get("/gone");
  const auto response = s.client.get("/gone", {{"Range", "bytes=0-1"}});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, kBody);
}

TEST_F(Range, APartOfTheBeginningIsWorthAFetchOfTheWhole) {
  s.origin.on("/begin", fresh(kBody));
  const auto part = s.client.get("/begin", {{"Range", "bytes=0-3"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "0123");
  EXPECT_EQ(part.field("Content-Range"), "bytes 0-3/20");
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  EXPECT_TRUE(s.client.get("/begin").is_hit());
}

TEST_F(Range, FromTheBeginningOnIsWorthAFetchOfTheWhole) {
  s.origin.on("/new", fresh(kBody));
  const auto response = s.client.get("/new", {{"Range", "bytes=0-"}});
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.field("Content-Range"), "bytes 0-19/20");
  EXPECT_EQ(response.body, kBody);
  EXPECT_TRUE(s.client.get("/new").is_hit());
}

TEST_F(Range, ThePartHasNothingThatIsSaidOfTheWhole) {
  s.origin.on("/digests", fresh(kBody, {{"Content-MD5", "abc"},
                                        {"Content-Digest", "sha-256=:abc=:"},
                                        {"Repr-Digest", "sha-256=:def=:"},
                                        {"Content-Range", "bytes 0-19/20"}}));
  s.client.get("/digests");
  const auto part = s.client.get("/digests", {{"Range", "bytes=2-5"}});
  EXPECT_FALSE(part.has("Content-MD5"));
  EXPECT_FALSE(part.has("Content-Digest"));
  EXPECT_EQ(part.field("Repr-Digest"), "sha-256=:def=:") << "of the representation, RFC 9530 §3";
  EXPECT_EQ(part.count("Content-Range"), 1U);
  EXPECT_EQ(part.field("Content-Range"), "bytes 2-5/20");
}

// RFC 9110 §15.3.7
TEST_F(Range, ThePartHasWhatIsSaidOfTheRepresentation) {
  const FieldLines said{{"Date", "Tue, 14 Nov 2023 22:13:20 GMT"},
                        {"Cache-Control", "max-age=60"},
                        {"ETag", "\"1\""},
                        {"Expires", "Tue, 14 Nov 2023 22:14:20 GMT"},
                        {"Content-Location", "/b"},
                        {"Vary", "Accept"},
                        {"Last-Modified", kModified},
                        {"Content-Language", "de"}};
  s.origin.on("/fields", OriginResponse{.fields = said, .body = kBody});
  s.client.get("/fields");
  for (const auto* value : {"bytes=2-5", "bytes=0-0, -1"}) {
    const auto part = s.client.get("/fields", {{"Range", value}});
    EXPECT_EQ(part.status, 206);
    EXPECT_TRUE(part.is_hit());
    for (const auto& [name, text] : said) EXPECT_EQ(part.field(name), text) << name;
  }
}

// RFC 9110 §14.2 lets a server ignore the field where there is nothing to send a part of.
TEST_F(Range, OfNothingIsIgnored) {
  s.origin.on("/empty", fresh(""));
  s.client.get("/empty");
  for (const auto* value : {"bytes=0-", "bytes=-1", "bytes=5-", "bytes=-0"}) {
    const auto response = s.client.get("/empty", {{"Range", value}});
    EXPECT_EQ(response.status, 200) << value;
    EXPECT_FALSE(response.has("Content-Range")) << value;
  }
}

// RFC 9110 §14.4: of a unit that is not understood, or invalid; nothing is made of it, and it is passed on.
TEST_F(Range, PartsThatNobodyUnderstandsArePassedOnAndNotStored) {
  for (const std::string part : {"exampleunit 1.2-4.3/25", "bytes 5-2/20", "bytes 2-5/5", "bytes", ""}) {
    s.origin.on("/odd",
                OriginResponse{
                    .status = 206,
                    .fields = {{"Content-Range", part}, {"Cache-Control", "max-age=60"}, {"ETag", "\"1\""}},
                    .body = "2345"});
    for (int round = 0; round < 2; ++round) {
      const auto response = s.client.get("/odd", {{"Range", "bytes=2-5"}});
      EXPECT_EQ(response.status, 206) << part;
      EXPECT_EQ(response.field("Content-Range"), part);
      EXPECT_EQ(response.body, "2345") << part;
      EXPECT_FALSE(response.is_hit()) << part;
    }
  }
}

TEST_F(Range, OutsideOfWhatArrives) {
  s.origin.on("/a", fresh("short", {{"ETag", "\"2\""}}));
  s.forebay.clock().advance_wall(seconds{100});
  const auto response = range("bytes=10-");
  EXPECT_EQ(response.status, 416);
  EXPECT_EQ(response.field("Content-Range"), "bytes */5");
}

TEST_F(Range, AStaleResponseIsValidatedAndThenServedInPart) {
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.field("If-None-Match") == "\"1\"")
      return OriginResponse{.status = 304, .fields = {{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}}};
    return fresh("never");
  });
  s.forebay.clock().advance_wall(seconds{100});
  const auto response = range("bytes=2-5");
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, "2345");
}

TEST_F(Range, AStaleResponseThatHasChangedIsServedInPartAsItArrives) {
  s.origin.on("/a", fresh("ABCDEFGHIJ", {{"ETag", "\"2\""}}));
  s.forebay.clock().advance_wall(seconds{100});
  const auto response = range("bytes=2-5");
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, "CDEF");
  EXPECT_EQ(response.field("Content-Range"), "bytes 2-5/10");
  EXPECT_EQ(get({}).body, "ABCDEFGHIJ");
  EXPECT_TRUE(get({}).is_hit());
}

TEST_F(Range, APartThatIsNotStoredIsAskedForUpstream) {
  s.origin.on("/new", [](const OriginRequest& request) {
    EXPECT_EQ(request.field("Range"), "bytes=2-5");
    return OriginResponse{.status = 206,
                          .fields = {{"Content-Range", "bytes 2-5/20"}, {"Cache-Control", "max-age=60"}},
                          .body = "2345"};
  });
  const auto response = s.client.get("/new", {{"Range", "bytes=2-5"}});
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, "2345");
  EXPECT_EQ(response.field("Cache-Status"), "forebay; fwd=miss; stored; detail=range");
}

}  // namespace
}  // namespace forebay::test
