// Request bodies for tests.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "forebay/io/body.hpp"
#include "forebay/io/signal.hpp"

namespace forebay::upstream::testing {

/// A request body from memory: pieces one by one, with a wait for a signal or a failure where the test wants
/// them.
class TextBody final : public io::BodySource {
 public:
  explicit TextBody(std::vector<std::string> pieces, bool knows_length = true)
      : pieces_(pieces.begin(), pieces.end()) {
    std::uint64_t size = 0;
    for (const auto& piece : pieces) size += piece.size();
    if (knows_length) length_ = size;
  }

  io::Awaitable<Result<std::size_t>> read_some(io::asio::mutable_buffer out) override {
    ++reads;
    if (waits_at && *waits_at == given_) {
      waiting = true;
      co_await signal->wait(std::chrono::hours(1));
      waiting = false;
    }
    if (fails_at && *fails_at == given_) co_return fail(ErrorKind::client_gone, "the test's client");
    if (pieces_.empty()) co_return 0U;
    auto piece = std::move(pieces_.front());
    pieces_.pop_front();
    if (piece.size() > out.size()) {
      pieces_.push_front(piece.substr(out.size()));
      piece.resize(out.size());
    } else {
      ++given_;
    }
    io::asio::buffer_copy(out, io::asio::buffer(piece));
    co_return piece.size();
  }
  std::optional<std::uint64_t> length() const noexcept override { return length_; }
  const std::string& trailers() const noexcept override { return trailer_lines; }

  std::optional<std::size_t> waits_at;  // before giving the piece of this index
  std::shared_ptr<io::Signal> signal;   // then until this
  std::optional<std::size_t> fails_at;
  std::string trailer_lines;
  int reads = 0;
  bool waiting = false;

 private:
  std::deque<std::string> pieces_;
  std::optional<std::uint64_t> length_;
  std::size_t given_ = 0;
};

}  // namespace forebay::upstream::testing
