#include "answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchanging.hpp"

namespace forebay::proxy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr WallTime kNow{milliseconds{1704067200000}};  // Mon, 01 Jan 2024 00:00:00 GMT
constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nETag: \"a\"\r\nLast-Modified: Sun, 31 Dec 2023 00:00:00 "
    "GMT\r\n"
    "Cache-Control: max-age=60\r\nContent-Length: 5\r\n";
const http::CacheStatus kHit{.hit = true, .ttl = 50};

cache::StoredResponsePtr stored(std::string_view head = kHead, int status = 200) {
  cache::StoredParts parts;
  parts.key = "http://a:80/";
  parts.status = status;
  parts.head = head;
  parts.freshness = {.response_time = kNow, .lifetime = cache::StoredSeconds{60}};
  parts.body = cache::Body::from(std::string_view("hello"));
  return cache::StoredResponse::make(parts);
}
Answer from_store(Asked& asked, const cache::StoredResponsePtr& response = stored()) {
  return answer_from(asked.exchange, response, seconds(10), kHit, kNow);
}

TEST(Answers, AWholeResponseIsGivenAsItIsKept) {
  Asked asked("GET");
  const auto response = stored();
  const auto answer = from_store(asked, response);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.head.data(), response->head().data());
  EXPECT_EQ(answer.body, response->body().get());
  EXPECT_EQ(answer.body_size(), 5u);
  EXPECT_EQ(answer.keep, response);
  EXPECT_EQ(answer.extra, "Age: 10\r\nCache-Status: forebay; hit; ttl=50\r\n");
}

TEST(Answers, HeadGetsTheHeadAlone) {
  Asked asked("HEAD");
  const auto answer = from_store(asked);
  EXPECT_EQ(answer.head, kHead);
  EXPECT_EQ(answer.body_size(), 0u);
}

TEST(Answers, AConditionThatHoldsGets304WithTheFieldsItNeeds) {
  Asked asked("GET", "/", {{"If-None-Match", "\"a\""}});
  const auto answer = from_store(asked);
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.body_size(), 0u);
  EXPECT_EQ(answer.head, "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nCache-Control: max-age=60\r\n");
  EXPECT_THAT(std::string(answer.extra), HasSubstr("Age: 10\r\n"));
}

TEST(Answers, A304WithoutEntityTagNamesTheDate) {
  Asked asked("GET", "/", {{"If-Modified-Since", "Sun, 31 Dec 2023 00:00:00 GMT"}});
  const auto answer =
      from_store(asked, stored("HTTP/1.1 200 OK\r\nLast-Modified: Sun, 31 Dec 2023 00:00:00 GMT\r\n"));
  EXPECT_EQ(answer.status, 304);
  EXPECT_THAT(std::string(answer.head), HasSubstr("Last-Modified: Sun, 31 Dec 2023 00:00:00 GMT\r\n"));
}

TEST(Answers, AConditionThatFailsGets412) {
  Asked asked("GET", "/", {{"If-Match", "\"b\""}});
  const auto answer = from_store(asked);
  EXPECT_EQ(answer.status, 412);
  EXPECT_THAT(std::string(answer.text), HasSubstr("412 Precondition Failed"));
  EXPECT_THAT(std::string(answer.extra), HasSubstr("Cache-Status: forebay; hit"));
}

/// RFC 9110 §13.2.1
TEST(Answers, ConditionsCountForSuccessesOnly) {
  Asked asked("GET", "/", {{"If-None-Match", "*"}});
  EXPECT_EQ(from_store(asked, stored("HTTP/1.1 404 Not Found\r\nETag: \"a\"\r\n", 404)).status, 404);
}

TEST(Answers, AnErrorSaysWhatAndWhose) {
  Asked asked("GET");
  const Error error{ErrorKind::connect_refused, "127.0.0.1:1"};
  const auto answer = error_answer(asked.exchange, 502, "the upstream refused the connection", &error, kNow);
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.text, "502 Bad Gateway: the upstream refused the connection\n");
  const std::string head(answer.head);
  EXPECT_THAT(head, HasSubstr("HTTP/1.1 502 Bad Gateway\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Length: " + std::to_string(answer.text.size()) + "\r\n"));
  EXPECT_THAT(head, HasSubstr("Proxy-Status: forebay;"));
  EXPECT_THAT(head, Not(HasSubstr("\r\n\r\n")));
}

TEST(Answers, AnErrorToHeadHasTheLengthButNoText) {
  Asked asked("HEAD");
  const auto answer = error_answer(asked.exchange, 404, "", nullptr, kNow);
  EXPECT_EQ(answer.body_size(), 0u);
  EXPECT_THAT(std::string(answer.head), HasSubstr("Content-Length: 14\r\n"));  // "404 Not Found\n"
  EXPECT_THAT(std::string(answer.head), Not(HasSubstr("Proxy-Status")));
}

TEST(Answers, ARefusedMethodIsToldTheAllowedOnes) {
  Asked asked("TRACE");
  EXPECT_THAT(std::string(error_answer(asked.exchange, 405, "", nullptr, kNow).head),
              HasSubstr("\r\nAllow: "));
}

TEST(Answers, TheLongestExtraLinesFit) {
  Asked asked("GET");
  const http::CacheStatus longest{.hit = true,
                                  .forward = http::ForwardReason::uri_miss,
                                  .forward_status = 599,
                                  .ttl = INT64_MIN,
                                  .stored = true,
                                  .collapsed = true,
                                  .detail = "waited_too_long"};
  const auto extra = write_extra(asked.scratch, seconds::max(), longest);
  EXPECT_LE(extra.size(), asked.scratch.extra_room.size());
  EXPECT_TRUE(extra.ends_with("\r\n"));
}

}  // namespace
}  // namespace forebay::proxy::testing
