// A recursive descent that follows RFC 9651 §4.2 algorithm by algorithm. Each function takes what it names
// off the front of the text, or fails; the first failure ends the parse. Nothing nests deeper than List,
// Inner List, Item, Parameters, so neither does the stack.
#include "forebay/http/structured_field.hpp"

#include "forebay/base/strings.hpp"

namespace forebay::http::sf {
namespace {

constexpr CharSet kDigits{"0123456789"};
constexpr CharSet kKeyChars{"abcdefghijklmnopqrstuvwxyz0123456789_-.*"};             // §4.2.3.3
constexpr auto kTokenItemChars = CharSet{"!#$%&'*+-.^_`|~:/"}.with_alphanumerics();  // §4.2.6
constexpr auto kBase64Chars = CharSet{"+/"}.with_alphanumerics();                    // RFC 4648 §4
constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
/// SP and VCHAR: what may stand in a String or Display String.
constexpr bool is_printable(char c) noexcept { return c >= 0x20 && c <= 0x7e; }

/// The value of one lower-case hex digit, the only case allowed (§4.2.10); nothing for another character.
std::optional<unsigned> hex_value(char c) noexcept {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  return std::nullopt;
}

/// Digits are 1 to 15 here, which always fits.
std::int64_t integer(std::string_view digits) noexcept {
  return static_cast<std::int64_t>(parse_decimal(digits).value_or(0));
}

/// What may follow a lead byte of a UTF-8 sequence (RFC 3629 §4). The range of the first follower leaves out
/// overlong forms, surrogates and what is above U+10FFFF.
struct Followers {
  unsigned count = 0;
  unsigned char lowest = 0x80;
  unsigned char highest = 0xbf;
};

std::optional<Followers> followers(unsigned char lead) noexcept {
  if (lead < 0x80) return Followers{};
  if (lead >= 0xc2 && lead <= 0xdf) return Followers{1};
  if (lead == 0xe0) return Followers{2, 0xa0};
  if (lead == 0xed) return Followers{2, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return Followers{2};
  if (lead == 0xf0) return Followers{3, 0x90};
  if (lead >= 0xf1 && lead <= 0xf3) return Followers{3};
  if (lead == 0xf4) return Followers{3, 0x80, 0x8f};
  return std::nullopt;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto expected = followers(static_cast<unsigned char>(text.front()));
    if (!expected || text.size() <= expected->count) return false;
    for (unsigned at = 1; at <= expected->count; ++at) {
      const auto byte = static_cast<unsigned char>(text[at]);
      if (byte < (at == 1 ? expected->lowest : 0x80) || byte > (at == 1 ? expected->highest : 0xbf))
        return false;
    }
    text.remove_prefix(expected->count + 1);
  }
  return true;
}

/// Padding may be missing, wholly or in part, and pad bits may be set; but it does not exceed what the data
/// calls for, nor stand within it (§4.2.7).
bool is_base64(std::string_view text) noexcept {
  const auto end = text.find_last_not_of('=');
  const auto size = end == std::string_view::npos ? 0 : end + 1;
  if (size % 4 == 1 || text.size() - size > (4 - size % 4) % 4) return false;
  return kBase64Chars.contains_all(text.substr(0, size));
}

class Parser {
 public:
  explicit Parser(std::string_view text) noexcept : rest_(text) {}

  /// §4.2.2
  std::optional<Dictionary> dictionary() {
    Dictionary out;
    const bool ok = each_member([&] {
      const auto name = key();
      if (!name) return false;
      auto value = take('=') ? member() : flag();
      if (!value) return false;
      out.set(*name, std::move(*value));
      return out.size() <= kMaxMembers;
    });
    return ok ? std::optional(std::move(out)) : std::nullopt;
  }

  /// §4.2.1
  std::optional<List> list() {
    List out;
    const bool ok = each_member([&] {
      auto value = member();
      if (!value) return false;
      out.push_back(std::move(*value));
      return out.size() <= kMaxMembers;
    });
    return ok ? std::optional(std::move(out)) : std::nullopt;
  }

 private:
  bool next_is(char c) const noexcept { return !rest_.empty() && rest_.front() == c; }

  bool take(char c) noexcept {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view take_all_of(const CharSet& set) noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && set.contains(rest_[size])) ++size;
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  void skip_spaces() noexcept {
    while (take(' ')) {
    }
  }

  void skip_ows() noexcept {
    while (take(' ') || take('\t')) {
    }
  }

  /// The text to its end, as members that `take_one` takes, separated by commas. Spaces may stand around it
  /// all (§4.2); a tab before the first member may not.
  template <class TakeOne>
  bool each_member(TakeOne take_one) {
    skip_spaces();
    if (rest_.empty()) return true;
    while (take_one()) {  // which fails on an empty rest, so behind a trailing comma
      skip_ows();
      if (rest_.empty()) return true;
      if (!take(',')) return false;
      skip_ows();
    }
    return false;
  }

  /// §4.2.3.3
  std::optional<std::string_view> key() noexcept {
    if (rest_.empty() || (!is_lower(rest_.front()) && rest_.front() != '*')) return std::nullopt;
    return take_all_of(kKeyChars);
  }

