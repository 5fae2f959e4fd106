// A response as it is kept: head, body, times. Immutable once made, shared by the store and whoever is
// sending it.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "forebay/base/clock.hpp"
#include "forebay/base/digest.hpp"
#include "forebay/cache/body.hpp"
#include "forebay/cache/kept_times.hpp"
#include "forebay/http/conditional.hpp"
#include "forebay/http/content_coding.hpp"
#include "forebay/http/range.hpp"

namespace forebay::cache {

/// What a StoredResponse is made from; all views are copied.
struct StoredParts {
  std::string_view key;          // primary key text
  std::string_view vary_names;   // see vary_names(); "" when the response does not vary
  std::string_view variant_key;  // the storing request's values for them
  int status = 200;
  /// Status line and end-to-end field lines, each ended by CRLF, without the empty line; with Content-Length,
  /// Date, Via and an upstream's Cache-Status, without Age, Connection and our Cache-Status: those are
  /// written per request.
  std::string_view head;
  Freshness freshness;
  Position position = 0;  // the log's position when the fetch started
  BodyPtr body;           // nothing: a response without a body
  /// An incomplete response (RFC 9111 §3.3): how long the representation is, and what of it the body holds.
  std::optional<std::uint64_t> complete_length;
  std::span<const http::ByteRange> held;  // ascending, apart from each other, at most kMaxHeldRanges
  /// What it may be invalidated by besides its key: see cache/tags.
  std::span<const Digest> tags;
  /// The coding the origin sent it in, when it is kept in another.
  std::optional<http::Coding> recoded_from{};
};

/// More parts of one representation than this are not kept together.
inline constexpr std::size_t kMaxHeldRanges = 16;

/// Thread-safe: nothing changes after make(). One allocation; the texts stand behind the object.
class StoredResponse : public boost::intrusive_ref_counter<StoredResponse, boost::thread_safe_counter> {
 public:
  static boost::intrusive_ptr<const StoredResponse> make(const StoredParts& parts);

  int status() const noexcept { return status_; }
  const Freshness& freshness() const noexcept { return freshness_; }
  Position position() const noexcept { return position_; }
  /// The coding the origin sent it in, when its content, ETag and Vary are not the origin's but forebay's.
  std::optional<http::Coding> recoded_from() const noexcept {
    return recoded_ ? std::optional(static_cast<http::Coding>(origin_coding_)) : std::nullopt;
  }
  const BodyPtr& body() const noexcept { return body_; }
  std::uint64_t body_size() const noexcept { return body_ ? body_->size() : 0; }

  /// True if the body is not all there: it holds the ranges of held(), one behind the other.
  bool is_incomplete() const noexcept { return parts_ != 0; }
  /// True for the head of a representation whose content is kept apart from it, in slices.
  bool is_sliced() const noexcept { return parts_ == 1; }
  std::span<const http::ByteRange> held() const noexcept;
  std::uint64_t complete_length() const noexcept;  // of the whole representation

  bool is_tagged() const noexcept { return tagged_ != 0; }
  std::span<const Digest> tags() const noexcept;

  std::string_view key() const noexcept { return text(0, key_size_); }
  std::string_view vary_names() const noexcept { return text(key_size_, vary_size_); }
  std::string_view variant_key() const noexcept {
    return text(std::size_t{key_size_} + vary_size_, variant_size_);
  }
  std::string_view head() const noexcept {
    return text(std::size_t{key_size_} + vary_size_ + variant_size_, head_size_);
  }
  /// The entity tag as received, "" without one; a view into head().
  std::string_view etag() const noexcept { return head().substr(etag_offset_, etag_size_); }
  /// The Last-Modified value as received, "" without one; a view into head().
  std::string_view last_modified_text() const noexcept {
    return head().substr(modified_offset_, modified_size_);
  }
  std::optional<WallTime> last_modified() const noexcept;
  /// The Date it is sent with; looks for it in the head.
  std::optional<WallTime> date() const noexcept;
  http::SelectedRepresentation representation() const noexcept { return {etag(), last_modified(), {}}; }

  /// What it was made from, to make one like it.
  StoredParts as_parts() const noexcept;

  /// Bytes of memory held by this object and its texts, without the body; with the allocator's allowance.
  std::uint64_t charge() const noexcept;

  /// The block is larger than the object: the sized form of the global operator would be told the wrong size.
  static void operator delete(void* memory) noexcept { ::operator delete(memory); }

 private:
  explicit StoredResponse(const StoredParts& parts) noexcept;
  void find_validators() noexcept;
  std::string_view text(std::size_t offset, std::size_t size) const noexcept {
    return {reinterpret_cast<const char*>(this + 1) + extra_bytes() + offset, size};
  }
  /// What stands before the texts of an incomplete response: a ByteRange whose `last` is the complete length,
  /// then the ranges that are held.
  const http::ByteRange* parts() const noexcept { return reinterpret_cast<const http::ByteRange*>(this + 1); }
  std::size_t parts_bytes() const noexcept { return parts_ * sizeof(http::ByteRange); }
  /// What stands between that and the texts of a tagged response: a Digest whose `low` is the number of tags,
  /// then the tags.
  const Digest* tag_block() const noexcept {
    return reinterpret_cast<const Digest*>(reinterpret_cast<const char*>(this + 1) + parts_bytes());
  }
  std::size_t extra_bytes() const noexcept {
    return parts_bytes() + (tagged_ ? (tag_block()->low + 1) * sizeof(Digest) : 0);
  }

  // In an order without gaps: most of what is kept is small.
  std::uint16_t status_ : 10;
  std::uint16_t recoded_ : 1;
  std::uint16_t origin_coding_ : 2;  // an http::Coding; only where recoded_
  std::uint16_t tagged_ : 1;
  std::uint16_t vary_size_;  // vary_names() is at most kMaxVaryNames
  std::uint16_t etag_size_ = 0;
  std::uint8_t modified_size_ = 0;
  std::uint8_t parts_;  // 0: complete; otherwise one more than there are ranges in held()
  std::uint32_t key_size_;
  std::uint32_t variant_size_;
  std::uint32_t head_size_;
  std::uint32_t etag_offset_ = 0;
  std::uint32_t modified_offset_ = 0;
  Freshness freshness_;
  Position position_;
  BodyPtr body_;
};
using StoredResponsePtr = boost::intrusive_ptr<const StoredResponse>;

}  // namespace forebay::cache
