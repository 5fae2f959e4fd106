#include "useful_time.hpp"

#include <gtest/gtest.h>

#include "forebay/cache/cache_control.hpp"
#include "support/kept.hpp"

namespace forebay::tier {
namespace {

using cache::StoredSeconds;
using std::chrono::hours;

constexpr WallTime kNow{milliseconds{1704067200000}};

TEST(RedisExpiry, CoversLifetimeWindowsAndKeep) {
  const struct {
    int lifetime, age, revalidate, error;
    bool validator;
    std::optional<seconds> keep;
    milliseconds after, expected;
  } rows[] = {
      {60, 0, 0, 0, false, {}, seconds{0}, seconds{60}},
      {60, 10, 0, 0, false, {}, seconds{0}, seconds{50}},
      {60, 10, 0, 0, false, {}, seconds{20}, seconds{30}},
      {60, 0, 30, 10, false, {}, seconds{0}, seconds{90}},  // the longer of both windows
      {60, 0, 10, 30, false, {}, seconds{0}, seconds{90}},
      {60, 0, 10, 30, false, seconds{5}, seconds{0}, seconds{95}},
      {60, 0, 0, 0, true, {}, seconds{0}, seconds{60} + kKeepUnlessSaid},
      {60, 0, 0, 0, true, seconds{5}, seconds{0}, seconds{65}},
      {60, 0, 0, 0, true, seconds{0}, seconds{0}, seconds{60}},
      {60, 0, 30, 0, false, {}, seconds{89}, seconds{1}},
      {60, 0, 30, 0, false, {}, seconds{90}, seconds{0}},  // of no use any more
      {60, 0, 30, 0, false, {}, hours{24 * 365}, seconds{0}},
      {0, 0, 0, 0, false, {}, seconds{0}, seconds{0}},
      {0, 100, 0, 0, false, {}, seconds{0}, seconds{0}},
      {60, 0, 0, 0, false, {}, seconds{-100}, seconds{60}},  // a clock that went back adds nothing
      {60, 0, 0, 0, false, seconds::max(), seconds{0}, seconds{60} + cache::kMaxDelta},
  };
  for (const auto& row : rows) {
    test::Kept kept;
    kept.freshness = {.response_time = kNow,
                      .initial_age = StoredSeconds{row.age},
                      .lifetime = StoredSeconds{row.lifetime},
                      .stale_while_revalidate = StoredSeconds{row.revalidate},
                      .stale_if_error = StoredSeconds{row.error}};
    if (row.validator) kept.fields = "ETag: \"x\"\r\n";
    EXPECT_EQ(useful_time(*kept.make(), row.keep, kNow + row.after), row.expected)
        << row.lifetime << ' ' << row.age << ' ' << row.revalidate << ' ' << row.error;
  }
}

}  // namespace
}  // namespace forebay::tier
