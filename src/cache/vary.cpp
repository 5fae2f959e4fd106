#include "forebay/cache/vary.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "forebay/base/strings.hpp"
#include "forebay/http/cookie.hpp"
#include "forebay/http/field_list.hpp"

namespace forebay::cache {
namespace {

using http::FieldId;
using http::FieldSet;

/// Fields whose value is no list: a comma in them is text, so nothing may be normalised around it.
constexpr FieldSet kSingletons{FieldId::authorization,
                               FieldId::content_type,
                               FieldId::cookie,
                               FieldId::date,
                               FieldId::host,
                               FieldId::if_modified_since,
                               FieldId::if_unmodified_since,
                               FieldId::if_range,
                               FieldId::origin,
                               FieldId::proxy_authorization,
                               FieldId::range,
                               FieldId::referer,
                               FieldId::user_agent};

bool has_name(const http::Field& line, FieldId id, std::string_view name) noexcept {
  return line.id == id && (id != FieldId::other || iequals(line.name, name));
}

/// Appends the members of a list, each behind a ',' but for the first (RFC 9111 §4.1: whitespace does not
/// matter).
void append_members(std::string& out, std::size_t begin, std::string_view list) {
  while (const auto member = http::next_element(list)) {
    if (out.size() > begin) out += ',';
    out += *member;
  }
}

void prefix_length(std::string& out, std::size_t begin) {
  char prefix[kMaxDecimalDigits + 1];
  auto size = write_decimal(prefix, out.size() - begin);
  prefix[size++] = ':';
  out.insert(begin, prefix, size);
}

constexpr std::string_view kCookie = "cookie=";

void append_cookie(std::string& out, std::string_view name, const http::Fields& request) {
  const auto value = http::find_cookie(request, name);
  if (!value) {
    out += '-';
    return;
  }
  const auto begin = out.size();
  out += *value;
  prefix_length(out, begin);
}

void append_value(std::string& out, std::string_view name, const http::Fields& request) {
  if (name.starts_with(kCookie)) return append_cookie(out, name.substr(kCookie.size()), request);
  const auto id = http::field_id(name);
  const auto begin = out.size();
  bool found = false;
  if (request.has(id)) {
    for (const auto& line : request) {
      if (!has_name(line, id, name)) continue;
      if (!kSingletons.contains(id)) {
        append_members(out, begin, line.value);
      } else {
        if (found) out += ',';
        out += line.value;
      }
      found = true;
    }
  }
  if (found) {
    prefix_length(out, begin);
  } else {
    out += '-';
  }
}

bool has(const std::vector<std::string>& names, std::string_view name) noexcept {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<std::string> vary_names(const http::Fields& response) { return selecting_names(response, {}); }

std::optional<std::string> selecting_names(const http::Fields& response, const KeyPolicy& policy) {
  std::vector<std::string> names;
  bool can_match = true;
  http::for_each_element(response, FieldId::vary, [&](std::string_view member) {
    if (member == "*" || !is_token(member)) can_match = false;
    auto name = lower(member);
    if (!has(policy.edited, name)) names.push_back(std::move(name));
  });
  if (!can_match) return std::nullopt;
  for (const auto& header : policy.headers) names.push_back(lower(header));
  for (const auto& cookie : policy.cookies) names.push_back(std::string(kCookie) + cookie);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());

  std::string out;
  for (const auto& name : names) {
    if (!out.empty()) out += ',';
    out += name;
  }
  if (out.size() > kMaxVaryNames) return std::nullopt;
  return out;
}

void append_variant_key(std::string& out, std::string_view names, const http::Fields& request) {
  while (!names.empty()) {
    const auto comma = names.find(',');
    append_value(out, names.substr(0, comma), request);
    names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
  }
}

}  // namespace forebay::cache
