// Clients that have a copy already are answered from the store (RFC 9110 §13, RFC 9111 §4.3.2).
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

const std::string kModified = "Tue, 14 Nov 2023 20:00:00 GMT";

class ConditionalRequests : public testing::Test {
 protected:
  ConditionalRequests() {
    s.origin.on(
        "/a",
        fresh("hello", {{"ETag", "\"1\""}, {"Last-Modified", kModified}, {"Content-Type", "text/plain"}}));
  }
  int status_of(const FieldLines& fields) { return s.client.get("/a", fields).status; }

  Scenario s;
};

TEST_F(ConditionalRequests, NotModifiedIsAnsweredFromTheStore) {
  s.client.get("/a");
  const auto response = s.client.get("/a", {{"If-None-Match", "\"1\""}});
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.field("ETag"), "\"1\"");
  EXPECT_EQ(response.field("Cache-Control"), "max-age=60");
  EXPECT_EQ(response.count("Date"), 1U);
  EXPECT_FALSE(response.has("Content-Type"));
  EXPECT_FALSE(response.has("Content-Length"));
  EXPECT_TRUE(response.is_hit());
  EXPECT_EQ(s.client.get("/a").body, "hello");  // the connection is in step
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST_F(ConditionalRequests, EntityTags) {
  s.client.get("/a");
  EXPECT_EQ(status_of({{"If-None-Match", "\"0\", W/\"1\""}}), 304);
  EXPECT_EQ(status_of({{"If-None-Match", "*"}}), 304);
  EXPECT_EQ(status_of({{"If-None-Match", "\"2\""}}), 200);
  EXPECT_EQ(status_of({{"If-Match", "\"1\""}}), 200);
  EXPECT_EQ(status_of({{"If-Match", "W/\"1\""}}), 412);
  EXPECT_EQ(status_of({{"If-Match", "\"2\""}}), 412);
}

TEST_F(ConditionalRequests, Dates) {
  s.client.get("/a");
  EXPECT_EQ(status_of({{"If-Modified-Since", kModified}}), 304);
  EXPECT_EQ(status_of({{"If-Modified-Since", "Tue, 14 Nov 2023 19:59:59 GMT"}}), 200);
  EXPECT_EQ(status_of({{"If-Modified-Since", "yesterday"}}), 200);
  EXPECT_EQ(status_of({{"If-Unmodified-Since", "Tue, 14 Nov 2023 19:59:59 GMT"}}), 412);
  EXPECT_EQ(status_of({{"If-Unmodified-Since", kModified}}), 200);
}

TEST_F(ConditionalRequests, EntityTagsWinOverDates) {
  s.client.get("/a");
  EXPECT_EQ(status_of({{"If-None-Match", "\"2\""}, {"If-Modified-Since", kModified}}), 200);
}

TEST_F(ConditionalRequests, FirstRequestIsFetchedWholeAndAnsweredWith304) {
  const auto response = s.client.get("/a", {{"If-None-Match", "\"1\""}});
  EXPECT_EQ(response.status, 304);
  EXPECT_FALSE(s.origin.last().has("If-None-Match"));
  ASSERT_TRUE(s.forebay.wait_for_no_flights());
  const auto hit = s.client.get("/a");
  EXPECT_TRUE(hit.is_hit());
  EXPECT_EQ(hit.body, "hello");
}

TEST_F(ConditionalRequests, FollowersConditionsAreTheirOwn) {
  auto response = fresh("hello", {{"ETag", "\"1\""}});
  response.gate = "go";
  s.origin.on("/b", response);
  std::vector<Client> clients;
  for (const auto* tag : {"\"1\"", "\"2\"", "\"1\""}) {
    clients.push_back(s.forebay.client());
    clients.back().request("GET", "/b", {{"If-None-Match", tag}});
  }
  ASSERT_TRUE(s.forebay.wait_until_metric_is("forebay_waiting", 2));
  s.origin.gate("go").open();
  EXPECT_EQ(clients[0].read().status, 304);
  const auto whole = clients[1].read();
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, "hello");
  EXPECT_EQ(clients[2].read().status, 304);
}

TEST_F(ConditionalRequests, StoredErrorsAreNoMatterOfPreconditions) {
  auto missing = fresh("no such page", {{"ETag", "\"1\""}});
  missing.status = 404;
  s.origin.on("/b", missing);
  s.client.get("/b");
  EXPECT_EQ(s.client.get("/b", {{"If-None-Match", "\"1\""}}).status, 404);
}

TEST_F(ConditionalRequests, UnsafeMethodsPassTheirs) {
  s.origin.on("/b", with("", {}));
  s.client.exchange("PUT", "/b", {{"If-Match", "\"1\""}}, "x");
  EXPECT_EQ(s.origin.last("/b").field("If-Match"), "\"1\"");
}

// RFC 9110 §13.2.1: who is no cache for a resource leaves its preconditions to whoever can judge them.
TEST(ConditionalRequestsThatPass, KeepTheirPreconditions) {
  Scenario s([](config::Config& config) { config.proxy.routes[0].cache.enabled = false; });
  s.origin.on("/a", fresh("hello", {{"ETag", "\"1\""}, {"Last-Modified", kModified}}));
  const FieldLines preconditions{{"If-None-Match", "\"1\""}, {"If-Modified-Since", kModified},
                                 {"If-Match", "\"2\""},      {"If-Unmodified-Since", kModified},
                                 {"If-Range", "\"1\""},      {"Range", "bytes=1-2"}};
  const auto response = s.client.get("/a", preconditions);
  EXPECT_EQ(response.status, 200) << "as the origin says";
  for (const auto& [name, value] : preconditions) EXPECT_EQ(s.origin.last().field(name), value) << name;

  s.origin.on("/a", OriginResponse{.status = 304, .fields = {{"ETag", "\"1\""}}});
  EXPECT_EQ(s.client.get("/a", {{"If-None-Match", "\"1\""}}).status, 304);
  s.origin.on("/a", OriginResponse{.status = 412});
  EXPECT_EQ(s.client.get("/a", {{"If-Match", "\"2\""}}).status, 412);
}

}  // namespace
}  // namespace forebay::test
