// Digests that tell nothing about what they were made of to whoever does not know the key: SipHash-2-4 with
// 128 bits (Aumasson, Bernstein, 2012), OpenSSL's. Unlike digest(), nobody without the key can make two texts
// collide.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "forebay/base/digest.hpp"

struct evp_mac_ctx_st;

namespace forebay {

struct HashKey {
  std::array<unsigned char, 16> bytes{};

  static HashKey random();
  /// From a secret of any length: the first half of its SHA-256.
  static HashKey from(std::string_view secret);

  friend bool operator==(const HashKey&, const HashKey&) = default;
};

/// One hash after the other, in memory that is reused: begin(), add() each part, end(). Allocates when it is
/// made and never again. Not thread-safe.
class KeyedHash {
 public:
  /// Throws std::runtime_error where OpenSSL has no SipHash.
  KeyedHash();

  KeyedHash& begin(const HashKey& key) noexcept;
  /// A part counts with its length: "ab", "c" is not "a", "bc".
  KeyedHash& add(std::string_view part) noexcept;
  Digest end() noexcept;

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

}  // namespace forebay
