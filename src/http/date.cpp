#include "forebay/http/date.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "forebay/base/strings.hpp"

namespace forebay::http {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;
using std::chrono::years;

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> kLongDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr int kFirstYear = 1601;

struct Parts {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  seconds time_of_day{0};

  year_month_day date() const noexcept {
    return {std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  }
};

/// Reads a date from the front; after the first mismatch every step fails.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : rest_(text) {}

  bool done() const noexcept { return ok_ && rest_.empty(); }
  bool ok() const noexcept { return ok_; }
  bool starts_with(char c) const noexcept { return rest_.starts_with(c); }

  Reader& literal(std::string_view expected) noexcept {
    // RFC 9110 §5.6.7 says exact case; RFC 9111 §4.2 that a cache SHOULD match in any.
    ok_ = ok_ && iequals(rest_.substr(0, expected.size()), expected);
    if (ok_) rest_.remove_prefix(expected.size());
    return *this;
  }

  template <std::size_t N>
  Reader& one_of(const std::array<std::string_view, N>& names, unsigned& index) noexcept {
    for (index = 0; index < N; ++index) {
      const auto name = names[index];
      if (!iequals(rest_.substr(0, name.size()), name)) continue;
      rest_.remove_prefix(name.size());
      return *this;
    }
    ok_ = false;
    return *this;
  }

  template <class Integer>
  Reader& digits(std::size_t count, Integer& value) noexcept {
    ok_ = ok_ && rest_.size() >= count;
    value = 0;
    for (std::size_t i = 0; ok_ && i < count; ++i) {
      ok_ = is_digit(rest_[i]);
      value = static_cast<Integer>(value * 10 + static_cast<Integer>(rest_[i] - '0'));
    }
    if (ok_) rest_.remove_prefix(count);
    return *this;
  }

  Reader& time_of_day(seconds& value) noexcept {
    int h = 0;
    int m = 0;
    int s = 0;
    digits(2, h).literal(":").digits(2, m).literal(":").digits(2, s);
    if (h == 23 && m == 59 && s == 60) s = 59;  // a leap second
    ok_ = ok_ && h < 24 && m < 60 && s < 60;
    value = hours{h} + minutes{m} + seconds{s};
    return *this;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<WallTime> time_of(const Parts& parts) noexcept {
  if (parts.year < kFirstYear || !parts.date().ok()) return std::nullopt;
  return sys_days{parts.date()} + parts.time_of_day;
}

/// After "Sun": `, 06 Nov 1994 08:49:37 GMT`.
std::optional<WallTime> parse_fixdate(Reader reader) noexcept {
  Parts parts;
  reader.literal(", ").digits(2, parts.day).literal(" ").one_of(kMonths, parts.month).literal(" ");
  reader.digits(4, parts.year).literal(" ").time_of_day(parts.time_of_day).literal(" GMT");
  parts.month += 1;
  return reader.done() ? time_of(parts) : std::nullopt;
}

/// After "Sun": ` Nov  6 08:49:37 1994`. A day of one digit stands behind a second space.
std::optional<WallTime> parse_asctime(Reader reader) noexcept {
  Parts parts;
  reader.literal(" ").one_of(kMonths, parts.month).literal(" ");
  if (reader.starts_with(' ')) {
    reader.literal(" ").digits(1, parts.day);
  } else {
    reader.digits(2, parts.day);
  }
  reader.literal(" ").time_of_day(parts.time_of_day).literal(" ").digits(4, parts.year);
  parts.month += 1;
  return reader.done() ? time_of(parts) : std::nullopt;
}

/// The latest year ending in these two digits that is not more than 50 years ahead (RFC 9110 §5.6.7).
int full_year(Parts parts, WallTime now) noexcept {
  const auto today = std::chrono::floor<days>(now);
  const year_month_day date{today};
  const auto limit =
      sys_days{date + years{50}} + (now - today);  // the 29th of February may become the 1st of March
  const int century = static_cast<int>(date.year()) / 100 * 100;
  parts.year += century + 100;
  while (sys_days{parts.date()} + parts.time_of_day > limit) parts.year -= 100;
  return parts.year;
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`, whole.
std::optional<WallTime> parse_rfc850(Reader reader, WallTime now) noexcept {
  Parts parts;
  unsigned day_name = 0;
  reader.one_of(kLongDays, day_name)
      .literal(", ")
      .digits(2, parts.day)
      .literal("-")
      .one_of(kMonths, parts.month);
  reader.literal("-").digits(2, parts.year).literal(" ").time_of_day(parts.time_of_day).literal(" GMT");
  if (!reader.done()) return std::nullopt;
  parts.month += 1;
  if (parts.day == 0 || parts.day > 31) return std::nullopt;
  parts.year = full_year(parts, now);
  return time_of(parts);
}

char* put_pair(char* out, unsigned value) noexcept {
  *out++ = static_cast<char>('0' + value / 10 % 10);
  *out++ = static_cast<char>('0' + value % 10);
  return out;
}

char* put(char* out, std::string_view text) noexcept { return std::copy(text.begin(), text.end(), out); }

}  // namespace

std::optional<WallTime> parse_date(std::string_view text, WallTime now) noexcept {
  Reader reader(text);
  unsigned day_name = 0;
  reader.one_of(kDays, day_name);
  if (!reader.ok()) return std::nullopt;
  if (reader.starts_with(',')) return parse_fixdate(reader);
  if (reader.starts_with(' ')) return parse_asctime(reader);
  return parse_rfc850(Reader(text), now);
}

void write_date(char* out, WallTime time) noexcept {
  constexpr WallTime kFirst = sys_days{year{0} / 1 / 1};
  constexpr WallTime kLast = sys_days{year{10000} / 1 / 1} - milliseconds{1};
  const auto shown = std::chrono::floor<seconds>(std::clamp(time, kFirst, kLast));
  const auto day = std::chrono::floor<days>(shown);
  const year_month_day date{day};
  const auto second = static_cast<unsigned>((shown - day).count());
  const auto whole_year = static_cast<unsigned>(static_cast<int>(date.year()));

  out = put(out, kDays[std::chrono::weekday{day}.c_encoding()]);
  out = put(out, ", ");
  out = put_pair(out, static_cast<unsigned>(date.day()));
  *out++ = ' ';
  out = put(out, kMonths[static_cast<unsigned>(date.month()) - 1]);
  *out++ = ' ';
  out = put_pair(put_pair(out, whole_year / 100), whole_year % 100);
  *out++ = ' ';
  out = put_pair(out, second / 3600);
  *out++ = ':';
  out = put_pair(out, second / 60 % 60);
  *out++ = ':';
  out = put_pair(out, second % 60);
  put(out, " GMT");
}

std::string format_date(WallTime time) {
  std::string text(kDateLength, '\0');
  write_date(text.data(), time);
  return text;
}

}  // namespace forebay::http
