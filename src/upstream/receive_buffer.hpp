// Bytes received but not yet consumed, behind a head whose views must stay good.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "forebay/io/asio.hpp"

namespace forebay::upstream {

/// One block of memory: [pinned head | consumed | data | room]. The head may end up in a block of its own.
class ReceiveBuffer {
 public:
  explicit ReceiveBuffer(std::size_t capacity) : block_(new char[capacity]), capacity_(capacity) {}

  std::string_view data() const noexcept { return {block_.get() + begin_, end_ - begin_}; }
  bool empty() const noexcept { return begin_ == end_; }
  io::asio::mutable_buffer room() noexcept { return {block_.get() + end_, capacity_ - end_}; }
  void commit(std::size_t received) noexcept { end_ += received; }
  void consume(std::size_t bytes) noexcept {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = floor_;
  }

  /// Makes room while a head is incomplete. The data may move. False when it has `limit` bytes already.
  bool grow(std::size_t limit) {
    if (end_ < capacity_) return true;
    if (begin_ == floor_ && capacity_ >= limit) return false;
    move_to(begin_ > floor_ ? capacity_ : std::min(capacity_ * 2, limit));
    return true;
  }

  /// Consumes the first `bytes` of data and keeps them where they are from now on: they are the final head.
  void pin(std::size_t bytes) noexcept {
    begin_ += bytes;
    floor_ = begin_;
  }

  /// Room for a piece of body, behind the data there is. The head stays where it is, the data may move. False
  /// when the data alone fills what a buffer may hold: nobody could consume it.
  bool make_room(std::size_t wanted) {
    if (data().size() >= wanted) return false;
    if (capacity_ - end_ >= kLeastRoom) return true;
    if (pinned_ || floor_ == 0) {
      move_to(std::max(capacity_, 2 * wanted));
      return true;
    }
    const auto kept = data();
    std::unique_ptr<char[]> fresh(new char[2 * wanted]);
    std::memcpy(fresh.get(), kept.data(), kept.size());
    pinned_ = std::exchange(block_, std::move(fresh));
    capacity_ = 2 * wanted;
    floor_ = begin_ = 0;
    end_ = kept.size();
    return true;
  }

 private:
  static constexpr std::size_t kLeastRoom = 8 * 1024;

  void move_to(std::size_t capacity) {
    const auto kept = data();
    if (capacity == capacity_) {
      std::memmove(block_.get() + floor_, kept.data(), kept.size());
    } else {
      std::unique_ptr<char[]> fresh(new char[capacity]);
      std::memcpy(fresh.get() + floor_, kept.data(), kept.size());
      block_ = std::move(fresh);
      capacity_ = capacity;
    }
    end_ = floor_ + kept.size();
    begin_ = floor_;
  }

  std::unique_ptr<char[]> pinned_;  // the block of the head, when the data has moved on to another
  std::unique_ptr<char[]> block_;
  std::size_t capacity_;
  std::size_t floor_ = 0;  // the pinned head ends here
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace forebay::upstream
