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
#include "forebay/cache/body.hpp"
#include "forebay/http/conditional.hpp"
#include "forebay/http/content_coding.hpp"
#include "forebay/http/range.hpp"

namespace forebay::cache {

/// Position in the invalidation log; grows only.
using Position = std::uint64_t;

/// Seconds in the width they are kept in; converts to and from std::chrono::seconds. Never above kMaxDelta.
using StoredSeconds = std::chrono::duration<std::int32_t>;

/// Times and permissions of one stored response: what `decide` needs, computed once when it is stored.
struct Freshness {
  WallTime response_time;                   // when the head was received or last validated (§4.2.3)
  StoredSeconds initial_age{0};             // corrected_initial_age (§4.2.3)
  StoredSeconds lifetime{0};                // freshness lifetime (§4.2.1)
  StoredSeconds stale_while_revalidate{0};  // may be served so long after it became stale, while it is
                                            // validated in the background (RFC 5861 §3)
  StoredSeconds stale_if_error{0};          // the same when the origin fails (RFC 5861 §4)
  std::chrono::duration<std::int32_t, std::milli> fetch_time{0};  // what it took to get
  bool heuristic : 1 = false;                                     // the lifetime was guessed (§4.2.2)
  bool always_validate : 1 = false;                               // no-cache
  bool never_stale : 1 = false;  // must-revalidate, proxy-revalidate, s-maxage: §4.2.4
  /// The origin's Cache-Control is not in the head, but the policy's: a 304 without one changes no rule.
  bool control_replaced : 1 = false;
  /// The same where the route edits fields that rule caching.
  bool control_edited : 1 = false;
  /// The ETag is ours, made from the body once that is there: the upstream is not asked with it.
  bool made_etag : 1 = false;

  friend bool operator==(const Freshness&, const Freshness&) = default;
};

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
  /// The length of the whole representation.
  std::uint64_t complete_length() const noexcept;

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
    return {reinterpret_cast<const char*>(this + 1) + parts_bytes() + offset, size};
  }
  /// What stands before the texts of an incomplete response: a ByteRange whose `last` is the complete length,
  /// then the ranges that are held.
  const http::ByteRange* parts() const noexcept { return reinterpret_cast<const http::ByteRange*>(this + 1); }
  std::size_t parts_bytes() const noexcept { return parts_ * sizeof(http::ByteRange); }

  // In an order without gaps: most of what is kept is small.
  std::uint16_t status_ : 10;
  std::uint16_t recoded_ : 1;
  std::uint16_t origin_coding_ : 2;  // an http::Coding; only where recoded_
  std::uint16_t vary_size_;          // vary_names() is at most kMaxVaryNames
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
