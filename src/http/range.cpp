#include "forebay/http/range.hpp"

#include <algorithm>
#include <limits>

#include "forebay/http/field_list.hpp"

namespace forebay::http {
namespace {

constexpr std::string_view kUnit = "bytes";
constexpr auto kMaxPosition = std::numeric_limits<std::uint64_t>::max();

struct Halves {
  std::string_view before;
  std::string_view after;
};

std::optional<Halves> split(std::string_view text, char separator) noexcept {
  const auto at = text.find(separator);
  if (at == text.npos) return std::nullopt;
  return Halves{text.substr(0, at), text.substr(at + 1)};
}

/// What follows the unit and its separator; nothing for another unit. Units ignore case (RFC 9110 §14.1).
std::optional<std::string_view> after_unit(std::string_view value, char separator) noexcept {
  const auto halves = split(value, separator);
  if (!halves || !iequals(halves->before, kUnit)) return std::nullopt;
  return halves->after;
}

/// "recipients MUST anticipate potentially large decimal numerals" (RFC 9110 §14.1.2).
std::optional<std::uint64_t> parse_position(std::string_view digits) noexcept {
  return parse_decimal_capped(digits, kMaxPosition);
}

std::optional<RangeSpec> parse_spec(std::string_view text) noexcept {
  const auto halves = split(text, '-');
  if (!halves) return std::nullopt;
  const auto last = parse_position(halves->after);
  if (halves->before.empty()) {
    if (!last) return std::nullopt;
    return RangeSpec{RangeSpec::Form::suffix, 0, *last};
  }
  const auto first = parse_position(halves->before);
  if (!first) return std::nullopt;
  if (halves->after.empty()) return RangeSpec{RangeSpec::Form::interval, *first, kMaxPosition};
  if (!last || *last < *first) return std::nullopt;  // RFC 9110 §14.1.1
  return RangeSpec{RangeSpec::Form::interval, *first, *last};
}

std::optional<ByteRange> select(const RangeSpec& spec, std::uint64_t length) noexcept {
  // RFC 9110 §14.1.2 calls a suffix of an empty representation satisfiable, but no Content-Range can name an
  // empty range.
  if (length == 0) return std::nullopt;
  if (spec.form == RangeSpec::Form::suffix) {
    if (spec.last == 0) return std::nullopt;
    return ByteRange{length - std::min(spec.last, length), length - 1};
  }
  if (spec.first >= length) return std::nullopt;
  return ByteRange{spec.first, std::min(spec.last, length - 1)};
}

/// For `lower.first <= upper.first`: they overlap, or what lies between them is cheaper sent than left out.
bool belong_together(const ByteRange& lower, const ByteRange& upper) noexcept {
  return upper.first <= lower.last || upper.first - lower.last - 1 < kPartOverhead;
}

void coalesce(ResolvedRanges& resolved) noexcept {
  auto merged = resolved.ranges;
  const auto ranges = std::span(merged).first(resolved.count);
  std::sort(ranges.begin(), ranges.end(),
            [](const ByteRange& a, const ByteRange& b) { return a.first < b.first; });
  std::size_t count = 0;
  for (const auto& range : ranges) {
    if (count > 0 && belong_together(merged[count - 1], range)) {
      merged[count - 1].last = std::max(merged[count - 1].last, range.last);
    } else {
      merged[count++] = range;
    }
  }
  if (count == resolved.count) return;  // the parts keep the requested order (RFC 9110 §15.3.7.2)
  resolved.ranges = merged;
  resolved.count = count;
}

char* put(char* to, std::string_view text) noexcept { return std::copy(text.begin(), text.end(), to); }
char* put(char* to, std::uint64_t number) noexcept { return to + write_decimal(to, number); }

}  // namespace

std::optional<RangeRequest> parse_range(std::string_view value) noexcept {
  auto list = after_unit(value, '=');
  if (!list) return std::nullopt;
  RangeRequest request;
  while (const auto element = next_element(*list)) {
    const auto spec = parse_spec(*element);
    if (!spec || request.count == kMaxRanges) return std::nullopt;
    request.specs[request.count++] = *spec;
  }
  if (request.count == 0) return std::nullopt;  // 1#range-spec
  return request;
}

ResolvedRanges resolve(const RangeRequest& request, std::uint64_t length) noexcept {
  ResolvedRanges resolved;
  for (const auto& spec : request.view()) {
    if (const auto range = select(spec, length)) resolved.ranges[resolved.count++] = *range;
  }
  if (resolved.count == 0) return resolved;
  resolved.kind = ResolvedRanges::Kind::some;
  if (resolved.count > 1) coalesce(resolved);
  return resolved;
}

std::optional<ContentRange> parse_content_range(std::string_view value) noexcept {
  const auto range_resp = after_unit(value, ' ');
  if (!range_resp) return std::nullopt;
  const auto parts = split(*range_resp, '/');
  if (!parts) return std::nullopt;
  const auto positions = split(parts->before, '-');
  if (!positions) return std::nullopt;
  const auto first = parse_decimal(positions->before);
  const auto last = parse_decimal(positions->after);
  if (!first || !last || *last < *first || *last == kMaxPosition) return std::nullopt;
  if (parts->after == "*") return ContentRange{*first, *last, std::nullopt};
  const auto length = parse_decimal(parts->after);
  if (!length || *length <= *last) return std::nullopt;  // RFC 9110 §14.4
  return ContentRange{*first, *last, *length};
}

std::size_t write_content_range(char* to, ByteRange range, std::uint64_t complete_length) noexcept {
  auto* at = put(put(to, "bytes "), range.first);
  at = put(put(at, "-"), range.last);
  at = put(put(at, "/"), complete_length);
  return static_cast<std::size_t>(at - to);
}

std::size_t write_unsatisfied_range(char* to, std::uint64_t complete_length) noexcept {
  return static_cast<std::size_t>(put(put(to, "bytes */"), complete_length) - to);
}

}  // namespace forebay::http
