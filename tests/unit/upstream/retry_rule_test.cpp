#include "upstream/retry_rule.hpp"

#include <gtest/gtest.h>

namespace forebay::upstream {
namespace {

using http::Method;

FailedAttempt dead_pooled_connection(Method method) {
  return {.method = method, .error = ErrorKind::connection_lost, .connected = true, .pooled = true};
}

TEST(RetryRule, AnIdempotentRequestIsRepeatedWhenAPooledConnectionDiesUnanswered) {
  for (const auto method :
       {Method::get, Method::head, Method::put, Method::delete_, Method::options, Method::trace})
    EXPECT_EQ(retry_after(dead_pooled_connection(method)), Retry::fresh_connection) << http::name(method);
}

TEST(RetryRule, AnyOtherMethodIsNotRepeated) {
  for (const auto method : {Method::post, Method::patch, Method::connect, Method::other})
    EXPECT_EQ(retry_after(dead_pooled_connection(method)), Retry::none) << http::name(method);
}

TEST(RetryRule, NothingIsRepeatedTwice) {
  auto attempt = dead_pooled_connection(Method::get);
  attempt.repeated = true;
  EXPECT_EQ(retry_after(attempt), Retry::none);
}

TEST(RetryRule, NothingIsRepeatedAfterAByteOfAnAnswer) {
  auto attempt = dead_pooled_connection(Method::get);
  attempt.received = true;
  EXPECT_EQ(retry_after(attempt), Retry::none);
}

TEST(RetryRule, NothingIsRepeatedWhoseBodyWasStarted) {
  auto attempt = dead_pooled_connection(Method::put);
  attempt.body_started = true;
  EXPECT_EQ(retry_after(attempt), Retry::none);
}

TEST(RetryRule, ANewConnectionThatDiesIsAnAnswerOfItsKind) {
  auto attempt = dead_pooled_connection(Method::get);
  attempt.pooled = false;
  EXPECT_EQ(retry_after(attempt), Retry::none);
}

TEST(RetryRule, OtherFailuresOfAPooledConnectionAreFinal) {
  for (const auto error :
       {ErrorKind::first_byte_timeout, ErrorKind::response_malformed, ErrorKind::response_incomplete,
        ErrorKind::cancelled, ErrorKind::client_gone, ErrorKind::between_bytes_timeout}) {
    auto attempt = dead_pooled_connection(Method::get);
    attempt.error = error;
    EXPECT_EQ(retry_after(attempt), Retry::none) << name(error);
  }
}

TEST(RetryRule, WithoutAConnectionAnyMethodMayGoToTheNextServer) {
  for (const auto error : {ErrorKind::dns_failure, ErrorKind::connect_refused, ErrorKind::connect_failed,
                           ErrorKind::connect_timeout, ErrorKind::tls_failure, ErrorKind::tls_certificate}) {
    for (const auto method : {Method::get, Method::post, Method::other})
      EXPECT_EQ(retry_after({.method = method, .error = error}), Retry::next_server) << name(error);
  }
}

TEST(RetryRule, OurOwnReasonsForHavingNoConnectionAreFinal) {
  for (const auto error : {ErrorKind::cancelled, ErrorKind::queue_full})
    EXPECT_EQ(retry_after({.method = Method::get, .error = error}), Retry::none) << name(error);
}

}  // namespace
}  // namespace forebay::upstream
