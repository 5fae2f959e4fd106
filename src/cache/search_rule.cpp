#include "forebay/cache/search_rule.hpp"

#include <algorithm>
#include <array>

#include "forebay/base/strings.hpp"
#include "forebay/cache/key.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/structured_field.hpp"

namespace forebay::cache {
namespace {

namespace sf = http::sf;
using std::string_view;

constexpr string_view kField = "No-Vary-Search";
constexpr string_view kRuleMark = "#search=";

/// What stands for itself in a rule and a key: printable, and neither a separator of queries, nor an escape,
/// nor what ends a key's query or a String.
constexpr auto kPlain = CharSet{"!$'()*,-./:;<>?@[]^_`{|}~"}.with_alphanumerics();

/// The UTF-8 decoder of the Encoding Standard: of what is malformed each longest beginning of a sequence
/// becomes U+FFFD. Two queries that differ only there are equivalent (§6.1).
class Utf8Decoder {
 public:
  explicit Utf8Decoder(std::string& out) : out_(out) {}

  void add(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (needed_ > 0 && (byte < lowest_ || byte > highest_)) replace();
    if (needed_ > 0) {
      --needed_;
      lowest_ = 0x80;
      highest_ = 0xbf;
    } else {
      begin(byte);
    }
    if (byte < 0x80 || is_valid_) out_ += c;
  }
  void end() {
    if (needed_ > 0) replace();
  }

 private:
  /// RFC 3629 §4: how much follows a lead byte; the range of the first follower leaves out overlong forms,
  /// surrogates and what is above U+10FFFF.
  void begin(unsigned char lead) {
    begin_ = out_.size();
    is_valid_ = lead < 0x80 || (lead >= 0xc2 && lead <= 0xf4);
    if (!is_valid_) return replace();
    needed_ = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    lowest_ = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    highest_ = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  }
  void replace() {
    out_.resize(begin_);
    out_ += "\xef\xbf\xbd";
    needed_ = 0;
  }

  std::string& out_;
  std::size_t begin_ = 0;  // of the sequence, in out_
  bool is_valid_ = true;   // its lead byte
  int needed_ = 0;
  unsigned char lowest_ = 0x80;
  unsigned char highest_ = 0xbf;
};

unsigned hex_value(char c) noexcept {
  return static_cast<unsigned>(is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10);
}

/// Parse a key (§5.3), which is what the application/x-www-form-urlencoded parser does with names and values.
void append_decoded(std::string& out, string_view text) {
  Utf8Decoder decoder(out);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool escapes =
        c == '%' && text.size() - at > 2 && is_hex_digit(text[at + 1]) && is_hex_digit(text[at + 2]);
    if (!escapes) {
      decoder.add(c == '+' ? ' ' : c);
      continue;
    }
    decoder.add(static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2])));
    at += 2;
  }
  decoder.end();
}

/// The other way round, in one way only.
void append_encoded(std::string& out, string_view text) {
  constexpr string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (kPlain.contains(c)) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 0xfU];
    }
  }
}

