// Parts that passed by are stored, served, combined and completed (RFC 9111 §3.3, §3.4, RFC 9110 §15.3.7.3).
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

const std::string kBody = "0123456789abcdefghij";

/// An origin that knows ranges of the form first-last and If-Range with an entity tag.
OriginResponse serve_range(const OriginRequest& request, const std::string& body, const std::string& etag) {
  OriginFields fields{{"Cache-Control", "max-age=60"}, {"Content-Type", "text/plain"}};
  if (!etag.empty()) fields.push_back({"ETag", etag});
  const auto range = request.field("Range");
  const auto if_range = request.field("If-Range");
  if (range.empty() || (!if_range.empty() && if_range != etag)) return {.fields = fields, .body = body};
  const auto dash = range.find('-');
  const auto first = std::stoul(range.substr(6, dash - 6));
  const auto last = dash + 1 < range.size() ? std::min(std::stoul(range.substr(dash + 1)), body.size() - 1)
                                            : body.size() - 1;
  fields.push_back({"Content-Range", "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
                                         std::to_string(body.size())});
  return {.status = 206, .fields = fields, .body = body.substr(first, last - first + 1)};
}

class PartialContent : public testing::Test {
 protected:
  PartialContent() { offer("/a", "\"1\""); }
  void offer(const std::string& path, const std::string& etag, const std::string& body = kBody) {
    s.origin.on(path, [=](const OriginRequest& request) { return serve_range(request, body, etag); });
  }
  Response range(const std::string& value, const std::string& path = "/a") {
    return s.client.get(path, {{"Range", value}});
  }

  Scenario s;
};

