// A copy for the store of a response that is passed on to one client.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/cache/incomplete.hpp"
#include "forebay/cache/storability.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/tier/memory_tier.hpp"

namespace forebay::proxy {

/// Lives on one worker, no longer than the tier. Destroyed before store(), it has stored nothing.
class Recorder {
 public:
  /// `head`: without body and Content-Length. `part`: what of the representation comes, if it is not all.
  Recorder(tier::MemoryTier& memory, cache::StoredResponsePtr head, std::optional<cache::Part> part = {});

  /// The body's next bytes. What becomes too large, or finds no room, is not stored: the rest is ignored.
  void take(std::string_view bytes);
  /// False once it is known that nothing will be stored.
  bool is_recording() const noexcept { return verdict_ == cache::StoreVerdict::stored; }
  /// At the end of the whole body. A part joins what is stored of the same representation for `request`; it
  /// does not take the place of a complete response.
  cache::StoreVerdict store(const http::Fields& request);
  /// What has been stored whole, if anything.
  const cache::StoredResponsePtr& stored() const noexcept { return stored_; }

 private:
  cache::StoreVerdict store_part(const cache::BodyPtr& body, const http::Fields& request);
  bool has_chunk_for_more();

  tier::MemoryTier& memory_;
  tier::Reservation reserved_;
  cache::StoredResponsePtr head_;
  cache::StoredResponsePtr stored_;
  std::optional<cache::Part> part_;
  std::vector<cache::Slice> slices_;  // the last one grows
  std::uint64_t size_ = 0;
  cache::StoreVerdict verdict_ = cache::StoreVerdict::stored;  // so far
};

}  // namespace forebay::proxy
