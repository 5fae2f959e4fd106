#include "fetched_part.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace forebay::proxy {
namespace {

using Lines = std::vector<std::pair<std::string_view, std::string_view>>;

class FakeReply final : public upstream::Reply, public io::BodySource {
 public:
  FakeReply(int status, const Lines& lines, std::optional<std::uint64_t> length = std::nullopt)
      : length_(length) {
    head_.status = status;
    for (const auto& [name, value] : lines) head_.fields.add(name, value);
  }
  const http::ResponseHead& head() const noexcept override { return head_; }
  io::BodySource& body() noexcept override { return *this; }
  WallTime request_time() const noexcept override { return {}; }
  WallTime response_time() const noexcept override { return {}; }
  bool request_sent() const noexcept override { return true; }
  io::Awaitable<void> stop_sending() override { co_return; }
  std::unique_ptr<io::Stream> take_stream(std::string&) override { return nullptr; }
  io::Awaitable<Result<std::size_t>> read_some(io::asio::mutable_buffer) override { co_return 0U; }
  std::optional<std::uint64_t> length() const noexcept override { return length_; }
  const std::string& trailers() const noexcept override { return trailers_; }

 private:
  http::ResponseHead head_;
  std::optional<std::uint64_t> length_;
  std::string trailers_;
};

/// The first ten of twenty bytes.
cache::StoredResponsePtr half(std::string_view head) {
  const http::ByteRange held{0, 9};
  cache::StoredParts parts;
  parts.key = "http://a:80/";
  parts.head = head;
  parts.body = cache::Body::from(std::string_view("0123456789"));
  parts.complete_length = 20;
  parts.held = {&held, 1};
  return cache::StoredResponse::make(parts);
}

const AskedPart kRest{{10, 19}, std::nullopt};
const AskedPart kSecondSlice{{100, 199}, 1};

TEST(FetchedPart, AsksForARange) {
  std::string head;
  append_range_fields(head, kSecondSlice, nullptr);
  EXPECT_EQ(head, "Range: bytes=100-199\r\n");
  head.clear();
  append_range_fields(head, kRest, half("HTTP/1.1 200 OK\r\nETag: \"1\"\r\n").get());
  EXPECT_EQ(head, "Range: bytes=10-19\r\nIf-Range: \"1\"\r\n");
}

TEST(FetchedPart, WhatCompletesIsTheRestOfTheSameRepresentation) {
  const auto stored = half("HTTP/1.1 200 OK\r\nETag: \"1\"\r\n");
  const auto fits = [&](const Lines& lines, std::optional<std::uint64_t> length = std::nullopt) {
    FakeReply reply(206, lines, length);
    return is_asked_part(kRest, reply, stored.get());
  };
  EXPECT_TRUE(fits({{"ETag", "\"1\""}, {"Content-Range", "bytes 10-19/20"}}));
  EXPECT_TRUE(fits({{"ETag", "\"1\""}, {"Content-Range", "bytes 10-19/20"}}, 10));
  EXPECT_FALSE(fits({{"ETag", "\"1\""}, {"Content-Range", "bytes 10-19/20"}}, 11));
  EXPECT_FALSE(fits({{"ETag", "\"2\""}, {"Content-Range", "bytes 10-19/20"}}));
  EXPECT_FALSE(fits({{"ETag", "W/\"1\""}, {"Content-Range", "bytes 10-19/20"}}));
  EXPECT_FALSE(fits({{"Content-Range", "bytes 10-19/20"}}));
  EXPECT_FALSE(fits({{"ETag", "\"1\""}, {"Content-Range", "bytes 10-18/20"}}));
  EXPECT_FALSE(fits({{"ETag", "\"1\""}, {"Content-Range", "bytes 9-19/20"}}));
  EXPECT_FALSE(fits({{"ETag", "\"1\""}, {"Content-Range", "bytes 10-19/30"}}));
  EXPECT_FALSE(fits({{"ETag", "\"1\""}}));
  FakeReply same(206, {{"ETag", "W/\"1\""}, {"Content-Range", "bytes 10-19/20"}});
  EXPECT_FALSE(is_asked_part(kRest, same, half("HTTP/1.1 200 OK\r\nETag: W/\"1\"\r\n").get()));
}

TEST(FetchedPart, ASliceHasAStrongTagUnlessItIsEverything) {
  const auto fits = [&](const AskedPart& part, const Lines& lines) {
    FakeReply reply(206, lines);
    return is_asked_part(part, reply, nullptr);
  };
  EXPECT_TRUE(fits(kSecondSlice, {{"ETag", "\"1\""}, {"Content-Range", "bytes 100-199/1000"}}));
  EXPECT_TRUE(fits(kSecondSlice, {{"ETag", "\"1\""}, {"Content-Range", "bytes 100-149/150"}})) << "the last";
  EXPECT_FALSE(fits(kSecondSlice, {{"ETag", "\"1\""}, {"Content-Range", "bytes 100-149/151"}}));
  EXPECT_FALSE(fits(kSecondSlice, {{"ETag", "W/\"1\""}, {"Content-Range", "bytes 100-199/1000"}}));
  EXPECT_FALSE(fits(kSecondSlice, {{"Content-Range", "bytes 100-199/1000"}}));
  EXPECT_TRUE(fits({{0, 99}, 0}, {{"Content-Range", "bytes 0-4/5"}}));
}

TEST(FetchedPart, WhenEverythingIsAskedForInstead) {
  const auto stored = half("HTTP/1.1 200 OK\r\nETag: \"1\"\r\n");
  const auto is_useless = [&](const AskedPart& part, int status, const Lines& lines = {}) {
    FakeReply reply(status, lines);
    return is_of_no_use(part, reply, stored.get());
  };
  EXPECT_FALSE(is_useless(kRest, 206, {{"ETag", "\"1\""}, {"Content-Range", "bytes 10-19/20"}}));
  EXPECT_TRUE(is_useless(kRest, 206, {{"ETag", "\"2\""}, {"Content-Range", "bytes 10-19/20"}}));
  EXPECT_TRUE(is_useless(kRest, 416));
  EXPECT_FALSE(is_useless(kRest, 200));
  EXPECT_FALSE(is_useless(kRest, 404));
  EXPECT_FALSE(is_useless(kSecondSlice, 416)) << "it is the answer";
  EXPECT_TRUE(is_useless({{0, 99}, 0}, 416)) << "even an empty one has a whole";
  EXPECT_FALSE(is_useless(kSecondSlice, 206));
}

TEST(FetchedPart, ASlicesKeyNamesTheRepresentation) {
  const auto key = [](std::string_view head, std::uint64_t bytes, std::uint64_t index) {
    return slice_key(*half(head), bytes, index);
  };
  const auto one = key("HTTP/1.1 200 OK\r\nETag: \"1\"\r\n", 8, 1);
  EXPECT_NE(one, key("HTTP/1.1 200 OK\r\nETag: \"2\"\r\n", 8, 1));
  EXPECT_NE(one, key("HTTP/1.1 200 OK\r\nETag: \"1\"\r\n", 8, 2));
  EXPECT_NE(one, key("HTTP/1.1 200 OK\r\nETag: \"1\"\r\n", 16, 1));
  EXPECT_NE(one, "http://a:80/");
  EXPECT_EQ(slice_range(8, 1, 20), (http::ByteRange{8, 15}));
  EXPECT_EQ(slice_range(8, 2, 20), (http::ByteRange{16, 19}));
  const auto slice = keep_slice(*half("HTTP/1.1 200 OK\r\nETag: \"1\"\r\n"), 8, 1,
                                cache::Body::from(std::string_view("89abcdef")));
  EXPECT_EQ(slice->key(), one);
  EXPECT_TRUE(slice->is_incomplete());
  EXPECT_EQ(slice->held()[0], (http::ByteRange{8, 15}));
}

}  // namespace
}  // namespace forebay::proxy