  /// A Dictionary member without a value is true (§4.2.2).
  std::optional<Member> flag() {
    auto given = parameters();
    if (!given) return std::nullopt;
    return Item{true, std::move(*given)};
  }

  /// §4.2.1.1
  std::optional<Member> member() {
    if (next_is('(')) return inner_list();
    return item();
  }

  /// §4.2.1.2
  std::optional<InnerList> inner_list() {
    InnerList out;
    take('(');
    for (;;) {
      skip_spaces();
      if (take(')')) break;
      auto each = item();
      if (!each || out.items.size() == kMaxInnerItems) return std::nullopt;
      out.items.push_back(std::move(*each));
      if (!next_is(' ') && !next_is(')')) return std::nullopt;
    }
    auto given = parameters();
    if (!given) return std::nullopt;
    out.parameters = std::move(*given);
    return out;
  }

  /// §4.2.3
  std::optional<Item> item() {
    auto value = bare_item();
    if (!value) return std::nullopt;
    auto given = parameters();
    if (!given) return std::nullopt;
    return Item{std::move(*value), std::move(*given)};
  }

  /// §4.2.3.2
  std::optional<Parameters> parameters() {
    Parameters out;
    while (take(';')) {
      skip_spaces();
      const auto name = key();
      if (!name) return std::nullopt;
      auto value = take('=') ? bare_item() : BareItem{true};
      if (!value) return std::nullopt;
      out.set(*name, std::move(*value));
      if (out.size() > kMaxParameters) return std::nullopt;
    }
    return out;
  }

  /// §4.2.3.1
  std::optional<BareItem> bare_item() {
    if (rest_.empty()) return std::nullopt;
    const char first = rest_.front();
    if (first == '-' || is_digit(first)) return number();
    if (first == '*' || is_alpha(first)) return Token{take_all_of(kTokenItemChars)};  // §4.2.6
    if (take('"')) return string();
    if (take(':')) return byte_sequence();
    if (take('?')) return boolean();
    if (take('@')) return date();
    if (take('%')) return display_string();
    return std::nullopt;
  }

  /// An Integer or Decimal (§4.2.4).
  std::optional<BareItem> number() noexcept {
    const std::int64_t sign = take('-') ? -1 : 1;
    const auto whole = take_all_of(kDigits);
    if (whole.empty() || whole.size() > 15) return std::nullopt;
    if (!take('.')) return sign * integer(whole);
    const auto fraction = take_all_of(kDigits);
    if (whole.size() > 12 || fraction.empty() || fraction.size() > 3) return std::nullopt;
    constexpr std::int64_t kWorth[] = {100, 10, 1};  // of the last of one, two, three digits, in thousandths
    return Decimal{sign * (integer(whole) * 1000 + integer(fraction) * kWorth[fraction.size() - 1])};
  }

  /// §4.2.5, behind the opening quote
  std::optional<BareItem> string() {
    std::string out;
    while (!rest_.empty() && !next_is('"')) {
      if (take('\\') && !next_is('"') && !next_is('\\')) return std::nullopt;
      if (!is_printable(rest_.front())) return std::nullopt;
      out.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    if (!take('"')) return std::nullopt;
    return out;
  }

  /// §4.2.7, behind the opening colon
  std::optional<BareItem> byte_sequence() noexcept {
    const auto size = rest_.find(':');
    if (size == std::string_view::npos || !is_base64(rest_.substr(0, size))) return std::nullopt;
    const ByteSequence out{rest_.substr(0, size)};
    rest_.remove_prefix(size + 1);
    return out;
  }

  /// §4.2.8, behind the question mark
  std::optional<BareItem> boolean() noexcept {
    if (take('1')) return true;
    if (take('0')) return false;
    return std::nullopt;
  }

  /// §4.2.9, behind the at sign
  std::optional<BareItem> date() noexcept {
    const auto value = number();
    const auto* count = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    if (!count) return std::nullopt;
    return std::chrono::sys_seconds{std::chrono::seconds{*count}};
  }

  /// §4.2.10, behind the percent sign
  std::optional<BareItem> display_string() {
    if (!take('"')) return std::nullopt;
    DisplayString out;
    while (!rest_.empty() && !next_is('"')) {
      const auto byte = take('%') ? percent_encoded() : plain();
      if (!byte) return std::nullopt;
      out.utf8.push_back(*byte);
    }
    if (!take('"') || !is_utf8(out.utf8)) return std::nullopt;
    return out;
  }

  std::optional<char> percent_encoded() noexcept {
    if (rest_.size() < 2) return std::nullopt;
    const auto high = hex_value(rest_[0]);
    const auto low = hex_value(rest_[1]);
    if (!high || !low) return std::nullopt;
    rest_.remove_prefix(2);
    return static_cast<char>(*high * 16 + *low);
  }

  std::optional<char> plain() noexcept {
    const char c = rest_.front();
    if (!is_printable(c)) return std::nullopt;
    rest_.remove_prefix(1);
    return c;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<Dictionary> parse_dictionary(std::string_view value) { return Parser(value).dictionary(); }

std::optional<List> parse_list(std::string_view value) { return Parser(value).list(); }

}  // namespace forebay::http::sf
