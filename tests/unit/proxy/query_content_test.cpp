#include "query_content.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "forebay/io/held_body.hpp"

namespace forebay::proxy {
namespace {

namespace asio = io::asio;

/// A content of this size whose length is announced or not.
class Sized final : public io::BodySource {
 public:
  Sized(std::size_t size, bool announces) : text_(size, 'x'), held_(text_), announces_(announces) {}

  io::Awaitable<Result<std::size_t>> read_some(asio::mutable_buffer out) override {
    ++reads;
    return held_.read_some(out);
  }
  std::optional<std::uint64_t> length() const noexcept override {
    return announces_ ? held_.length() : std::nullopt;
  }
  const std::string& trailers() const noexcept override { return held_.trailers(); }

  int reads = 0;

 private:
  std::string text_;
  io::HeldBody held_;
  bool announces_;
};

struct QueryContentTest : testing::Test {
  tier::MemoryTier memory{{.size = 1 << 20}, 1};
  std::optional<QueryContent> content;

  std::uint64_t charged() const { return memory.budget().used(tier::ChargeKind::buffers); }

  Result<bool> read(io::BodySource& source, std::uint64_t most) {
    Result<bool> whole = false;
    asio::io_context context;
    content.emplace(memory);
    asio::co_spawn(context, content->read(source, most),
                   [&](const std::exception_ptr&, Result<bool> result) { whole = std::move(result); });
    context.run();
    return whole;
  }
};

TEST_F(QueryContentTest, IsReadWhole) {
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 50'000U}) {
    for (const bool announces : {false, true}) {
      Sized source(size, announces);
      EXPECT_TRUE(*read(source, size)) << size;
      EXPECT_EQ(content->view(), std::string(size, 'x'));
      EXPECT_GE(charged(), size);
      content.reset();
      EXPECT_EQ(charged(), 0U) << "given back";
    }
  }
}

TEST_F(QueryContentTest, WhatIsAnnouncedAsTooLongIsNotTouched) {
  Sized source(101, true);
  EXPECT_FALSE(*read(source, 100));
  EXPECT_EQ(source.reads, 0);
}

TEST_F(QueryContentTest, OfWhatTurnsOutTooLongNothingIsLost) {
  Sized source(10'000, false);
  EXPECT_FALSE(*read(source, 5000));
  EXPECT_EQ(content->view(), std::string(5001, 'x'));
}

TEST_F(QueryContentTest, NeedsRoom) {
  tier::Reservation taken(memory.budget());
  taken.add(memory.budget().limit() - memory.budget().used() - 5000);
  Sized source(5000, false);
  EXPECT_FALSE(*read(source, 100'000));
  EXPECT_EQ(content->view(), std::string(4096, 'x')) << "as far as it went";
}

TEST_F(QueryContentTest, FailsAsItsSourceDoes) {
  class Failing final : public io::BodySource {
   public:
    io::Awaitable<Result<std::size_t>> read_some(asio::mutable_buffer) override {
      co_return fail(ErrorKind::client_stalled);
    }
    std::optional<std::uint64_t> length() const noexcept override { return 5; }
    const std::string& trailers() const noexcept override { return trailers_; }

   private:
    std::string trailers_;
  } source;
  const auto result = read(source, 100);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::client_stalled);
}

}  // namespace
}  // namespace forebay::proxy
