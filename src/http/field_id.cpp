// Names are found through a perfect hash: a multiplier without collisions is searched at compile time, so a
// lookup is one multiplication, one table entry and one comparison.
#include "forebay/http/field_id.hpp"

#include <array>
#include <cstddef>

#include "forebay/base/strings.hpp"

namespace forebay::http {
namespace {

constexpr std::array<std::string_view, kFieldIds> kNames{
    "",
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Accept-Ranges",
    "Age",
    "Allow",
    "Authorization",
    "Cache-Control",
    "Cache-Status",
    "Connection",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Location",
    "Content-Range",
    "Content-Type",
    "Cookie",
    "Date",
    "ETag",
    "Expect",
    "Expires",
    "Forwarded",
    "Host",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Keep-Alive",
    "Last-Modified",
    "Location",
    "Max-Forwards",
    "Origin",
    "Pragma",
    "Proxy-Authenticate",
    "Proxy-Authentication-Info",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Proxy-Status",
    "Range",
    "Referer",
    "Retry-After",
    "Server",
    "Set-Cookie",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "User-Agent",
    "Vary",
    "Via",
    "Warning",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
};

constexpr std::size_t kMinName = 2;
constexpr unsigned kSlotBits = 9;

/// A few characters tell the names apart; their case does not matter.
constexpr std::uint32_t fingerprint(std::string_view name) noexcept {
  const auto at = [name](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(name[i]) | 0x20U;
  };
  const auto last = name.size() - 1;
  return at(0) ^ (at(last) << 8) ^ (at(last / 2) << 16) ^ (at(last - 1) << 24) ^
         (static_cast<std::uint32_t>(name.size()) * 0x9e3779b1U);
}

constexpr std::size_t slot(std::string_view name, std::uint32_t multiplier) noexcept {
  return (fingerprint(name) * multiplier) >> (32 - kSlotBits);
}

struct Index {
  std::uint32_t multiplier = 0;
  std::array<FieldId, std::size_t{1} << kSlotBits> ids{};
};

constexpr bool fill(Index& index) {
  index.ids.fill(FieldId::other);
  for (unsigned i = 1; i < kFieldIds; ++i) {
    auto& id = index.ids[slot(kNames[i], index.multiplier)];
    if (id != FieldId::other) return false;
    id = static_cast<FieldId>(i);
  }
  return true;
}

constexpr Index make_index() {
  Index index;
  for (index.multiplier = 0x85ebca6bU; !fill(index); index.multiplier += 0x3c6ef372U) {
  }
  return index;
}

constexpr Index kIndex = make_index();

}  // namespace

std::string_view name(FieldId id) noexcept { return kNames[static_cast<std::size_t>(id)]; }

FieldId field_id(std::string_view name) noexcept {
  if (name.size() < kMinName) return FieldId::other;
  const auto id = kIndex.ids[slot(name, kIndex.multiplier)];
  return iequals(kNames[static_cast<std::size_t>(id)], name) ? id : FieldId::other;
}

}  // namespace forebay::http