/// The Strings of an Inner List, decoded; nothing for anything else.
std::optional<std::vector<std::string>> names_in(const sf::Member& member) {
  const auto* const list = std::get_if<sf::InnerList>(&member);
  if (!list) return std::nullopt;
  std::vector<std::string> names;
  for (const auto& item : list->items) {
    const auto* const text = std::get_if<std::string>(&item.value);
    if (!text) return std::nullopt;
    append_decoded(names.emplace_back(), *text);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

string_view name_of(const SearchScratch::Parameter& parameter, const std::string& text) noexcept {
  return string_view(text).substr(parameter.begin, parameter.name_size);
}

}  // namespace

std::optional<SearchRule> SearchRule::parse(string_view value) {
  if (value.size() > kMaxBytes) return std::nullopt;
  const auto dictionary = sf::parse_dictionary(value);
  if (!dictionary) return std::nullopt;
  SearchRule rule;
  if (const auto* const order = dictionary->find("key-order")) {
    const auto* const flag = sf::value_if<bool>(*order);
    if (!flag) return std::nullopt;
    rule.ignores_order_ = *flag;
  }
  const auto* const params = dictionary->find("params");
  const auto* const except = dictionary->find("except");
  const auto* const all = params ? sf::value_if<bool>(*params) : nullptr;
  if (all && !*all) return std::nullopt;
  if (params && except && !all) return std::nullopt;
  rule.only_named_count_ = all || except;
  if (const auto* const list = except ? except : all ? nullptr : params) {
    auto names = names_in(*list);
    if (!names) return std::nullopt;
    rule.names_ = *std::move(names);
  }
  if (!rule.only_named_count_ && rule.names_.empty() && !rule.ignores_order_) return std::nullopt;
  rule.write_text();
  return rule;
}

std::optional<SearchRule> SearchRule::of(const http::Fields& response) {
  if (!response.find(kField)) return std::nullopt;
  const auto value = http::joined(response, kField);
  return parse(value);
}

bool SearchRule::counts(string_view name) const noexcept {
  return std::binary_search(names_.begin(), names_.end(), name) == only_named_count_;
}

void SearchRule::append_query(std::string& out, string_view query, SearchScratch& scratch) const {
  auto& text = scratch.text;
  auto& parameters = scratch.parameters;
  text.clear();
  parameters.clear();
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    query.remove_prefix(end == string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto begin = text.size();
    append_decoded(text, pair.substr(0, equals));
    const auto name_size = text.size() - begin;
    if (!counts(string_view(text).substr(begin))) {
      text.resize(begin);
      continue;
    }
    if (equals != string_view::npos) append_decoded(text, pair.substr(equals + 1));
    parameters.push_back({begin, name_size, text.size() - begin - name_size});
  }
  // Those of one name keep their order. Where they begin and end tells it (of two that begin at one place the
  // first is empty), so that no stable sort is needed, which would allocate.
  if (ignores_order_)
    std::sort(parameters.begin(), parameters.end(), [&](const auto& a, const auto& b) {
      const auto order = name_of(a, text).compare(name_of(b, text));
      if (order != 0) return order < 0;
      return a.begin != b.begin ? a.begin < b.begin : a.value_size < b.value_size;
    });
  for (const auto& parameter : parameters) {
    if (&parameter != &parameters.front()) out += '&';
    append_encoded(out, name_of(parameter, text));
    out += '=';
    append_encoded(out,
                   string_view(text).substr(parameter.begin + parameter.name_size, parameter.value_size));
  }
}

void SearchRule::write_text() {
  if (ignores_order_) text_ = "key-order";
  if (only_named_count_ || !names_.empty()) {
    text_.append(text_.empty() ? "" : ", ").append(only_named_count_ ? "except=(" : "params=(");
    for (const auto& name : names_) {
      text_.append(text_.back() == '(' ? "\"" : " \"");
      append_encoded(text_, name);
      text_ += '"';
    }
    text_ += ')';
  }
  digest_ = forebay::digest(text_);
}

void write_key_under(std::string& out, string_view plain, const SearchRule& rule, SearchScratch& scratch) {
  const auto path = path_in(plain);
  const auto partition = partition_in(plain);
  auto query = plain.substr(path.size(), plain.size() - path.size() - partition.size());
  if (!query.empty()) query.remove_prefix(1);
  out.assign(path).append("?");
  const auto begin = out.size();
  rule.append_query(out, query, scratch);
  if (out.size() == begin) out.pop_back();
  out.append(kRuleMark);
  const auto digits = out.size();
  out.resize(digits + kHexDigits);
  write_hex(out.data() + digits, rule.digest());
  out.append(partition);
}

string_view rule_in(string_view key) noexcept {
  const auto mark = key.find(kRuleMark);
  return mark == string_view::npos ? string_view() : key.substr(mark + kRuleMark.size(), kHexDigits);
}

string_view path_in(string_view key) noexcept { return key.substr(0, key.find_first_of("?#")); }

Digest search_tag(string_view key) {
  return forebay::digest(std::array<string_view, 3>{"search\n", path_in(key), partition_in(key)});
}

bool names_another_rule(const http::Fields& response, string_view key) {
  if (!response.find(kField) || !key_without_content(key).empty()) return false;
  const auto rule = SearchRule::of(response);
  const auto named = rule ? to_hex(rule->digest()) : std::string();
  return named != rule_in(key);
}

}  // namespace forebay::cache
