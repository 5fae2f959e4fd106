// Numbers and texts one behind the other, in network byte order: what forebay's records are made of.
#pragma once

#include <boost/endian/conversion.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "forebay/base/digest.hpp"

namespace forebay::tier {

/// Appends to a text that outlives it.
class BytesOut {
 public:
  explicit BytesOut(std::string& out) noexcept : out_(out) {}

  template <std::unsigned_integral Number>
  void number(Number value) {
    unsigned char bytes[sizeof(Number)];
    boost::endian::endian_store<Number, sizeof(Number), boost::endian::order::big>(bytes, value);
    out_.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
  }
  void digest(const Digest& digest) {
    number(digest.high);
    number(digest.low);
  }
  void text(std::string_view bytes) { out_.append(bytes); }

 private:
  std::string& out_;
};

/// Reads what another has written, perhaps with malice. Reading beyond the end gives zeroes and empty texts,
/// and has_failed() from then on.
class BytesIn {
 public:
  explicit BytesIn(std::string_view bytes) noexcept : rest_(bytes) {}

  template <std::unsigned_integral Number>
  Number number() noexcept {
    const auto bytes = text(sizeof(Number));
    if (failed_) return 0;
    return boost::endian::endian_load<Number, sizeof(Number), boost::endian::order::big>(
        reinterpret_cast<const unsigned char*>(bytes.data()));
  }
  Digest digest() noexcept {
    const auto high = number<std::uint64_t>();
    return {high, number<std::uint64_t>()};
  }
  std::string_view text(std::uint64_t size) noexcept {
    failed_ = failed_ || size > rest_.size();
    if (failed_) return {};
    const auto taken = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// Everything that is left.
  std::string_view rest() noexcept { return text(rest_.size()); }

  bool has_failed() const noexcept { return failed_; }
  /// All was read, and no more.
  bool is_at_end() const noexcept { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace forebay::tier
