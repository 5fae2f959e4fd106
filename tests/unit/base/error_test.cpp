#include "forebay/base/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "forebay/base/strings.hpp"

namespace forebay {
namespace {

std::vector<ErrorKind> all_kinds() {
  std::vector<ErrorKind> kinds;
  for (int i = 0; i <= static_cast<int>(ErrorKind::system_failure); ++i)
    kinds.push_back(static_cast<ErrorKind>(i));
  return kinds;
}

TEST(ErrorKind, NamesAreStableTokensAndUnique) {
  std::set<std::string_view> names;
  for (const auto kind : all_kinds()) {
    EXPECT_TRUE(is_token(name(kind))) << name(kind);
    EXPECT_EQ(lower(name(kind)), name(kind));
    EXPECT_TRUE(names.insert(name(kind)).second) << name(kind);
  }
  EXPECT_EQ(name(ErrorKind::connect_refused), "connect_refused");
  EXPECT_EQ(name(ErrorKind::dns_failure), "dns_failure");
  EXPECT_EQ(name(ErrorKind::system_failure), "system_failure");
}

TEST(ErrorKind, EverySentenceIsOneWithoutFullStop) {
  std::set<std::string_view> sentences;
  for (const auto kind : all_kinds()) {
    const auto text = sentence(kind);
    EXPECT_GT(text.size(), 10U) << name(kind);
    EXPECT_NE(text.back(), '.') << name(kind);
    EXPECT_TRUE(sentences.insert(text).second) << name(kind);
  }
  EXPECT_EQ(sentence(ErrorKind::connect_refused), "the upstream refused the connection");
}

TEST(ErrorKind, SideAtFault) {
  EXPECT_EQ(side_at_fault(ErrorKind::dns_failure), Side::upstream);
  EXPECT_EQ(side_at_fault(ErrorKind::response_incomplete), Side::upstream);
  EXPECT_EQ(side_at_fault(ErrorKind::no_server), Side::upstream);
  EXPECT_EQ(side_at_fault(ErrorKind::request_malformed), Side::client);
  EXPECT_EQ(side_at_fault(ErrorKind::client_stalled), Side::client);
  EXPECT_EQ(side_at_fault(ErrorKind::redis_unavailable), Side::redis);
  EXPECT_EQ(side_at_fault(ErrorKind::redis_protocol), Side::redis);
  EXPECT_EQ(side_at_fault(ErrorKind::cancelled), Side::forebay);
  EXPECT_EQ(side_at_fault(ErrorKind::system_failure), Side::forebay);
}

TEST(ErrorKind, OnlyFaultsOfTheUpstreamMayBeRetried) {
  for (const auto kind : all_kinds()) {
    EXPECT_TRUE(!may_retry(kind) || side_at_fault(kind) == Side::upstream) << name(kind);
  }
}

TEST(ErrorKind, RetriesWhatAnotherConnectionMayCureButNotWhatWasHalfAnswered) {
  EXPECT_TRUE(may_retry(ErrorKind::connect_refused));
  EXPECT_TRUE(may_retry(ErrorKind::connect_timeout));
  EXPECT_TRUE(may_retry(ErrorKind::connection_lost));
  EXPECT_FALSE(may_retry(ErrorKind::between_bytes_timeout));
  EXPECT_FALSE(may_retry(ErrorKind::response_incomplete));
  EXPECT_FALSE(may_retry(ErrorKind::response_malformed));
  EXPECT_FALSE(may_retry(ErrorKind::queue_full));
  EXPECT_FALSE(may_retry(ErrorKind::tls_certificate));
}

TEST(Error, DescribeIsTheSentenceAndTheDetailAfterAColon) {
  EXPECT_EQ(describe({ErrorKind::client_gone, ""}), "the client closed the connection");
  EXPECT_EQ(describe({ErrorKind::connect_refused, "10.0.0.1:80"}),
            "the upstream refused the connection: 10.0.0.1:80");
}

TEST(Error, ComparesKindAndDetail) {
  EXPECT_EQ((Error{ErrorKind::cancelled, "x"}), (Error{ErrorKind::cancelled, "x"}));
  EXPECT_NE((Error{ErrorKind::cancelled, "x"}), (Error{ErrorKind::cancelled, "y"}));
  EXPECT_NE((Error{ErrorKind::cancelled, "x"}), (Error{ErrorKind::client_gone, "x"}));
}

}  // namespace
}  // namespace forebay
