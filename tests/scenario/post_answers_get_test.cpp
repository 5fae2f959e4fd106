// A POST's answer that says it represents the target answers later GETs (RFC 9110 §9.3.3).
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

class PostAnswersGet : public testing::Test {
 protected:
  /// The response to a GET of /a after a POST was answered like this.
  Response get_after_post(OriginResponse posted) {
    s.origin.on("/a", [posted](const OriginRequest& request) {
      return request.method == "POST" ? posted : fresh("from a GET");
    });
    EXPECT_EQ(s.client.post("/a", "data").body, posted.body);
    return s.client.get("/a");
  }

  Scenario s;
};

TEST_F(PostAnswersGet, WithALifetimeAndItsOwnLocation) {
  for (const std::string location : {"/a", "a", "http://example.org/a", "//example.org:80/a", "./a#top"}) {
    const auto response = get_after_post(fresh("from a POST " + location, {{"Content-Location", location}}));
    EXPECT_EQ(response.body, "from a POST " + location);
    EXPECT_TRUE(response.is_hit());
    EXPECT_EQ(s.client.head("/a").field("Content-Length"), std::to_string(response.body.size()));
  }
  EXPECT_EQ(s.origin.requests(), 5U);
}

TEST_F(PostAnswersGet, ManyPieces) {
  EXPECT_EQ(get_after_post(fresh(std::string(300'000, 'x'), {{"Content-Location", "/a"}})).body,
            std::string(300'000, 'x'));
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST_F(PostAnswersGet, OthersAreNotStored) {
  const OriginFields location{{"Content-Location", "/a"}};
  EXPECT_EQ(get_after_post(fresh("p")).body, "from a GET");
  EXPECT_EQ(get_after_post(fresh("p", {{"Content-Location", "/b"}})).body, "from a GET");
  EXPECT_EQ(get_after_post(fresh("p", {{"Content-Location", "http://other.example/a"}})).body, "from a GET");
  EXPECT_EQ(get_after_post(fresh("p", {{"Content-Location", "/a"}, {"Content-Location", "/a"}})).body,
            "from a GET");
  EXPECT_EQ(get_after_post(with("p", location)).body, "from a GET");
  EXPECT_EQ(
      get_after_post(with("p", {{"Content-Location", "/a"}, {"Cache-Control", "max-age=60, private"}})).body,
      "from a GET");
  auto created = fresh("p", location);
  created.status = 201;
  EXPECT_EQ(get_after_post(created).body, "from a GET");
}

TEST_F(PostAnswersGet, AnAnswerThatEndsEarlyIsNotStored) {
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.method != "POST") return fresh("from a GET");
    auto posted = fresh("from a POST", {{"Content-Location", "/a"}});
    posted.truncate_after = 5;
    return posted;
  });
  auto client = s.forebay.client();
  client.request("POST", "/a", {}, "data");
  EXPECT_FALSE(client.read().complete);
  EXPECT_EQ(s.client.get("/a").body, "from a GET");
}

}  // namespace
}  // namespace forebay::test
