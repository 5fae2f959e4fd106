#include "forebay/cache/stored_response.hpp"

#include <cassert>
#include <cstring>
#include <limits>
#include <memory>
#include <new>

#include "forebay/cache/vary.hpp"
#include "forebay/http/date.hpp"
#include "forebay/http/message.hpp"

namespace forebay::cache {
namespace {

static_assert(sizeof(StoredResponse) <= 80, "kept once per stored response: weigh every new member");
static_assert(sizeof(StoredResponse) % alignof(http::ByteRange) == 0, "ranges stand right behind it");
static_assert(sizeof(http::ByteRange) % alignof(Digest) == 0, "tags stand right behind ranges");
static_assert(kMaxHeldRanges < std::numeric_limits<std::uint8_t>::max());
static_assert(http::kCodings <= 4, "kept in two bits");
static_assert(kMaxVaryNames <= std::numeric_limits<std::uint16_t>::max());

/// The size of a text as it is kept; whoever makes a StoredResponse keeps heads and keys far below the
/// limits.
template <class Size>
Size narrow(std::size_t size) noexcept {
  assert(size <= std::numeric_limits<Size>::max());
  return static_cast<Size>(size);
}

std::uint8_t count_parts(const StoredParts& parts) noexcept {
  return parts.complete_length ? narrow<std::uint8_t>(parts.held.size() + 1) : std::uint8_t{0};
}

char* append(char* out, std::string_view text, std::size_t size) noexcept {
  if (size != 0) std::memcpy(out, text.data(), size);
  return out + size;
}

}  // namespace

StoredResponsePtr StoredResponse::make(const StoredParts& parts) {
  const auto texts =
      parts.key.size() + parts.vary_names.size() + parts.variant_key.size() + parts.head.size();
  const auto ranges = count_parts(parts) * sizeof(http::ByteRange);
  const auto tags = parts.tags.empty() ? 0 : (parts.tags.size() + 1) * sizeof(Digest);
  void* memory = ::operator new(sizeof(StoredResponse) + ranges + tags + texts);
  return StoredResponsePtr(::new (memory) StoredResponse(parts));
}

StoredResponse::StoredResponse(const StoredParts& parts) noexcept
    : status_(static_cast<unsigned>(parts.status) & 0x3ffU),
      recoded_(parts.recoded_from.has_value() ? 1U : 0U),
      origin_coding_(static_cast<unsigned>(parts.recoded_from.value_or(http::Coding::identity)) & 3U),
      tagged_(parts.tags.empty() ? 0U : 1U),
      vary_size_(narrow<std::uint16_t>(parts.vary_names.size())),
      parts_(count_parts(parts)),
      key_size_(narrow<std::uint32_t>(parts.key.size())),
      variant_size_(narrow<std::uint32_t>(parts.variant_key.size())),
      head_size_(narrow<std::uint32_t>(parts.head.size())),
      freshness_(parts.freshness),
      position_(parts.position),
      body_(parts.body) {
  if (parts_ != 0) {
    auto* const first = reinterpret_cast<http::ByteRange*>(this + 1);
    std::construct_at(first, http::ByteRange{0, *parts.complete_length});
    std::uninitialized_copy(parts.held.begin(), parts.held.end(), first + 1);
  }
  if (tagged_) {
    auto* const first = const_cast<Digest*>(tag_block());
    std::construct_at(first, Digest{0, parts.tags.size()});
    std::uninitialized_copy(parts.tags.begin(), parts.tags.end(), first + 1);
  }
  auto* out = reinterpret_cast<char*>(this + 1) + extra_bytes();
  out = append(out, parts.key, key_size_);
  out = append(out, parts.vary_names, vary_size_);
  out = append(out, parts.variant_key, variant_size_);
  append(out, parts.head, head_size_);
  find_validators();
}

/// Remembers where the first ETag and Last-Modified stand; a value too long to be remembered counts as none.
void StoredResponse::find_validators() noexcept {
  constexpr std::size_t longest_tag = std::numeric_limits<decltype(etag_size_)>::max();
  constexpr std::size_t longest_date = std::numeric_limits<decltype(modified_size_)>::max();
  const auto all = head();
  http::for_each_line(all, [&](std::string_view name, std::string_view value) {
    const auto id = http::field_id(name);
    if (id == http::FieldId::etag && etag_size_ == 0 && value.size() <= longest_tag) {
      etag_offset_ = static_cast<std::uint32_t>(value.data() - all.data());
      etag_size_ = static_cast<std::uint16_t>(value.size());
    } else if (id == http::FieldId::last_modified && modified_size_ == 0 && value.size() <= longest_date) {
      modified_offset_ = static_cast<std::uint32_t>(value.data() - all.data());
      modified_size_ = static_cast<std::uint8_t>(value.size());
    }
  });
}

std::optional<WallTime> StoredResponse::last_modified() const noexcept {
  if (modified_size_ == 0) return std::nullopt;
  return http::parse_date(last_modified_text(), freshness_.response_time);
}

std::optional<WallTime> StoredResponse::date() const noexcept {
  std::optional<WallTime> found;
  http::for_each_line(head(), [&](std::string_view name, std::string_view value) {
    if (!found && http::field_id(name) == http::FieldId::date)
      found = http::parse_date(value, freshness_.response_time);
  });
  return found;
}

std::span<const http::ByteRange> StoredResponse::held() const noexcept {
  if (parts_ == 0) return {};
  return {parts() + 1, static_cast<std::size_t>(parts_ - 1)};
}

std::span<const Digest> StoredResponse::tags() const noexcept {
  if (!tagged_) return {};
  return {tag_block() + 1, static_cast<std::size_t>(tag_block()->low)};
}

std::uint64_t StoredResponse::complete_length() const noexcept {
  return parts_ == 0 ? body_size() : parts()->last;
}

StoredParts StoredResponse::as_parts() const noexcept {
  StoredParts parts{key(), vary_names(), variant_key(), status_, head(), freshness_, position_, body_};
  if (is_incomplete()) {
    parts.complete_length = complete_length();
    parts.held = held();
  }
  parts.tags = tags();
  parts.recoded_from = recoded_from();
  return parts;
}

std::uint64_t StoredResponse::charge() const noexcept {
  return sizeof(StoredResponse) + extra_bytes() + std::uint64_t{key_size_} + vary_size_ + variant_size_ +
         head_size_ + kAllocatorOverhead;
}

}  // namespace forebay::cache
