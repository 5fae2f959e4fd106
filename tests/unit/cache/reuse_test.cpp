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
    const auto reuse = decide(row.control, row.found, {}, kNow, 1);
    EXPECT_EQ(reuse.action, row.action) << "row " << at;
    EXPECT_EQ(reuse.stale, row.stale) << "row " << at;
    if (!reuse.serves()) {
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
  const auto fresh = decide({}, aged(10), {}, kNow + seconds{5}, 1);
  EXPECT_EQ(fresh.age, seconds{15});
  EXPECT_EQ(fresh.ttl, seconds{45});
  const auto stale = decide({}, aged(70), {}, kNow, 1);
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

Found with_windows(int age, int while_revalidate, int if_error) {
  return aged(age, [&](Freshness& freshness) {
    freshness.stale_while_revalidate = StoredSeconds{while_revalidate};
    freshness.stale_if_error = StoredSeconds{if_error};
  });
}

TEST(Reuse, ServesStaleWhileRevalidating) {
  check({
      {{}, with_windows(59, 10, 0), Reuse::serve},
      {{}, with_windows(60, 10, 0), Reuse::refresh, ForwardReason::stale, true},
      {{}, with_windows(69, 10, 0), Reuse::refresh, ForwardReason::stale, true},
      {{}, with_windows(70, 10, 0), Reuse::validate, ForwardReason::stale},
      {{}, with_windows(61, 0, 100), Reuse::validate, ForwardReason::stale},
      // the request's own demands hold
      {{.no_cache = true}, with_windows(61, 10, 0), Reuse::validate, ForwardReason::stale},
      {{.max_age = seconds{60}}, with_windows(61, 10, 0), Reuse::validate, ForwardReason::stale},
      {{.min_fresh = seconds{1}}, with_windows(61, 10, 0), Reuse::validate, ForwardReason::stale},
      // §5.2.1.1: max-age wants nothing stale, unless max-stale says how stale it may be
      {{.max_age = seconds{100}}, with_windows(61, 10, 0), Reuse::validate, ForwardReason::stale},
      {{.max_age = seconds{100}, .max_stale = seconds{5}},
       with_windows(61, 10, 0),
       Reuse::refresh,
       ForwardReason::stale,
       true},
      {{.max_stale = seconds{5}}, with_windows(66, 10, 0), Reuse::validate, ForwardReason::stale},
      {{.only_if_cached = true}, with_windows(61, 10, 0), Reuse::refresh, ForwardReason::stale, true},
  });
}

TEST(Reuse, TellsWhatSurvivesAnError) {
  const auto survives = [](const Control& control, const Found& found) {
    return decide(control, found, {}, kNow, 1).on_error;
  };
  EXPECT_TRUE(survives({}, with_windows(61, 0, 10)));
  EXPECT_TRUE(survives({}, with_windows(69, 0, 10)));
  EXPECT_FALSE(survives({}, with_windows(70, 0, 10)));
  EXPECT_FALSE(survives({}, with_windows(61, 10, 0)));
  EXPECT_TRUE(survives({.max_age = seconds{0}}, with_windows(61, 0, 10)));
  EXPECT_FALSE(survives({.no_cache = true}, with_windows(61, 0, 10)));
  EXPECT_TRUE(survives({.stale_if_error = seconds{10}}, aged(65)));
  EXPECT_FALSE(survives({.stale_if_error = seconds{5}}, aged(65)));
  EXPECT_FALSE(survives({.stale_if_error = seconds{10}},
                        aged(65, [](Freshness& freshness) { freshness.never_stale = true; })));
  EXPECT_FALSE(survives({}, {}));
}

TEST(Reuse, RefreshesEarlyWhatIsInUse) {
  Policy policy;
  policy.early_refresh = 100;
  const auto found = aged(59, [](Freshness& freshness) {
    freshness.fetch_time = std::chrono::duration<std::int32_t, std::milli>{2000};
  });
  EXPECT_EQ(decide({}, found, policy, kNow, 0.01).action, Reuse::refresh);
  EXPECT_FALSE(decide({}, found, policy, kNow, 0.01).stale);
  EXPECT_EQ(decide({}, found, policy, kNow, 1).action, Reuse::serve);
  EXPECT_EQ(decide({}, found, {}, kNow, 0.01).action, Reuse::serve);
}

TEST(Reuse, EndsWhenWhatIsStaleWasKeptLongEnough) {
  Policy policy;
  policy.keep = seconds{100};
  const auto windows = [](Freshness& freshness) {
    freshness.stale_while_revalidate = StoredSeconds{10};
    freshness.stale_if_error = StoredSeconds{20};
  };
  const auto after = [&](int age, const Control& control = {}) {
    return decide(control, aged(age, windows), policy, kNow, 1);
  };
  EXPECT_EQ(after(65).action, Reuse::refresh);
  EXPECT_EQ(after(179).action, Reuse::validate);
  EXPECT_EQ(after(180).action, Reuse::fetch) << "60 of lifetime, 20 of stale windows, 100 of keep";
  EXPECT_EQ(token(after(180).forward), "stale");
  EXPECT_EQ(after(180, {.max_stale = kMaxDelta}).action, Reuse::fetch);
  EXPECT_EQ(after(180, {.only_if_cached = true, .max_stale = kMaxDelta}).action, Reuse::refuse);
  EXPECT_TRUE(after(179, {.stale_if_error = kMaxDelta}).on_error);
  EXPECT_FALSE(after(180, {.stale_if_error = kMaxDelta}).on_error);
  policy.keep = seconds{0};
  EXPECT_EQ(after(59).action, Reuse::serve);
  EXPECT_EQ(after(80).action, Reuse::fetch);
}

Found purged(Found found, PurgeMode mode, seconds ago = seconds{0}) {
  found.purged = {mode, kNow - ago};
  return found;
}

/// Fresh for another 50 s but for the purge.
template <class Change>
Found purged(PurgeMode mode, seconds ago, Change&& change) {
  return purged(aged(10, change), mode, ago);
}

TEST(Reuse, ASoftPurgeEndsFreshness) {
  check({
      {{}, purged(aged(10), PurgeMode::soft), Reuse::validate, ForwardReason::stale},
      {{.only_if_cached = true}, purged(aged(10), PurgeMode::soft), Reuse::refuse, ForwardReason::stale},
      {{.max_stale = seconds{9}}, purged(aged(10), PurgeMode::soft, seconds{9}), Reuse::serve, {}, true},
      {{.max_stale = seconds{9}},
       purged(aged(10), PurgeMode::soft, seconds{10}),
       Reuse::validate,
       ForwardReason::stale},
      {{}, purged(aged(61), PurgeMode::soft), Reuse::validate, ForwardReason::stale},
  });
  EXPECT_EQ(decide({}, purged(aged(10), PurgeMode::soft, seconds{4}), {}, kNow, 1).ttl, seconds{-4});
  EXPECT_EQ(decide({}, purged(aged(70), PurgeMode::soft, seconds{4}), {}, kNow, 1).ttl, seconds{-10});
  EXPECT_EQ(decide({}, purged(aged(10), PurgeMode::soft, seconds{-4}), {}, kNow, 1).ttl, seconds{0})
      << "a clock that was set back";
}

TEST(Reuse, TheStaleWindowsAreCountedFromTheSoftPurge) {
  const auto windows = [](Freshness& f) {
    f.stale_while_revalidate = StoredSeconds{10};
    f.stale_if_error = StoredSeconds{20};
  };
  check({
      {{}, purged(PurgeMode::soft, seconds{9}, windows), Reuse::refresh, {}, true},
      {{}, purged(PurgeMode::soft, seconds{10}, windows), Reuse::validate, ForwardReason::stale},
  });
  EXPECT_TRUE(decide({}, purged(PurgeMode::soft, seconds{19}, windows), {}, kNow, 1).on_error);
  EXPECT_FALSE(decide({}, purged(PurgeMode::soft, seconds{20}, windows), {}, kNow, 1).on_error);
}

TEST(Reuse, ARefreshPurgeServesWhatWouldBeServedWithoutIt) {
  const auto nothing = [](Freshness&) {};
  const auto strict = [](Freshness& f) { f.never_stale = true; };
  const auto validated = [](Freshness& f) { f.always_validate = true; };
  check({
      {{}, purged(PurgeMode::refresh, seconds{30}, nothing), Reuse::refresh, {}, true},
      {{}, purged(PurgeMode::refresh, seconds{30}, strict), Reuse::refresh, {}, true},
      {{.max_age = seconds{10}}, purged(PurgeMode::refresh, seconds{30}, nothing), Reuse::refresh, {}, true},
      {{.max_age = seconds{9}},
       purged(PurgeMode::refresh, seconds{30}, nothing),
       Reuse::validate,
       ForwardReason::request},
      {{.no_cache = true},
       purged(PurgeMode::refresh, seconds{30}, nothing),
       Reuse::validate,
       ForwardReason::request},
      {{}, purged(PurgeMode::refresh, seconds{30}, validated), Reuse::validate, ForwardReason::stale},
      {{}, purged(aged(60), PurgeMode::refresh), Reuse::validate, ForwardReason::stale},
  });
  EXPECT_EQ(decide({}, purged(aged(10), PurgeMode::refresh, seconds{30}), {}, kNow, 1).ttl, seconds{-30});
}

}  // namespace
}  // namespace forebay::cache
