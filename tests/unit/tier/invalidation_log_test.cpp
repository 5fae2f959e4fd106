#include "forebay/tier/invalidation_log.hpp"

#include <gtest/gtest.h>

#include <array>

#include <atomic>
#include <string>
#include <thread>

namespace forebay::tier {
namespace {

const Digest kA = digest("a");
const Digest kB = digest("b");

TEST(InvalidationLog, ConcernsWhatStartedBefore) {
  InvalidationLog log;
  const auto before = log.position();
  EXPECT_FALSE(log.invalidated_since(kA, before));
  const auto entry = log.append(kA).position;
  EXPECT_GT(entry, before);
  EXPECT_EQ(log.position(), entry);
  EXPECT_TRUE(log.invalidated_since(kA, before));
  EXPECT_FALSE(log.invalidated_since(kA, entry));
  EXPECT_FALSE(log.invalidated_since(kB, before));
}

TEST(InvalidationLog, TheLastEntryOfAKeyCounts) {
  InvalidationLog log;
  log.append(kA);
  const auto between = log.position();
  log.append(kB);
  EXPECT_FALSE(log.invalidated_since(kA, between));
  log.append(kA);
  EXPECT_TRUE(log.invalidated_since(kA, between));
  EXPECT_TRUE(log.invalidated_since(kB, between));
}

TEST(InvalidationLog, AQuerysKeyIsInvalidatedByItsUris) {
  InvalidationLog log;
  const std::string uri = "http://h:80/a";
  auto text = uri;
  cache::append_query_content(text, {}, "red");
  const auto key = cache::primary_key(text);
  const auto other = cache::primary_key("http://h:80/b");
  const auto before = log.position();
  EXPECT_FALSE(log.invalidated_since(key, before));
  log.append(other.digest);
  EXPECT_FALSE(log.invalidated_since(key, before));
  EXPECT_TRUE(log.invalidated_since(other, before));
  const auto by_uri = log.append(digest(uri)).position;
  EXPECT_TRUE(log.invalidated_since(key, before));
  EXPECT_TRUE(log.uri_invalidated_since(text, before));
  EXPECT_FALSE(log.invalidated_since(key, by_uri));
  log.append(key.digest);
  EXPECT_TRUE(log.invalidated_since(key, by_uri));
  EXPECT_FALSE(log.uri_invalidated_since(text, by_uri));
}

TEST(InvalidationLog, WhatIsOlderThanItsOldestEntryCountsAsInvalid) {
  InvalidationLog log(2);
  const auto start = log.position();
  const auto first = log.append(kA).position;
  log.append(digest("x"));
  EXPECT_FALSE(log.invalidated_since(kB, start));
  log.append(digest("y"));  // the first entry is forgotten
  EXPECT_TRUE(log.invalidated_since(kB, start));
  EXPECT_FALSE(log.invalidated_since(kB, first));
  EXPECT_FALSE(log.invalidated_since(kA, first));
}

TEST(InvalidationLog, ForgettingAnOldEntryKeepsTheKeysNewerOne) {
  InvalidationLog log(2);
  const auto first = log.append(kA).position;
  log.append(kA);
  log.append(kB);
  EXPECT_TRUE(log.invalidated_since(kA, first));
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
    if (position > 0) EXPECT_TRUE(log.invalidated_since(kA, position - 1));
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
  EXPECT_TRUE(log.invalidated_since(tags, start));
  EXPECT_FALSE(log.invalidated_since(tags, log.position()));
  EXPECT_FALSE(log.invalidated_since(std::span(tags).first(1), start));
  EXPECT_FALSE(log.invalidated_since(std::span<const Digest>(), start));
  EXPECT_FALSE(log.invalidated_since(kA, start)) << "a tag is no key";
  const auto between = log.position();
  for (std::uint64_t i = 0; i < 10; ++i) log.append({i, i});
  EXPECT_FALSE(log.invalidated_since(tags, between)) << "however many keys there are";
}

}  // namespace
}  // namespace forebay::tier
