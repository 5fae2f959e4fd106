#include "forebay/cache/incomplete.hpp"

#include <gtest/gtest.h>

#include <string>

#include "heads.hpp"

namespace forebay::cache {
namespace {

constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\n";

std::string digits(http::ByteRange range) {
  return std::string("0123456789").substr(range.first, range.size());
}

std::string text_of(const BodyPtr& body) {
  std::string text;
  if (body)
    for (const auto& slice : body->slices()) text += slice.view();
  return text;
}

/// A representation of ten digits of which these ranges are stored.
StoredResponsePtr holding(const std::vector<http::ByteRange>& held, std::string_view head = kHead) {
  std::string body;
  for (const auto& range : held) body += digits(range);
  StoredParts parts;
  parts.key = "http://example.com:80/";
  parts.vary_names = "accept";
  parts.variant_key = "1:a";
  parts.head = head;
  parts.body = Body::from(std::string_view(body));
  parts.complete_length = 10;
  parts.held = held;
  return StoredResponse::make(parts);
}

http::ResponseHead partial(Lines lines) { return response(206, std::move(lines)); }

TEST(PartOf, WhatContentRangeSays) {
  const auto part = part_of(partial({{"Content-Range", "bytes 2-5/10"}, {"Content-Length", "4"}}));
  EXPECT_EQ(part, (Part{{2, 5}, 10}));
  EXPECT_FALSE(part->is_whole());
  EXPECT_TRUE(part_of(partial({{"Content-Range", "bytes 0-9/10"}}))->is_whole());
}

TEST(PartOf, NothingWhereNobodyCanTellWhichBytesTheseAre) {
  const std::vector<Lines> rows{
      {},
      {{"Content-Range", ""}},
      {{"Content-Range", "bytes"}},
      {{"Content-Range", "bytes 2-5"}},
      {{"Content-Range", "bytes 2-5/"}},
      {{"Content-Range", "bytes 2-5/*"}},
      {{"Content-Range", "bytes */10"}},
      {{"Content-Range", "bytes 5-2/10"}},
      {{"Content-Range", "bytes 2-10/10"}},
      {{"Content-Range", "bytes -5/10"}},
      {{"Content-Range", "bytes 2-/10"}},
      {{"Content-Range", "bytes 2-5/-10"}},
      {{"Content-Range", "bytes 2-5/0"}},
      {{"Content-Range", "bytes=2-5/10"}},
      {{"Content-Range", "lines 2-5/10"}},
      {{"Content-Range", "2-5/10"}},
      {{"Content-Range", "bytes 2-5/10, bytes 7-8/10"}},
      {{"Content-Range", "bytes 2-5/10"}, {"Content-Range", "bytes 2-5/10"}},
      {{"Content-Range", "bytes 2-5/10;q=1"}},
      {{"Content-Range", "bytes 0x2-5/10"}},
      {{"Content-Range", "bytes +2-5/10"}},
      {{"Content-Range", "bytes 2 - 5/10"}},
      {{"Content-Range", "bytes 2-5/18446744073709551616"}},
      {{"Content-Range", "bytes 2-18446744073709551615/18446744073709551615"}},
      {{"Content-Range", "bytes 2-5/10"}, {"Content-Length", "5"}},
      {{"Content-Range", "bytes 2-5/10"}, {"Content-Length", "10"}},
      {{"Content-Range", "bytes 2-5/10"}, {"Content-Length", "x"}},
      {{"Content-Range", "bytes 2-5/10"}, {"Content-Type", "multipart/byteranges; boundary=b"}},
      {{"Content-Range", "bytes 2-5/10"}, {"Content-Type", "Multipart/Byteranges"}},
      {{"Content-Type", "multipart/byteranges; boundary=b"}},
  };
  for (const auto& row : rows)
    EXPECT_FALSE(part_of(partial(row))) << (row.empty() ? "" : row.front().second) << " " << row.size();
  EXPECT_FALSE(part_of(response(200, {{"Content-Range", "bytes 2-5/10"}})));
  EXPECT_FALSE(part_of(response(416, {{"Content-Range", "bytes */10"}})));
}

TEST(HeadOfWhole, IsThe200WithoutWhatIsSaidOfThePart) {
  const auto whole = head_of_whole(
      partial({{"ETag", "\"1\""}, {"Content-Range", "bytes 2-5/10"}, {"Content-Length", "4"}, {"X", "y"}}));
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.fields.find(http::FieldId::etag), "\"1\"");
  EXPECT_EQ(whole.fields.find("X"), "y");
  EXPECT_FALSE(whole.fields.has(http::FieldId::content_range));
  EXPECT_FALSE(whole.fields.has(http::FieldId::content_length));
}

TEST(Incomplete, KnowsWhatItHolds) {
  const auto stored = holding({{1, 3}, {6, 9}});
  EXPECT_TRUE(stored->is_incomplete());
  EXPECT_FALSE(stored->is_sliced());
  EXPECT_EQ(stored->complete_length(), 10u);
  EXPECT_EQ(stored->body_size(), 7u);
  EXPECT_EQ(stored->key(), "http://example.com:80/");
  EXPECT_EQ(stored->variant_key(), "1:a");
  EXPECT_EQ(stored->etag(), "\"1\"");
  EXPECT_EQ(stored->charge() - holding({})->charge(), 2 * sizeof(http::ByteRange));
  EXPECT_TRUE(holding({})->is_sliced());
  const auto complete = stored_with(kHead, "0123456789");
  EXPECT_FALSE(complete->is_incomplete());
  EXPECT_EQ(complete->complete_length(), 10u);
  EXPECT_TRUE(complete->held().empty());
}

TEST(Incomplete, HoldsARangeOrNot) {
  const auto stored = holding({{1, 3}, {6, 9}});
  for (std::uint64_t first = 0; first < 10; ++first)
    for (std::uint64_t last = first; last < 10; ++last)
      EXPECT_EQ(holds(*stored, {first, last}), (first >= 1 && last <= 3) || first >= 6)
          << first << "-" << last;
  EXPECT_EQ(offset_in_body(*stored, 2), 1u);
  EXPECT_EQ(offset_in_body(*stored, 6), 3u);
}

TEST(Incomplete, WhatIsMissing) {
  EXPECT_EQ(missing_range(*holding({{0, 3}})), (http::ByteRange{4, 9}));
  EXPECT_EQ(missing_range(*holding({{4, 9}})), (http::ByteRange{0, 3}));
  EXPECT_EQ(missing_range(*holding({{0, 3}, {6, 9}})), (http::ByteRange{4, 5}));
  EXPECT_FALSE(missing_range(*holding({{1, 3}})));
  EXPECT_FALSE(missing_range(*holding({{0, 1}, {3, 4}, {6, 9}})));
  EXPECT_EQ(missing_range(*holding({})), (http::ByteRange{0, 9}));
}

TEST(Incomplete, OnlyAStrongTagSaysThatPartsBelongTogether) {
  const auto with_tag = [](std::string_view tag) {
    return holding({{0, 3}}, "HTTP/1.1 200 OK\r\nETag: " + std::string(tag) + "\r\n");
  };
  EXPECT_TRUE(same_representation(*with_tag("\"1\""), *with_tag("\"1\"")));
  EXPECT_FALSE(same_representation(*with_tag("\"1\""), *with_tag("\"2\"")));
  EXPECT_FALSE(same_representation(*with_tag("W/\"1\""), *with_tag("W/\"1\"")));
  EXPECT_FALSE(same_representation(*with_tag("\"1\""), *with_tag("1")));
  EXPECT_FALSE(same_representation(*with_tag("\"1\""), *stored_with(kHead, "longer than ten")));
  EXPECT_FALSE(has_strong_tag(*with_tag("W/\"1\"")));
}

/// Every pair of stored ranges and every part: exactly their bytes come out, and the newer ones where both
/// have them.
TEST(Combined, HoldsWhatBothHeld) {
  const std::vector<std::vector<http::ByteRange>> all{
      {}, {{0, 3}}, {{4, 5}}, {{1, 2}, {6, 8}}, {{0, 0}, {9, 9}}};
  for (const auto& held : all) {
    for (std::uint64_t first = 0; first < 10; ++first) {
      for (std::uint64_t last = first; last < 10; ++last) {
        const std::string news(last - first + 1, 'n');
        std::string expected(10, '-');
        for (const auto& range : held) expected.replace(range.first, range.size(), digits(range));
        expected.replace(first, news.size(), news);
        const auto content =
            combined(*holding(held), {{first, last}, 10}, Body::from(std::string_view(news)), 100, nullptr);
        std::string got(10, '-');
        std::size_t at = 0;
        const auto text = text_of(content.body);
        if (!content.complete_length) got = text;
        for (const auto& range : content.held) {
          got.replace(range.first, range.size(), text.substr(at, range.size()));
          at += range.size();
        }
        EXPECT_EQ(got, expected);
        EXPECT_EQ(!content.complete_length, expected.find('-') == std::string::npos) << expected;
      }
    }
  }
}

TEST(Combined, ThePartAloneWhenItIsTooMuch) {
  const auto content =
      combined(*holding({{0, 3}}), {{6, 9}, 10}, Body::from(std::string_view("6789")), 7, nullptr);
  EXPECT_EQ(content.held, (std::vector<http::ByteRange>{{6, 9}}));
  EXPECT_EQ(text_of(content.body), "6789");
  EXPECT_EQ(content.complete_length, 10u);
}

}  // namespace
}  // namespace forebay::cache