TEST_F(PartialContent, APartIsStoredAndServed) {
  EXPECT_EQ(range("bytes=5-14").body, "56789abcde");
  const auto again = range("bytes=5-14");
  EXPECT_EQ(again.status, 206);
  EXPECT_EQ(again.body, "56789abcde");
  EXPECT_EQ(again.field("Content-Range"), "bytes 5-14/20");
  EXPECT_EQ(again.field("Content-Length"), "10");
  EXPECT_EQ(again.count("Content-Range"), 1U);
  EXPECT_TRUE(again.is_hit());
  EXPECT_EQ(range("bytes=7-8").body, "78") << "a part of the part";
  EXPECT_EQ(range("bytes=30-").status, 416);
  EXPECT_EQ(s.client.get("/a", {{"Range", "bytes=0-3"}, {"If-None-Match", "\"1\""}}).status, 304);
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST_F(PartialContent, HeadIsAnsweredFromTheHead) {
  range("bytes=5-14");
  const auto head = s.client.head("/a");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("Content-Length"), "20");
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST_F(PartialContent, PartsOfOneRepresentationAreCombined) {
  range("bytes=5-9");
  range("bytes=8-14");
  EXPECT_EQ(range("bytes=6-13").body, "6789abcd");
  range("bytes=15-19");
  EXPECT_EQ(range("bytes=6-").body, "6789abcdefghij");
  EXPECT_EQ(s.origin.requests(), 3U);
  EXPECT_EQ(s.origin.last().field("If-Range"), "") << "the client's own request";
}

TEST_F(PartialContent, OnceTheyAreAllThereTheResponseIsComplete) {
  range("bytes=5-19");
  const auto whole = s.client.get("/a");  // asks for 0-4
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, kBody);
  EXPECT_EQ(whole.field("Content-Length"), "20");
  EXPECT_EQ(whole.field("Content-Range"), "");
  EXPECT_EQ(whole.cache_status(), "forebay; fwd=partial; fwd-status=206; stored");
  EXPECT_EQ(s.origin.last().field("Range"), "bytes=0-4");
  EXPECT_EQ(s.origin.last().field("If-Range"), "\"1\"");
  EXPECT_TRUE(s.client.get("/a").is_hit());
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST_F(PartialContent, WhatIsMissingInTheMiddleIsFetched) {
  range("bytes=10-19");
  range("bytes=1-4");
  EXPECT_EQ(s.client.get("/a").body, kBody) << "two ranges are missing: everything is fetched";
  EXPECT_EQ(s.origin.last().field("Range"), "");
  s.client.post("/a", "x");
  range("bytes=12-19");
  range("bytes=5-8");
  EXPECT_EQ(range("bytes=0-").body, kBody);
}

TEST_F(PartialContent, AnotherRepresentationIsNotMixedIn) {
  range("bytes=5-19");
  offer("/a", "\"2\"", "ABCDEFGHIJKLMNOPQRST");
  const auto whole = s.client.get("/a");
  EXPECT_EQ(whole.body, "ABCDEFGHIJKLMNOPQRST");
  EXPECT_EQ(s.client.get("/a").body, "ABCDEFGHIJKLMNOPQRST");
  EXPECT_EQ(s.origin.requests(), 2U) << "If-Range made it one";
}

TEST_F(PartialContent, ANewerPartOfAnotherRepresentationTakesThePlace) {
  range("bytes=5-9");
  offer("/a", "\"2\"", "ABCDEFGHIJKLMNOPQRST");
  EXPECT_EQ(range("bytes=8-12").body, "IJKLM");
  EXPECT_EQ(range("bytes=8-9").body, "IJ");
  EXPECT_EQ(range("bytes=5-6").body, "FG") << "the old part is gone";
}

TEST_F(PartialContent, WithoutAStrongTagPartsAreNotCombined) {
  for (const std::string etag : {"", "W/\"1\""}) {
    const auto path = "/weak" + std::to_string(etag.size());
    offer(path, etag);
    range("bytes=1-9", path);
    EXPECT_TRUE(range("bytes=2-3", path).is_hit()) << "but served by themselves";
    range("bytes=10-19", path);
    const auto whole = s.client.get(path);
    EXPECT_EQ(whole.body, kBody);
    EXPECT_EQ(s.origin.last(path).field("Range"), "");
    EXPECT_EQ(s.origin.requests(path), 3U);
  }
}

TEST_F(PartialContent, AnOriginThatAnswersAnotherPartIsAskedForEverything) {
  range("bytes=5-19");
  s.origin.on("/a", [](const OriginRequest& request) {
    auto response = serve_range(request, kBody, "\"1\"");
    if (response.status == 206) {
      response.fields.back().second = "bytes 1-5/20";  // not what If-Range and Range asked for
      response.body = "12345";
    }
    return response;
  });
  EXPECT_EQ(s.client.get("/a").body, kBody);
  EXPECT_TRUE(s.client.get("/a").is_hit());
}

TEST_F(PartialContent, ABodyThatEndedEarlyIsCompleted) {
  s.origin.on("/a", {.fields = {{"Cache-Control", "max-age=60"}, {"ETag", "\"1\""}, {"Content-Length", "20"}},
                     .body = kBody,
                     .truncate_after = 8});
  EXPECT_FALSE(s.client.get("/a").complete);
  offer("/a", "\"1\"");
  const auto whole = s.forebay.get("/a");
  EXPECT_TRUE(whole.complete);
  EXPECT_EQ(whole.body, kBody);
  EXPECT_EQ(s.origin.last().field("Range"), "bytes=8-19");
  EXPECT_TRUE(s.forebay.get("/a").is_hit());
}

TEST_F(PartialContent, WhatCompletesMayEndEarlyToo) {
  s.origin.on("/a", {.fields = {{"Cache-Control", "max-age=60"}, {"ETag", "\"1\""}, {"Content-Length", "20"}},
                     .body = kBody,
                     .truncate_after = 5});
  EXPECT_FALSE(s.forebay.get("/a").complete);
  s.origin.on("/a", {.status = 206,
                     .fields = {{"Cache-Control", "max-age=60"},
                                {"ETag", "\"1\""},
                                {"Content-Range", "bytes 5-19/20"},
                                {"Content-Length", "15"}},
                     .body = kBody.substr(5),
                     .truncate_after = 6});
  EXPECT_FALSE(s.forebay.get("/a").complete);
  offer("/a", "\"1\"");
  EXPECT_EQ(s.forebay.get("/a").body, kBody);
  EXPECT_EQ(s.origin.last().field("Range"), "bytes=11-19");
}

TEST_F(PartialContent, AStalePartIsValidated) {
  range("bytes=5-14");
  s.forebay.clock().advance_wall(std::chrono::seconds(61));
  s.origin.on("/a", [](const OriginRequest& request) {
    EXPECT_EQ(request.field("If-None-Match"), "\"1\"");
    return OriginResponse{.status = 304, .fields = {{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}}};
  });
  EXPECT_EQ(range("bytes=6-7").body, "67");
  EXPECT_TRUE(range("bytes=6-7").is_hit());
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST_F(PartialContent, AnInvalidationTakesThePartsAway) {
  range("bytes=5-14");
  s.client.post("/a", "x");
  offer("/a", "\"2\"", "ABCDEFGHIJKLMNOPQRST");
  EXPECT_EQ(range("bytes=5-6").body, "FG");
}

TEST_F(PartialContent, OnlyIfCachedGetsNoMoreThanThereIs) {
  range("bytes=5-14");
  const auto get = [&](const std::string& value) {
    return s.client.get("/a", {{"Range", value}, {"Cache-Control", "only-if-cached"}}).status;
  };
  EXPECT_EQ(get("bytes=6-7"), 206);
  EXPECT_EQ(get("bytes=0-7"), 504);
}

TEST_F(PartialContent, PrivatePartsAreNotStored) {
  s.origin.on("/p", {.status = 206,
                     .fields = {{"Cache-Control", "private, max-age=60"},
                                {"ETag", "\"1\""},
                                {"Content-Range", "bytes 5-6/20"}},
                     .body = "56"});
  range("bytes=5-6", "/p");
  EXPECT_FALSE(range("bytes=5-6", "/p").is_hit());
}

TEST_F(PartialContent, TheWholeThatAnswersARangeIsStored) {
  s.origin.on("/whole", fresh(kBody, {{"ETag", "\"1\""}}));
  EXPECT_EQ(range("bytes=5-6", "/whole").status, 200);
  EXPECT_TRUE(range("bytes=5-6", "/whole").is_hit());
}

}  // namespace
}  // namespace forebay::test
