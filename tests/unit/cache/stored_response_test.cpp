#include "forebay/cache/stored_response.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "heads.hpp"

namespace forebay::cache {
namespace {

TEST(StoredResponse, KeepsACopyOfItsParts) {
  std::string key = "http://h:80/", names = "accept", variant = "1:a",
              head = "HTTP/1.1 404 Not Found\r\nX: y\r\n";
  StoredParts parts{key, names, variant, 404, head, {}, 7, Body::from(std::string_view("gone"))};
  parts.freshness = {.response_time = kNow, .initial_age = StoredSeconds{3}, .heuristic = true};
  const auto stored = StoredResponse::make(parts);
  for (auto* text : {&key, &names, &variant, &head}) text->assign(text->size(), '#');

  EXPECT_EQ(stored->key(), "http://h:80/");
  EXPECT_EQ(stored->vary_names(), "accept");
  EXPECT_EQ(stored->variant_key(), "1:a");
  EXPECT_EQ(stored->head(), "HTTP/1.1 404 Not Found\r\nX: y\r\n");
  EXPECT_EQ(stored->status(), 404);
  EXPECT_EQ(stored->freshness(), parts.freshness);
  EXPECT_EQ(stored->position(), 7u);
  EXPECT_EQ(stored->body(), parts.body);
  EXPECT_EQ(stored->body_size(), 4u);
  EXPECT_EQ(stored->charge(), sizeof(StoredResponse) + 12 + 6 + 3 + head.size() + kAllocatorOverhead);
}

TEST(StoredResponse, NeedsNoBodyAndNoTexts) {
  const auto stored = StoredResponse::make({});
  EXPECT_EQ(stored->body_size(), 0u);
  EXPECT_EQ(stored->head(), "");
  EXPECT_EQ(stored->etag(), "");
  EXPECT_FALSE(stored->last_modified());
}

TEST(StoredResponse, FindsItsValidators) {
  const auto stored = stored_with(
      "HTTP/1.1 200 OK\r\nX-ETag: \"no\"\r\neTag: W/\"a\"\r\nETag: \"b\"\r\n"
      "LAST-MODIFIED: Mon, 01 Jan 2024 00:00:00 GMT\r\nVia: 1.1 forebay\r\n");
  EXPECT_EQ(stored->etag(), "W/\"a\"");
  EXPECT_EQ(stored->last_modified_text(), kNowText);
  EXPECT_EQ(stored->last_modified(), kNow);
  EXPECT_EQ(stored->representation().etag, "W/\"a\"");
}

TEST(StoredResponse, TakesAMalformedDateForNone) {
  const auto stored = stored_with("HTTP/1.1 200 OK\r\nLast-Modified: yesterday\r\n");
  EXPECT_EQ(stored->last_modified_text(), "yesterday");
  EXPECT_FALSE(stored->last_modified());
}

TEST(StoredResponse, DoesNotRememberAnEntityTagBeyondItsLimit) {
  const auto head = "HTTP/1.1 200 OK\r\nETag: \"" + std::string(65536, 'x') + "\"\r\n";
  EXPECT_EQ(stored_with(head)->etag(), "");
}

TEST(StoredResponse, SharesItsBody) {
  const auto body = Body::from(std::string_view("hello"));
  StoredParts parts;
  parts.body = body;
  auto stored = StoredResponse::make(parts);
  EXPECT_EQ(body->use_count(), 3u);  // here, in the parts, in the response
  stored.reset();
  EXPECT_EQ(body->use_count(), 2u);
}

/// What a 1 KB response costs besides its head and body bytes; the tier's own bookkeeping comes on top.
TEST(StoredResponse, HasLittleOverhead) {
  const std::string kilobyte(1024, 'x');
  const auto stored = stored_with("", kilobyte);
  const auto& body = *stored->body();
  const auto overhead = stored->charge() + body.charge() + body.slices()[0].chunk->charge() - kilobyte.size();
  EXPECT_LE(overhead, 208u);
}

TEST(StoredResponse, TagsAndRangesStandBesideEachOther) {
  const std::vector<Digest> tags{{1, 2}, {3, 4}};
  const std::vector<http::ByteRange> held{{5, 6}};
  StoredParts parts{.key = "http://h:80/", .head = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\n"};
  const auto plain = StoredResponse::make(parts);
  EXPECT_FALSE(plain->is_tagged());
  EXPECT_TRUE(plain->tags().empty());
  parts.tags = tags;
  const auto tagged = StoredResponse::make(parts);
  parts.complete_length = 10;
  parts.held = held;
  const auto both = StoredResponse::make(parts);
  for (const auto& stored : {tagged, both, StoredResponse::make(both->as_parts())}) {
    EXPECT_TRUE(stored->is_tagged());
    EXPECT_TRUE(std::equal(stored->tags().begin(), stored->tags().end(), tags.begin(), tags.end()));
    EXPECT_EQ(stored->key(), "http://h:80/");
    EXPECT_EQ(stored->etag(), "\"1\"");
  }
  EXPECT_EQ(both->held()[0], held[0]);
  EXPECT_EQ(both->complete_length(), 10u);
  EXPECT_EQ(tagged->charge() - plain->charge(), 3 * sizeof(Digest));
}

}  // namespace
}  // namespace forebay::cache
