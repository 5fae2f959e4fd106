#include "forebay/tier/invalidation_log.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>

namespace forebay::tier {
namespace {

using cache::PurgeKind;
using cache::PurgeMode;

const Digest kA = digest("a");
const Digest kB = digest("b");
const std::string kHome = "http://h:80/";

bool by_key(const InvalidationLog& log, const Digest& key, cache::Position since) {
  return bool(log.purged_since({kHome, key}, {}, since));
}
bool by_tags(const InvalidationLog& log, std::span<const Digest> tags, cache::Position since) {
  return bool(log.lazily_purged_since(kHome, tags, since));
}
/// What has been done to something stored by this key since the beginning.
cache::PurgeMode mode_of(const InvalidationLog& log, std::string_view key, cache::Position since = 0) {
  return log.lazily_purged_since(key, {}, since).mode;
}

cache::Purge purge(cache::PurgeKind kind, std::string_view text, PurgeMode mode = PurgeMode::hard) {
  auto made = cache::Purge::parse(kind, text).value();
  made.mode = mode;
  return made;
}
cache::Purge purge_url(std::string_view key, PurgeMode mode = PurgeMode::hard) {
  return {.kind = PurgeKind::url, .mode = mode, .digest = cache::url_digest(key)};
}

TEST(InvalidationLog, ConcernsWhatStartedBefore) {
  InvalidationLog log;
  const auto before = log.position();
  EXPECT_FALSE(by_key(log, kA, before));
  const auto entry = log.append(kA).position;
  EXPECT_GT(entry, before);
  EXPECT_EQ(log.position(), entry);
  EXPECT_TRUE(by_key(log, kA, before));
  EXPECT_FALSE(by_key(log, kA, entry));
  EXPECT_FALSE(by_key(log, kB, before));
}

TEST(InvalidationLog, TheLastEntryOfAKeyCounts) {
  InvalidationLog log;
  log.append(kA);
  const auto between = log.position();
  log.append(kB);
  EXPECT_FALSE(by_key(log, kA, between));
  log.append(kA);
  EXPECT_TRUE(by_key(log, kA, between));
  EXPECT_TRUE(by_key(log, kB, between));
}

TEST(InvalidationLog, AQuerysKeyIsInvalidatedByItsUris) {
  InvalidationLog log;
  const std::string uri = "http://h:80/a";
  auto text = uri;
  cache::append_query_content(text, {}, "red");
  const auto key = cache::primary_key(text);
  const auto other = cache::primary_key("http://h:80/b");
  const auto before = log.position();
  EXPECT_FALSE(log.purged_since(key, {}, before));
  log.append(other.digest);
  EXPECT_FALSE(log.purged_since(key, {}, before));
  EXPECT_TRUE(log.purged_since(other, {}, before));
  const auto by_uri = log.append(digest(uri)).position;
  EXPECT_TRUE(log.purged_since(key, {}, before));
  EXPECT_TRUE(log.uri_invalidated_since(text, before));
  EXPECT_FALSE(log.purged_since(key, {}, by_uri));
  log.append(key.digest);
  EXPECT_TRUE(log.purged_since(key, {}, by_uri));
  EXPECT_FALSE(log.uri_invalidated_since(text, by_uri));
}

TEST(InvalidationLog, WhatIsOlderThanItsOldestEntryCountsAsInvalid) {
  InvalidationLog log(2);
  const auto start = log.position();
  const auto first = log.append(kA).position;
  log.append(digest("x"));
  EXPECT_FALSE(by_key(log, kB, start));
  log.append(digest("y"));  // the first entry is forgotten
  EXPECT_TRUE(by_key(log, kB, start));
  EXPECT_FALSE(by_key(log, kB, first));
  EXPECT_FALSE(by_key(log, kA, first));
}

TEST(InvalidationLog, ForgettingAnOldEntryKeepsTheKeysNewerOne) {
  InvalidationLog log(2);
  const auto first = log.append(kA).position;
  log.append(kA);
  log.append(kB);
  EXPECT_TRUE(by_key(log, kA, first));
}

TEST(InvalidationLog, AnEntryIsSeenOnceItsPositionIs) {
  InvalidationLog log(64);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 20'000; ++i) log.append(kA);
    done = true;
  });
  while (!done) {
    const auto position = log.position();
    if (position > 0) EXPECT_TRUE(by_key(log, kA, position - 1));
  }
  writer.join();
  EXPECT_EQ(log.position(), 20'000u);
}

TEST(InvalidationLog, TellsTheEntryBefore) {
  InvalidationLog log(2);
  EXPECT_EQ(log.append(kA).previous, 0u);
  const auto second = log.append(kA);
  EXPECT_EQ(second.previous, second.position - 1);
  log.append(kB);
  log.append(kB);  // what was before is forgotten
  EXPECT_GE(log.append(kA).previous, second.position);
}

TEST(InvalidationLog, TagsAndKeysAreKeptApart) {
  InvalidationLog log(2);
  const auto start = log.position();
  log.append_tag(kA);
  const std::array tags{kB, kA};
  EXPECT_TRUE(by_tags(log, tags, start));
  EXPECT_FALSE(by_tags(log, tags, log.position()));
  EXPECT_FALSE(by_tags(log, std::span(tags).first(1), start));
  EXPECT_FALSE(by_tags(log, std::span<const Digest>(), start));
  EXPECT_FALSE(by_key(log, kA, start)) << "a tag is no key";
  const auto between = log.position();
  for (std::uint64_t i = 0; i < 10; ++i) log.append({i, i});
  EXPECT_FALSE(by_tags(log, tags, between)) << "however many keys there are";
}

TEST(InvalidationLog, EveryKindNamesWhatItSays) {
  struct Row {
    cache::Purge purge;
    bool a, a_b, other_host;  // http://h:80/a, http://h:80/a/b?c, http://other:80/a
  };
  const Row rows[] = {
      {purge_url("http://h:80/a"), true, false, false},
      {purge_url("https://h:80/a"), true, false, false},
      {purge_url("http://h:81/a"), false, false, false},
      {purge_url("http://h:80/a/b"), false, false, false},
      {purge_url("http://h:80/a/b?c"), false, true, false},
      {purge(PurgeKind::prefix, "/a"), true, true, true},
      {purge(PurgeKind::prefix, "/a/"), false, true, false},
      {purge(PurgeKind::prefix, "//h/a"), true, true, false},
      {purge(PurgeKind::pattern, "/*"), true, false, true},
      {purge(PurgeKind::pattern, "https://h:80/*/*"), false, true, false},
      {purge(PurgeKind::host, "h"), true, true, false},
      {purge(PurgeKind::host, "*"), true, true, true},
      {purge(PurgeKind::everything, ""), true, true, true},
      {purge(PurgeKind::tag, "/a"), false, false, false},
  };
  for (const auto& row : rows) {
    InvalidationLog log;
    const auto position = log.append(row.purge).position;
    EXPECT_EQ(log.lazy_position(), position);
    const std::pair<std::string_view, bool> expected[] = {
        {"http://h:80/a", row.a}, {"http://h:80/a/b?c", row.a_b}, {"http://other:80/a", row.other_host}};
    for (const auto& [key, is_named] : expected) {
      EXPECT_EQ(mode_of(log, key) == PurgeMode::hard, is_named)
          << name(row.purge.kind) << " " << row.purge.scope.text() << " " << key;
      EXPECT_EQ(mode_of(log, key, position), PurgeMode::none);
    }
  }
}

TEST(InvalidationLog, TheStrongestModeThatCameLaterCounts) {
  InvalidationLog log;
  const auto at = [](int seconds) { return WallTime{std::chrono::seconds{seconds}}; };
  const auto append = [&](PurgeKind kind, std::string_view text, PurgeMode mode, int when) {
    auto made = purge(kind, text, mode);
    made.at = at(when);
    return log.append(made).position;
  };
  append(PurgeKind::prefix, "/a", PurgeMode::refresh, 1);
  EXPECT_EQ(mode_of(log, "http://h:80/a"), PurgeMode::refresh);
  append(PurgeKind::host, "h", PurgeMode::soft, 2);
  EXPECT_EQ(mode_of(log, "http://h:80/a"), PurgeMode::soft);
  const auto hard = append(PurgeKind::prefix, "/a", PurgeMode::hard, 3);
  EXPECT_EQ(mode_of(log, "http://h:80/a"), PurgeMode::hard);
  EXPECT_EQ(mode_of(log, "http://h:80/b"), PurgeMode::soft);
  const auto soft = append(PurgeKind::prefix, "/a", PurgeMode::soft, 4);
  EXPECT_EQ(mode_of(log, "http://h:80/a", hard - 1), PurgeMode::hard) << "a later one does not undo it";
  EXPECT_EQ(log.lazily_purged_since("http://h:80/a", {}, hard), (cache::Purged{PurgeMode::soft, at(4)}));
  EXPECT_EQ(mode_of(log, "http://h:80/a", soft), PurgeMode::none);
}

TEST(InvalidationLog, WhatIsStoredOfAUrlIsNamedByIt) {
  InvalidationLog log;
  for (const auto& digest : cache::url_digests("http://h:80/a?b"))
    log.append({.kind = PurgeKind::url, .digest = digest});
  std::string apart = "http://h:80/a?b";
  cache::append_partition(apart, kA);
  std::string query = "http://h:80/a?b";
  cache::append_query_content(query, {}, "red");
  const std::string hex(32, '0');
  for (const auto& key :
       {std::string("http://h:80/a?b"), apart, query, std::string("http://h:80/a?b\n\n\n\"1\"\n30\n10*0"),
        "http://h:80/a?x=1#search=" + hex, "http://h:80/a#search=" + hex + "#partition=" + hex})
    EXPECT_EQ(mode_of(log, key), PurgeMode::hard) << key;
  for (const auto* key :
       {"http://h:80/a", "http://h:80/a?", "http://h:80/a?bc", "http://h:80/a?b=", "http://g:80/a?b"})
    EXPECT_EQ(mode_of(log, key), PurgeMode::none) << key;
}

TEST(InvalidationLog, PatternsAreBoundedToo) {
  InvalidationLog log(64, 3);
  for (const auto* text : {"/a*", "/b*", "/c*"}) log.append(purge(PurgeKind::pattern, text));
  EXPECT_EQ(log.floor(), 0u);
  EXPECT_EQ(mode_of(log, "http://h:80/x"), PurgeMode::none);
  log.append(purge(PurgeKind::pattern, "/a*"));  // the same again takes no more room
  EXPECT_EQ(log.floor(), 0u);
  log.append(purge(PurgeKind::pattern, "/d*", PurgeMode::soft));  // "/b*" is forgotten
  EXPECT_EQ(log.floor(), 2u);
  EXPECT_EQ(mode_of(log, "http://h:80/x", 1), PurgeMode::hard) << "it may have been that";
  EXPECT_EQ(mode_of(log, "http://h:80/x", 2), PurgeMode::none);
  EXPECT_EQ(mode_of(log, "http://h:80/a", 2), PurgeMode::hard);
  EXPECT_EQ(mode_of(log, "http://h:80/d", 2), PurgeMode::soft);
}

TEST(InvalidationLog, AForgottenSoftPurgeForgetsNoMoreThanFreshness) {
  InvalidationLog log(64, 1);
  log.append(purge(PurgeKind::host, "a", PurgeMode::soft));
  log.append(purge(PurgeKind::host, "b", PurgeMode::soft));
  EXPECT_EQ(mode_of(log, "http://x:80/"), PurgeMode::soft);
}

TEST(InvalidationLog, KeysAreNotAskedForLazily) {
  InvalidationLog log;
  log.append(digest("http://h:80/"));
  EXPECT_EQ(log.lazy_position(), 0u);
  EXPECT_EQ(mode_of(log, "http://h:80/"), PurgeMode::none);
  EXPECT_TRUE(log.purged_since(cache::primary_key("http://h:80/"), {}, 0).is_hard());
}

TEST(InvalidationLog, TagsConcernWhatHasThem) {
  InvalidationLog log;
  log.append_tag(kA);
  EXPECT_EQ(log.lazy_position(true), 1u);
  EXPECT_EQ(log.lazy_position(false), 0u);
  log.append(purge(PurgeKind::host, "a"));
  EXPECT_EQ(log.lazy_position(true), 2u);
  EXPECT_EQ(log.lazy_position(false), 2u);
}

TEST(InvalidationLog, CountsByKindAndMode) {
  InvalidationLog log;
  log.append(kA);
  log.append(purge(PurgeKind::host, "a", PurgeMode::soft));
  log.append(purge(PurgeKind::host, "b", PurgeMode::soft));
  EXPECT_EQ(log.count(PurgeKind::key, PurgeMode::hard), 1u);
  EXPECT_EQ(log.count(PurgeKind::host, PurgeMode::soft), 2u);
  EXPECT_EQ(log.count(PurgeKind::host, PurgeMode::hard), 0u);
}

}  // namespace
}  // namespace forebay::tier
