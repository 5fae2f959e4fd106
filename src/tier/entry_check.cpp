#include "entry_check.hpp"

#include <algorithm>
#include <optional>

#include "forebay/base/strings.hpp"
#include "forebay/cache/vary.hpp"
#include "forebay/http/field_id.hpp"
#include "forebay/http/hop_by_hop.hpp"
#include "forebay/http/status.hpp"

namespace forebay::tier {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr WallTime kYear10000{milliseconds{253'402'300'800'000}};

/// A field value or reason phrase (RFC 9110 §5.5): no control characters but HTAB.
bool is_text(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

/// Takes a line off the front, without its end; nothing when it has none.
std::optional<std::string_view> next_line(std::string_view& rest) noexcept {
  const auto end = rest.find(kLineEnd);
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + kLineEnd.size());
  return line;
}

/// "HTTP/1.1 200 OK", as http::append_status_line writes it.
bool is_status_line(std::string_view line, int status) noexcept {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  constexpr std::size_t kDigits = 3;
  if (!line.starts_with(kVersion)) return false;
  line.remove_prefix(kVersion.size());
  if (line.size() <= kDigits || line[kDigits] != ' ' || !is_text(line.substr(kDigits))) return false;
  return parse_decimal(line.substr(0, kDigits)) == static_cast<std::uint64_t>(status);
}

/// True if all are "Name: value", each ended by CRLF, and `accept(id, value)` says yes to each.
template <class Accept>
bool are_lines(std::string_view lines, Accept accept) noexcept {
  while (!lines.empty()) {
    const auto line = next_line(lines);
    const auto colon = line ? line->find(": ") : std::string_view::npos;
    if (colon == std::string_view::npos) return false;
    const auto value = line->substr(colon + 2);
    if (!is_token(line->substr(0, colon)) || !is_text(value)) return false;
    if (!accept(http::field_id(line->substr(0, colon)), value)) return false;
  }
  return true;
}

/// What is written per request, or would change where the message ends (RFC 9112 §6.3).
bool may_be_stored(http::FieldId id) noexcept { return id != http::FieldId::age && !http::is_hop_by_hop(id); }

}  // namespace

bool is_stored_head(std::string_view head, int status, std::uint64_t content_length) noexcept {
  if (status < 200 || status > 599) return false;
  const auto first = next_line(head);
  if (!first || !is_status_line(*first, status)) return false;
  int lengths = 0;
  const bool are_good = are_lines(head, [&](http::FieldId id, std::string_view value) {
    if (id == http::FieldId::content_length) ++lengths;
    return may_be_stored(id) &&
           (id != http::FieldId::content_length || parse_decimal(value) == content_length);
  });
  if (!are_good) return false;
  // RFC 9110 §8.6: never in a 204; everywhere else it is what ends the body.
  return http::has_no_content(status) ? lengths == 0 && content_length == 0 : lengths == 1;
}

bool are_trailers(std::string_view lines) noexcept {
  return are_lines(lines, [](http::FieldId id, std::string_view) {
    return !http::is_hop_by_hop(id) && id != http::FieldId::content_length;
  });
}

bool is_flight_head(std::string_view head, int status) noexcept {
  if (status < 200 || status > 599 || status == 206 || status == 304) return false;
  const auto first = next_line(head);
  return first && is_status_line(*first, status) && are_trailers(head);
}

bool is_possible_time(WallTime time) noexcept { return time >= WallTime{} && time < kYear10000; }

bool is_possible(const cache::Freshness& freshness) noexcept {
  constexpr cache::StoredSeconds kNone{0};
  return is_possible_time(freshness.response_time) && freshness.initial_age >= kNone &&
         freshness.lifetime >= kNone && freshness.stale_while_revalidate >= kNone &&
         freshness.stale_if_error >= kNone && freshness.fetch_time.count() >= 0;
}

bool has_its_ranges(const cache::StoredParts& parts, std::uint64_t body_length) noexcept {
  if (!parts.complete_length) return parts.held.empty();
  if (parts.held.size() > cache::kMaxHeldRanges) return false;
  std::uint64_t held = 0;
  std::uint64_t next = 0;  // the least that the next range may begin with
  for (const auto& range : parts.held) {
    if (range.first < next || range.last < range.first || range.last >= *parts.complete_length) return false;
    held += range.size();
    next = range.last + 1;
  }
  return held == body_length;
}

bool are_selecting_names(std::string_view names) noexcept {
  constexpr std::string_view kCookie = "cookie=";
  if (names.empty() || names.size() > cache::kMaxVaryNames || names.ends_with(',')) return false;
  while (!names.empty()) {
    auto name = names.substr(0, names.find(','));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    if (name.starts_with(kCookie)) name.remove_prefix(kCookie.size());
    if (!is_token(name)) return false;
  }
  return true;
}

}  // namespace forebay::tier
