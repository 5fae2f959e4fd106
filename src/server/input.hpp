// Bytes received on a connection: the head of the current request at the front, then what has come behind it.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "forebay/io/asio.hpp"

namespace forebay::server {

/// A window over an arena's fixed memory. The first `base` bytes are pinned: views into the head stay good
/// while the body passes behind it.
class Input {
 public:
  void attach(char* memory, std::size_t capacity) noexcept {
    memory_ = memory;
    capacity_ = capacity;
    base_ = begin_ = end_ = 0;
  }
  void detach() noexcept { attach(nullptr, 0); }

  std::string_view unread() const noexcept { return {memory_ + begin_, end_ - begin_}; }
  bool empty() const noexcept { return begin_ == end_; }
  void consume(std::size_t n) noexcept { begin_ += n; }
  /// Keeps everything consumed so far in place.
  void pin() noexcept { base_ = begin_; }
  /// Forgets what was consumed, the pinned head included; what is unread moves to the front.
  void restart() noexcept {
    std::memmove(memory_, memory_ + begin_, end_ - begin_);
    end_ -= begin_;
    base_ = begin_ = 0;
  }
  /// Free room behind what is unread; moves that up to the pinned bytes when there is none.
  io::asio::mutable_buffer room() noexcept {
    if (end_ == capacity_ && begin_ > base_) {
      std::memmove(memory_ + base_, memory_ + begin_, end_ - begin_);
      end_ -= begin_ - base_;
      begin_ = base_;
    }
    return {memory_ + end_, capacity_ - end_};
  }
  void commit(std::size_t n) noexcept { end_ += n; }

 private:
  char* memory_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t base_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace forebay::server
