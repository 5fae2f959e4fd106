#include "forebay/cache/reuse.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "heads.hpp"

namespace forebay::cache {
namespace {

using http::ForwardReason;
using Control = RequestCacheControl;

constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nETag: \"a\"\r\n";

/// A stored response of this age with a lifetime of 60 s; `change` turns on permissions.
template <class Change>
Found aged(int age, Change&& change, std::string_view head = kHead) {
  Freshness freshness{
      .response_time = kNow, .initial_age = StoredSeconds{age}, .lifetime = StoredSeconds{60}};
  change(freshness);
  return {stored_with(head, "hello", freshness), true};
}
Found aged(int age) {
  return aged(age, [](Freshness&) {});
}

struct Row {
  Control control;
  Found found;
  Reuse::Action action;
  ForwardReason forward = ForwardReason::uri_miss;
  bool stale = false;
};

void check(const std::vector<Row>& rows) {
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const auto& row = rows[at];
    const auto reuse = decide(row.control, row.found, kNow);
    EXPECT_EQ(reuse.action, row.action) << "row " << at;
    EXPECT_EQ(reuse.stale, row.stale) << "row " << at;
    if (row.action != Reuse::serve) {
      EXPECT_EQ(token(reuse.forward), token(row.forward)) << "row " << at;
    }
  }
}

TEST(Reuse, OfNothingIsAMiss) {
  check({
      {{}, {}, Reuse::fetch, ForwardReason::uri_miss},
      {{}, {nullptr, true}, Reuse::fetch, ForwardReason::vary_miss},
      {{.no_cache = true}, {}, Reuse::fetch, ForwardReason::uri_miss},
      {{.only_if_cached = true}, {}, Reuse::refuse, ForwardReason::uri_miss},
      {{.only_if_cached = true}, {nullptr, true}, Reuse::refuse, ForwardReason::vary_miss},
  });
}

TEST(Reuse, ServesWhatIsFresh) {
  check({
      {{}, aged(0), Reuse::serve},
      {{}, aged(59), Reuse::serve},
      {{}, aged(60), Reuse::validate, ForwardReason::stale},  // §4.2: lifetime > age
      {{}, aged(61), Reuse::validate, ForwardReason::stale},
      {{.only_if_cached = true}, aged(59), Reuse::serve},
      {{.only_if_cached = true}, aged(60), Reuse::refuse, ForwardReason::stale},
      {{.no_store = true}, aged(59), Reuse::serve},
      {{.no_transform = true}, aged(59), Reuse::serve},
  });
}

TEST(Reuse, TellsAgeAndRemainingLifetime) {
  const auto fresh = decide({}, aged(10), kNow + seconds{5});
  EXPECT_EQ(fresh.age, seconds{15});
  EXPECT_EQ(fresh.ttl, seconds{45});
  const auto stale = decide({}, aged(70), kNow);
  EXPECT_EQ(stale.ttl, seconds{-10});
}

TEST(Reuse, FetchesWhatCannotBeValidated) {
  const auto none = [](Freshness&) {};
  check({
      {{}, aged(60, none, "HTTP/1.1 200 OK\r\n"), Reuse::fetch, ForwardReason::stale},
      {{}, aged(60, none, "HTTP/1.1 200 OK\r\nETag: bad\r\n"), Reuse::fetch, ForwardReason::stale},
      {{.no_cache = true}, aged(0, none, "HTTP/1.1 200 OK\r\n"), Reuse::fetch, ForwardReason::request},
      {{},
       aged(60, none, "HTTP/1.1 200 OK\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n"),
       Reuse::validate,
       ForwardReason::stale},
  });
}

TEST(Reuse, FollowsTheRequest) {
  check({
      {{.no_cache = true}, aged(0), Reuse::validate, ForwardReason::request},
      {{.no_cache = true, .only_if_cached = true}, aged(0), Reuse::refuse, ForwardReason::request},
      {{.no_cache = true}, aged(60), Reuse::validate, ForwardReason::stale},
      {{.max_age = seconds{10}}, aged(10), Reuse::serve},
      {{.max_age = seconds{10}}, aged(11), Reuse::validate, ForwardReason::request},
      {{.max_age = seconds{0}}, aged(0), Reuse::serve},
      {{.max_age = seconds{0}}, aged(1), Reuse::validate, ForwardReason::request},
      {{.max_age = seconds{90}}, aged(61), Reuse::validate, ForwardReason::stale},
      {{.min_fresh = seconds{50}}, aged(10), Reuse::serve},
      {{.min_fresh = seconds{51}}, aged(10), Reuse::validate, ForwardReason::request},
      {{.min_fresh = kMaxDelta}, aged(0), Reuse::validate, ForwardReason::request},
  });
}

TEST(Reuse, ServesStaleOnlyToWhoAsks) {
  check({
      {{.max_stale = kMaxDelta}, aged(1000), Reuse::serve, {}, true},
      {{.max_stale = seconds{0}}, aged(60), Reuse::serve, {}, true},
      {{.max_stale = seconds{5}}, aged(65), Reuse::serve, {}, true},
      {{.max_stale = seconds{5}}, aged(66), Reuse::validate, ForwardReason::stale},
      {{.max_stale = seconds{5}}, aged(10), Reuse::serve},
      {{.only_if_cached = true, .max_stale = kMaxDelta}, aged(65), Reuse::serve, {}, true},
      {{.max_age = seconds{64}, .max_stale = kMaxDelta}, aged(65), Reuse::validate, ForwardReason::stale},
      {{.min_fresh = seconds{1}, .max_stale = kMaxDelta}, aged(65), Reuse::validate, ForwardReason::stale},
      {{.no_cache = true, .max_stale = kMaxDelta}, aged(65), Reuse::validate, ForwardReason::stale},
  });
}

TEST(Reuse, IsBoundByTheResponse) {
  const auto never_stale = [](Freshness& freshness) { freshness.never_stale = true; };
  const auto always_validate = [](Freshness& freshness) { freshness.always_validate = true; };
  const Control any_stale{.max_stale = kMaxDelta};
  check({
      {{}, aged(59, never_stale), Reuse::serve},
      {any_stale, aged(60, never_stale), Reuse::validate, ForwardReason::stale},
      {{}, aged(0, always_validate), Reuse::validate, ForwardReason::stale},
      {any_stale, aged(0, always_validate), Reuse::validate, ForwardReason::stale},
      {any_stale, aged(60, always_validate), Reuse::validate, ForwardReason::stale},
      {{.only_if_cached = true}, aged(0, always_validate), Reuse::refuse, ForwardReason::stale},
  });
}

}  // namespace
}  // namespace forebay::cache
