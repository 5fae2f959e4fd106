#include "forebay/proxy/event_rules.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "forebay/base/strings.hpp"
#include "forebay/proxy/route_table.hpp"

namespace forebay::proxy {
namespace {

using std::string_view;
namespace json = boost::json;

constexpr auto kNameChars = CharSet{"_-"}.with_alphanumerics();
constexpr auto kHostChars = CharSet{"-_."}.with_alphanumerics();
/// pchar (RFC 3986 §3.3) and '/', without '*'.
constexpr auto kPathChars = CharSet{"-._~!$&'()+,;=:@/"}.with_alphanumerics();

Error invalid(std::string detail) { return fail(ErrorKind::invalid_value, std::move(detail)); }

/// Names joined by dots, none of them empty.
bool is_name(string_view name) noexcept {
  if (name.empty() || name.front() == '.' || name.back() == '.') return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return c == '.' || kNameChars.contains(c); }) &&
         name.find("..") == name.npos;
}

const json::value* find_value(const json::object& event, string_view name) {
  const auto* members = &event;
  for (;;) {
    const auto dot = name.find('.');
    const auto* const value = members->if_contains(name.substr(0, dot));
    if (!value || dot == name.npos) return value;
    members = value->if_object();
    if (!members) return nullptr;
    name.remove_prefix(dot + 1);
  }
}

/// Nothing for what is neither a text nor a whole number.
std::optional<std::string> text_of(const json::value& value) {
  if (const auto* text = value.if_string()) return std::string(text->data(), text->size());
  if (const auto* number = value.if_int64()) return std::to_string(*number);
  if (const auto* number = value.if_uint64()) return std::to_string(*number);
  return std::nullopt;
}

void append_encoded(std::string& out, string_view text) {
  constexpr string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (kPathChars.contains(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 0xfU];
  }
}

/// Appends a value so that it stands for itself; what is wrong with it, if anything.
string_view append_value(std::string& out, string_view value, TextTemplate::Use use) {
  if (value.empty()) return "is empty";
  if (value.size() > TextTemplate::kMaxValue) return "is too long";
  switch (use) {
    case TextTemplate::Use::plain: out += value; break;
    case TextTemplate::Use::path:
      if (value.find('*') != value.npos) return "holds a \"*\", which would be a wildcard";
      append_encoded(out, value);
      break;
    case TextTemplate::Use::host:
      if (!kHostChars.contains_all(value)) return "is no part of a host name";
      out += value;
      break;
  }
  return {};
}

/// A member of the settings, what is made of it, and what kind of purge.
struct List {
  string_view member;
  cache::PurgeKind kind;
  TextTemplate::Use use;
  const std::vector<std::string>& from;
  std::vector<TextTemplate>& to;
};

Result<void> check_sample(const TextTemplate& made, cache::PurgeKind kind) {
  PurgeOrder order;
  if (kind != cache::PurgeKind::url) {
    const auto purge = cache::Purge::parse(kind, made.sample());
    if (!purge) return purge.error();
    return {};
  }
  order.urls = {made.sample()};
  const auto entries = entries_for(order, RouteTable({}), {});
  if (!entries) return entries.error();
  return {};
}

Result<void> compile_list(const List& list) {
  for (std::size_t i = 0; i < list.from.size(); ++i) {
    const auto where = std::string(list.member) + "[" + std::to_string(i) + "]: ";
    auto made = TextTemplate::compile(list.from[i], list.use);
    if (!made) return invalid(where + made.error().detail);
    if (const auto fits = check_sample(*made, list.kind); !fits) return invalid(where + fits.error().detail);
    list.to.push_back(std::move(*made));
  }
  return {};
}

Result<void> fill_all(const std::vector<TextTemplate>& templates, const json::object& event,
                      std::vector<std::string>& texts) {
  for (const auto& made : templates) {
    auto text = made.fill(event);
    if (!text) return text.error();
    texts.push_back(std::move(*text));
  }
  return {};
}

}  // namespace

