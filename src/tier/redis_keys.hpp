// Names of what a primary key has in Redis (docs/redis-format.md). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "forebay/base/digest.hpp"

namespace forebay::tier {

/// "forebay:{<digest>}" and what begins with it. The braces are the hash tag of Redis Cluster: everything of
/// a key is in one slot.
class RedisKeys {
 public:
  /// `name_space` has no braces: the first that Redis finds are these.
  RedisKeys(std::string_view name_space, const Digest& key);

  /// The key's record.
  const std::string& record() const noexcept { return record_; }
  /// The record of one of its variants. `generation`: of the record that tells of them.
  std::string variant(std::uint64_t generation, std::string_view vary_names,
                      std::string_view variant_key) const;
  /// A chunk of a body.
  std::string chunk(const Digest& body, std::uint32_t number) const;

  // What nodes share of a fetch; the digest is that of the flight's key.
  /// Who leads it.
  std::string lease() const;
  /// What a leader tells.
  std::string flight(const Digest& token) const;
  /// Says that no answer can be shared.
  std::string uncacheable() const;

 private:
  std::string record_;
};

}  // namespace forebay::tier
