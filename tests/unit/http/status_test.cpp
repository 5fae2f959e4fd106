#include "forebay/http/status.hpp"

#include <gtest/gtest.h>

#include <set>

namespace forebay::http {
namespace {

TEST(Status, ReasonPhrasesAreTheRegisteredOnes) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(103), "Early Hints");
  EXPECT_EQ(reason_phrase(304), "Not Modified");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(504), "Gateway Timeout");
  for (const int unregistered :
       {-1, 0, 99, 104, 199, 299, 306, 399, 418, 430, 499, 509, 510, 599, 600, 999, 100000}) {
    EXPECT_EQ(reason_phrase(unregistered), "") << unregistered;
  }
}

TEST(Status, ReasonPhrasesAreUnique) {
  std::set<std::string_view> seen;
  for (int status = 100; status < 600; ++status) {
    const auto phrase = reason_phrase(status);
    if (!phrase.empty()) {
      EXPECT_TRUE(seen.insert(phrase).second) << status;
    }
  }
  EXPECT_EQ(seen.size(), 60U);
}

TEST(Status, InterimOnesAre1xx) {
  EXPECT_TRUE(is_interim(100));
  EXPECT_TRUE(is_interim(199));
  EXPECT_FALSE(is_interim(99));
  EXPECT_FALSE(is_interim(200));
}

TEST(Status, NoContentByDefinition) {
  for (const int status : {100, 101, 103, 204, 304}) EXPECT_TRUE(has_no_content(status)) << status;
  for (const int status : {200, 205, 206, 301, 404, 500}) EXPECT_FALSE(has_no_content(status)) << status;
}

// RFC 9110 §15.1 lists them all.
TEST(Status, HeuristicFreshnessIsForTheListedOnesOnly) {
  const std::set<int> listed{200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501};
  for (int status = 100; status < 600; ++status) {
    EXPECT_EQ(is_heuristically_cacheable(status), listed.count(status) == 1) << status;
  }
}

TEST(Status, UnderstandsWhatItsCoreSpecificationDefines) {
  for (const int status :
       {200, 203, 204, 300, 301, 302, 303, 307, 308, 400, 403, 404, 405, 410, 414, 500, 501, 502, 503}) {
    EXPECT_TRUE(is_understood(status)) << status;
  }
}

TEST(Status, DoesNotUnderstandInterimPartialConditionalOrForeignOnes) {
  for (const int status :
       {100, 103, 206, 226, 299, 304, 306, 412, 416, 418, 425, 428, 429, 431, 451, 499, 511, 599, 999}) {
    EXPECT_FALSE(is_understood(status)) << status;
  }
}

}  // namespace
}  // namespace forebay::http
