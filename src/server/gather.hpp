// A response's parts on their way into one gathered write.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "forebay/cache/body.hpp"

namespace forebay::server {

/// Up to kParts buffers at a time, and slices that follow once there is room. Owns no bytes.
class Gather {
 public:
  static constexpr std::size_t kParts = 32;

  void clear() noexcept {
    first_ = count_ = 0;
    rest_ = {};
  }
  void add(std::string_view text) noexcept {
    if (!text.empty()) parts_[count_++] = {const_cast<char*>(text.data()), text.size()};
  }
  /// Adds slices behind the texts, which are at most kParts - 1; nothing may be added after them.
  void add(std::span<const cache::Slice> slices) noexcept { add(slices, 0, UINT64_MAX); }
  /// Of these slices, `take` bytes behind the first `skip`.
  void add(std::span<const cache::Slice> slices, std::uint64_t skip, std::uint64_t take) noexcept {
    while (!slices.empty() && skip >= slices.front().size) {
      skip -= slices.front().size;
      slices = slices.subspan(1);
    }
    rest_ = slices;
    skip_ = skip;
    take_ = take;
    refill();
  }

  bool empty() const noexcept { return first_ == count_; }
  std::span<const iovec> parts() const noexcept { return {parts_.data() + first_, count_ - first_}; }

  /// Takes `n` bytes off the front.
  void consume(std::size_t n) noexcept {
    while (first_ < count_ && n >= parts_[first_].iov_len) n -= parts_[first_++].iov_len;
    if (n > 0) {
      parts_[first_].iov_base = static_cast<char*>(parts_[first_].iov_base) + n;
      parts_[first_].iov_len -= n;
    }
    if (first_ == count_) {
      first_ = count_ = 0;
      refill();
    }
  }

 private:
  void refill() noexcept {
    while (!rest_.empty() && take_ > 0 && count_ < kParts) {
      const auto bytes = rest_.front().view().substr(skip_, take_);
      add(bytes);
      take_ -= bytes.size();
      skip_ = 0;
      rest_ = rest_.subspan(1);
    }
  }

  std::array<iovec, kParts> parts_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::span<const cache::Slice> rest_;
  std::uint64_t skip_ = 0;  // of the first of rest_
  std::uint64_t take_ = 0;  // of rest_ in all
};

}  // namespace forebay::server
