#include "forebay/cache/keep.hpp"

#include <gtest/gtest.h>

#include "heads.hpp"

namespace forebay::cache {
namespace {

StoredResponsePtr kept(const http::ResponseHead& head, const Policy& policy = {}, bool with_policy = true) {
  const auto control = parse_response_cache_control(head.fields);
  const auto asked = fields({{"Accept", "text/html"}});
  return keep_head("http://h:80/", {asked, head, control, policy, kNow - seconds{1}, kNow, 1.0}, with_policy,
                   7);
}

TEST(Keep, TheHeadHasWhatTheResponseSays) {
  const auto head =
      kept(response(200, {{"Date", kNowText}, {"Cache-Control", "max-age=60"}, {"Vary", "Accept"}}));
  EXPECT_EQ(head->key(), "http://h:80/");
  EXPECT_EQ(head->vary_names(), "accept");
  EXPECT_EQ(head->variant_key(), "9:text/html");
  EXPECT_EQ(head->position(), 7u);
  EXPECT_EQ(head->freshness().lifetime.count(), 60);
  EXPECT_EQ(head->freshness().initial_age.count(), 1);
  EXPECT_EQ(head->head(),
            "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nCache-Control: max-age=60\r\n"
            "Vary: Accept\r\nVia: 1.1 forebay\r\n");
}

TEST(Keep, ThePolicyIsForWhatIsStored) {
  const auto head =
      response(200, {{"Date", kNowText}, {"Set-Cookie", "a=1"}, {"Cache-Control", "max-age=60"}});
  Policy policy;
  policy.set_cookie = SetCookie::strip;
  policy.ttl_jitter = 50;
  EXPECT_EQ(kept(head, policy)->head().find("Set-Cookie"), std::string_view::npos);
  EXPECT_EQ(kept(head, policy)->freshness().lifetime.count(), 30);
  EXPECT_NE(kept(head, policy, false)->head().find("Set-Cookie"), std::string_view::npos);
}

TEST(Keep, TheWholeHasTheBodysLength) {
  const auto head = kept(response(200, {{"Date", kNowText}, {"Content-Length", "99"}}));
  const auto whole = with_body(*head, Body::from(std::string_view("hello")));
  EXPECT_EQ(whole->head(), std::string(head->head()) + "Content-Length: 5\r\n");
  EXPECT_EQ(whole->body_size(), 5u);
  EXPECT_EQ(whole->freshness(), head->freshness());
  EXPECT_EQ(whole->position(), 7u);
  EXPECT_EQ(with_body(*head, Body::from(std::string_view()))->body(), nullptr);
}

TEST(Keep, NoContentHasNoLength) {
  const auto head = kept(response(204, {{"Date", kNowText}}));
  EXPECT_EQ(with_body(*head, Body::from(std::string_view()))->head(), head->head());
}

TEST(Keep, AnETagIsMadeFromTheBody) {
  Policy policy;
  policy.etag_from_body = true;
  const auto head = kept(response(200, {{"Date", kNowText}}), policy);
  EXPECT_TRUE(head->freshness().made_etag);
  EXPECT_EQ(head->etag(), "") << "there is no body yet";
  const auto whole = with_body(*head, Body::from(std::string_view("abc")));
  EXPECT_EQ(whole->etag(), "\"06b05ab6733a618578af5f94892f3950\"");
  EXPECT_TRUE(whole->freshness().made_etag);
  EXPECT_EQ(with_body(*head, Body::from(std::string_view("abc")))->etag(), whole->etag());
  EXPECT_NE(with_body(*head, Body::from(std::string_view("abd")))->etag(), whole->etag());
  EXPECT_EQ(with_body(*head, Body::from(std::string_view()))->etag(), "\"99aa06d3014798d86001c324468d497f\"");
}

TEST(Keep, NoETagIsMadeBesideAValidatorOrUnasked) {
  Policy policy;
  policy.etag_from_body = true;
  const auto made = [](const StoredResponsePtr& head) { return head->freshness().made_etag; };
  EXPECT_FALSE(made(kept(response(200, {{"ETag", "\"1\""}}), policy)));
  EXPECT_FALSE(made(kept(response(200, {{"ETag", "W/\"1\""}}), policy)));
  EXPECT_FALSE(made(kept(response(200, {{"Last-Modified", kHourAgoText}}), policy)));
  EXPECT_FALSE(made(kept(response(404, {}), policy)));
  EXPECT_FALSE(made(kept(response(204, {}), policy)));
  EXPECT_FALSE(made(kept(response(200, {}), policy, false))) << "it is not stored";
  EXPECT_FALSE(made(kept(response(200, {}))));
}

}  // namespace
}  // namespace forebay::cache