Result<TextTemplate> TextTemplate::compile(string_view text, Use use) {
  const auto whole = "\"" + std::string(text.substr(0, 200)) + "\" ";
  TextTemplate made;
  made.use_ = use;
  while (!text.empty()) {
    const auto brace = text.find_first_of("{}");
    if (brace > 0) made.pieces_.push_back({std::string(text.substr(0, brace)), false});
    if (brace == text.npos) break;
    const auto end = text.find('}', brace);
    if (text[brace] == '}' || end == text.npos) return invalid(whole + "has a brace without its other half");
    const auto name = text.substr(brace + 1, end - brace - 1);
    if (!is_name(name)) return invalid(whole + "has braces without a name such as {id} or {user.id} in them");
    made.pieces_.push_back({std::string(name), true});
    text.remove_prefix(end + 1);
  }
  return made;
}

Result<std::string> TextTemplate::fill(const json::object& event) const {
  std::string out;
  for (const auto& piece : pieces_) {
    if (!piece.is_value) {
      out += piece.text;
      continue;
    }
    const auto* const value = find_value(event, piece.text);
    if (!value) return invalid("the value \"" + piece.text + "\" is missing");
    const auto text = text_of(*value);
    if (!text) return invalid("the value \"" + piece.text + "\" is neither a text nor a whole number");
    const auto fault = append_value(out, *text, use_);
    if (!fault.empty()) return invalid("the value \"" + piece.text + "\" " + std::string(fault));
  }
  return out;
}

std::string TextTemplate::sample() const {
  std::string out;
  for (const auto& piece : pieces_) out += piece.is_value ? "a" : piece.text;
  return out;
}

Result<EventRules> EventRules::compile(std::span<const EventSettings> settings) {
  using cache::PurgeKind;
  using Use = TextTemplate::Use;
  EventRules rules;
  for (const auto& from : settings) {
    auto& rule = rules.rules_.emplace_back();
    rule.type = from.type;
    rule.mode = from.mode;
    const List lists[] = {
        {"urls", PurgeKind::url, Use::path, from.urls, rule.urls},
        {"tags", PurgeKind::tag, Use::plain, from.tags, rule.tags},
        {"prefixes", PurgeKind::prefix, Use::path, from.prefixes, rule.prefixes},
        {"patterns", PurgeKind::pattern, Use::path, from.patterns, rule.patterns},
        {"hosts", PurgeKind::host, Use::host, from.hosts, rule.hosts},
    };
    for (const auto& list : lists)
      if (const auto compiled = compile_list(list); !compiled)
        return invalid("events.types." + from.type + "." + compiled.error().detail);
  }
  return rules;
}

Result<std::optional<PurgeOrder>> EventRules::order_for(const json::value& event) const {
  const auto* const members = event.if_object();
  if (!members) return invalid("an event is an object such as {\"type\": \"user.updated\", \"id\": 7}");
  const auto* const type = members->if_contains("type");
  if (!type || !type->if_string()) return invalid("the text \"type\" is missing");
  const string_view name(type->get_string().data(), type->get_string().size());
  const auto rule =
      std::find_if(rules_.begin(), rules_.end(), [&](const Rule& each) { return each.type == name; });
  if (rule == rules_.end()) return std::optional<PurgeOrder>();
  PurgeOrder order;
  order.mode = rule->mode;
  const std::pair<const std::vector<TextTemplate>*, std::vector<std::string>*> lists[] = {
      {&rule->urls, &order.urls},         {&rule->tags, &order.tags},   {&rule->prefixes, &order.prefixes},
      {&rule->patterns, &order.patterns}, {&rule->hosts, &order.hosts},
  };
  for (const auto& [templates, texts] : lists)
    if (const auto filled = fill_all(*templates, *members, *texts); !filled) return filled.error();
  return std::optional(std::move(order));
}

}  // namespace forebay::proxy
