#include "coded_body.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <string>
#include <vector>

namespace forebay::proxy {
namespace {

using enum http::Coding;
namespace asio = io::asio;

/// A body that comes in these pieces.
class Pieces final : public io::BodySource {
 public:
  Pieces(std::vector<std::string> pieces, bool knows_length)
      : pieces_(pieces.begin(), pieces.end()), knows_length_(knows_length) {}

  io::Awaitable<Result<std::size_t>> read_some(asio::mutable_buffer out) override {
    if (pieces_.empty()) co_return std::size_t{0};
    const auto n = asio::buffer_copy(out, asio::buffer(pieces_.front()));
    pieces_.front().erase(0, n);
    if (pieces_.front().empty()) pieces_.pop_front();
    co_return n;
  }
  std::optional<std::uint64_t> length() const noexcept override {
    return knows_length_ ? std::optional<std::uint64_t>(1) : std::nullopt;
  }
  const std::string& trailers() const noexcept override { return trailers_; }

 private:
  std::deque<std::string> pieces_;
  bool knows_length_;
  std::string trailers_ = "X-Sum: 1\r\n";
};

struct CodedBodyTest : testing::Test {
  SystemClock clock;
  observe::Log log{{}};
  tier::MemoryTier memory{{.size = 64 << 20}, 1};
  flight::FlightTable flights;
  flight::KeyMemo uncacheable;
  flight::KeyMemo failed;
  flight::KeyMemo unsliced;
  flight::SearchRuleMemo search_rules;
  observe::WorkerMetrics metrics;
  asio::io_context context;
  Worker worker{context.get_executor(),
                {clock, log, memory, flights, uncacheable, failed, unsliced, search_rules},
                metrics,
                Snapshot::make({}, {}, {}).value()};
  std::vector<std::size_t> reads;  // the sizes that came

  /// What comes out, or the failure's name.
  std::string read(std::vector<std::string> pieces, cache::CodingPlan plan, std::size_t room = 4096,
                   bool knows_length = true) {
    std::string all;
    asio::co_spawn(context, read_all(Pieces(std::move(pieces), knows_length), plan, room, all),
                   asio::detached);
    context.restart();
    context.run();
    return all;
  }

  io::Awaitable<void> read_all(Pieces source, cache::CodingPlan plan, std::size_t room, std::string& all) {
    CodedBody body(worker, source, plan);
    EXPECT_FALSE(body.length());
    EXPECT_GE(memory.budget().used(tier::ChargeKind::buffers), recoding_bytes(plan));
    std::string out(room, '\0');
    reads.clear();
    for (;;) {
      const auto n = co_await body.read_some(asio::buffer(out));
      if (!n) all = name(n.error().kind);
      if (!n || *n == 0) break;
      reads.push_back(*n);
      all.append(out, 0, *n);
    }
    EXPECT_EQ(body.trailers(), "X-Sum: 1\r\n");
  }
};

TEST_F(CodedBodyTest, ComesBackWhateverTheRoom) {
  const std::string text(100'000, 'x');
  for (const std::size_t room : {1U, 16U, 70'000U}) {
    const auto coded = read({text}, {identity, br}, room);
    EXPECT_LT(coded.size(), 1000U);
    EXPECT_EQ(read({coded}, {br, identity}, room), text);
  }
  EXPECT_EQ(memory.budget().used(tier::ChargeKind::buffers), 0U) << "nothing is charged any more";
}

TEST_F(CodedBodyTest, PiecesOfABodyWithoutLengthComeOutAtOnce) {
  read({"one", "two", "three"}, {identity, zstd}, 4096, true);
  EXPECT_EQ(reads.size(), 1U);
  read({"one", "two", "three"}, {identity, zstd}, 4096, false);
  EXPECT_EQ(reads.size(), 4U) << "and the end";
}

TEST_F(CodedBodyTest, NoContentIsEmptyInEachCoding) {
  EXPECT_EQ(read({}, {gzip, identity}), "");
  EXPECT_EQ(read({read({}, {identity, gzip})}, {gzip, identity}), "");
  EXPECT_EQ(read({read({}, {gzip, br})}, {br, identity}), "");
}

TEST_F(CodedBodyTest, WhatIsMalformedFailsAndIsCounted) {
  EXPECT_EQ(read({"hello"}, {gzip, identity}), "response_malformed");
  auto coded = read({"hello, hello"}, {identity, gzip});
  coded.pop_back();
  EXPECT_EQ(read({coded}, {gzip, identity}), "response_malformed");
  EXPECT_EQ(metrics.recoding_failures.value(), 2U);
}

}  // namespace
}  // namespace forebay::proxy
