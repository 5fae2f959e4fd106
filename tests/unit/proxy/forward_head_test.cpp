#include "forward_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchanging.hpp"

namespace forebay::proxy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Route route_to_origin() {
  upstream::UpstreamSettings settings;
  settings.name = "app";
  settings.servers = {"http://127.0.0.1:3000"};
  Route route;
  route.upstream = upstream::Upstream::make(settings).value();
  return route;
}

std::string forwarded(Asked& asked, ForwardAs as = ForwardAs::itself) {
  const auto route = route_to_origin();
  asked.exchange.route = &route;
  asked.exchange.uri = cache::effective_uri(asked.head, "http").value();
  return forward_head(asked.exchange, as);
}

TEST(ForwardHead, CarriesTheRequestOn) {
  Asked asked("DELETE", "/a?b=%20", {{"Host", "Example.com:81"}, {"X-Y", "z"}, {"Accept", "*/*"}});
  const auto head = forwarded(asked);
  EXPECT_TRUE(head.starts_with("DELETE /a?b=%20 HTTP/1.1\r\nHost: Example.com:81\r\n")) << head;
  EXPECT_THAT(head, HasSubstr("\r\nX-Y: z\r\nAccept: */*\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nVia: 1.1 forebay\r\n"));
  EXPECT_THAT(head, HasSubstr("X-Forwarded-For: 192.0.2.1\r\n"));
  EXPECT_TRUE(head.ends_with("\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("\r\n\r\n")));
}

/// RFC 9112 §3.2.2
TEST(ForwardHead, TheTargetsAuthorityReplacesHost) {
  Asked asked("GET", "http://a.example/p", {{"Host", "b.example"}});
  const auto head = forwarded(asked);
  EXPECT_TRUE(head.starts_with("GET /p HTTP/1.1\r\nHost: a.example\r\n")) << head;
  EXPECT_THAT(head, Not(HasSubstr("b.example")));
}

TEST(ForwardHead, LeavesOutWhatIsForThisHop) {
  Asked asked("POST", "/",
              {{"Host", "a"},
               {"Connection", "close, X-Hop"},
               {"X-Hop", "1"},
               {"Keep-Alive", "timeout=5"},
               {"TE", "trailers"},
               {"Transfer-Encoding", "chunked"},
               {"Upgrade", "h2c"},
               {"Proxy-Connection", "close"},
               {"Expect", "100-continue"},
               {"Content-Length", "5"}});
  const auto head = forwarded(asked);
  for (const auto* gone : {"Connection", "X-Hop", "Keep-Alive", "\r\nTE:", "Transfer-Encoding", "Upgrade",
                           "Expect", "Content-Length"})
    EXPECT_THAT(head, Not(HasSubstr(gone)));
}

TEST(ForwardHead, ASharedFetchAsksForTheWholeRepresentation) {
  Asked asked("HEAD", "/",
              {{"Host", "a"},
               {"Range", "bytes=0-1"},
               {"If-None-Match", "\"a\""},
               {"If-Range", "\"a\""},
               {"If-Modified-Since", "x"},
               {"If-Match", "*"},
               {"If-Unmodified-Since", "x"},
               {"X", "y"}});
  const auto shared = forwarded(asked, ForwardAs::shared_fetch);
  EXPECT_TRUE(shared.starts_with("GET / HTTP/1.1\r\n")) << shared;
  EXPECT_THAT(shared, Not(HasSubstr("\r\nIf-")));
  EXPECT_THAT(shared, Not(HasSubstr("Range")));
  EXPECT_THAT(shared, HasSubstr("\r\nX: y\r\n"));
  const auto own = forwarded(asked);
  EXPECT_TRUE(own.starts_with("HEAD / HTTP/1.1\r\n"));
  EXPECT_THAT(own, HasSubstr("\r\nRange: bytes=0-1\r\n"));
}

TEST(ForwardHead, TagsOfCodedResponsesAreTheOrigins) {
  Asked asked("PUT", "/",
              {{"Host", "a"},
               {"If-Match", "\"1~br\", \"2\""},
               {"If-None-Match", "W/\"3~br\",\"4~gzip\""},
               {"If-Range", "\"1~br\""}});
  EXPECT_THAT(forwarded(asked), HasSubstr("\r\nIf-Match: \"1~br\", \"2\"\r\n"));
  auto route = route_to_origin();
  route.policy.encodings = {http::Coding::br};
  asked.exchange.route = &route;
  const auto head = forward_head(asked.exchange, ForwardAs::itself);
  EXPECT_THAT(head, HasSubstr("\r\nIf-Match: \"1\", \"2\"\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nIf-None-Match: W/\"3~br\", \"4\"\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nIf-Range: \"1~br\"\r\n"));
}

TEST(ForwardHead, AnHttp10RequestIsSaidToBeOne) {
  Asked asked("GET", "/", {{"Host", "a"}});
  asked.head.minor_version = 0;
  EXPECT_THAT(forwarded(asked), HasSubstr("\r\nVia: 1.0 forebay\r\n"));
}

TEST(ForwardHead, OptionsHasOneHopLess) {
  Asked asked("OPTIONS", "/", {{"Host", "a"}, {"Max-Forwards", "5"}});
  EXPECT_THAT(forwarded(asked), HasSubstr("\r\nMax-Forwards: 4\r\n"));
}

}  // namespace
}  // namespace forebay::proxy::testing
