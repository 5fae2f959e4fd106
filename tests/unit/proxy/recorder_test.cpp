#include "recorder.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forebay::proxy {
namespace {

constexpr std::string_view kKey = "http://a:80/";

class RecorderTest : public testing::Test {
 protected:
  cache::StoredResponsePtr head() {
    cache::StoredParts parts;
    parts.key = kKey;
    parts.head = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\n";
    parts.freshness.lifetime = cache::StoredSeconds{60};
    parts.position = memory.log().position();
    return cache::StoredResponse::make(parts);
  }
  std::string stored_body() {
    const auto found = memory.find(cache::primary_key(kKey), {}, scratch).response;
    if (!found) return "-";
    std::string text;
    if (found->body())
      for (const auto& slice : found->body()->slices()) text += slice.view();
    return text;
  }

  tier::MemoryTier memory{{.size = 1 << 20, .max_body = 100'000}, 1};
  std::string scratch;
};

TEST_F(RecorderTest, StoresWhatItTook) {
  Recorder recorder(memory, head());
  std::string body;
  for (int i = 0; i < 5000; ++i) {
    const auto piece = std::to_string(i) + ",";
    recorder.take(piece);
    body += piece;
  }
  EXPECT_EQ(stored_body(), "-");
  EXPECT_EQ(recorder.store({}), cache::StoreVerdict::stored);
  EXPECT_EQ(stored_body(), body);
  EXPECT_EQ(memory.find(cache::primary_key(kKey), {}, scratch).response->head(),
            "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: " + std::to_string(body.size()) + "\r\n");
}

TEST_F(RecorderTest, StoresNothingWhenItGoesEarlier) {
  const auto used = memory.budget().used();
  { Recorder(memory, head()).take("hello"); }
  EXPECT_EQ(stored_body(), "-");
  EXPECT_EQ(memory.budget().used(), used);
}

TEST_F(RecorderTest, AnEmptyBodyIsOne) {
  EXPECT_EQ(Recorder(memory, head()).store({}), cache::StoreVerdict::stored);
  EXPECT_EQ(stored_body(), "");
}

TEST_F(RecorderTest, GivesUpOnWhatIsTooLarge) {
  Recorder recorder(memory, head());
  for (int i = 0; i < 11; ++i) recorder.take(std::string(10'000, 'x'));
  EXPECT_EQ(memory.budget().used(tier::ChargeKind::bodies), 0u);
  EXPECT_EQ(recorder.store({}), cache::StoreVerdict::too_large);
}

TEST_F(RecorderTest, GivesUpWhenThereIsNoRoom) {
  tier::Reservation rest(memory.budget());
  Recorder recorder(memory, head());
  recorder.take("hello");
  ASSERT_TRUE(memory.reserve(rest, memory.budget().limit() - memory.budget().used() - 100));
  recorder.take(std::string(20'000, 'x'));
  EXPECT_EQ(recorder.store({}), cache::StoreVerdict::no_room);
}

TEST_F(RecorderTest, WhatWasInvalidatedMeanwhileIsNotStored) {
  Recorder recorder(memory, head());
  recorder.take("hello");
  memory.invalidate(cache::primary_key(kKey));
  EXPECT_EQ(recorder.store({}), cache::StoreVerdict::invalidated);
}

TEST_F(RecorderTest, PartsOfOneRepresentationAreJoined) {
  const auto take = [&](const cache::Part& part, std::string_view bytes) {
    Recorder recorder(memory, head(), part);
    recorder.take(bytes);
    return recorder.store({});
  };
  const auto stored = [&] { return memory.find(cache::primary_key(kKey), {}, scratch).response; };
  EXPECT_EQ(take({{2, 4}, 8}, "234"), cache::StoreVerdict::stored);
  EXPECT_EQ(stored()->held().size(), 1u);
  EXPECT_EQ(take({{6, 7}, 8}, "6"), cache::StoreVerdict::incomplete) << "less than Content-Range says";
  EXPECT_EQ(take({{5, 7}, 8}, "567"), cache::StoreVerdict::stored);
  EXPECT_EQ(stored()->held()[0], (http::ByteRange{2, 7}));
  EXPECT_EQ(take({{0, 2}, 8}, "012"), cache::StoreVerdict::stored);
  EXPECT_FALSE(stored()->is_incomplete());
  EXPECT_EQ(stored_body(), "01234567");
  EXPECT_EQ(take({{0, 2}, 8}, "abc"), cache::StoreVerdict::superseded) << "the whole stays";
}

}  // namespace
}  // namespace forebay::proxy
