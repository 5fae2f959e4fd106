#include "forebay/cache/tags.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "forebay/base/strings.hpp"
#include "forebay/cache/search_rule.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/structured_field.hpp"

namespace forebay::cache {
namespace {

constexpr std::string_view kGroups = "Cache-Groups";
constexpr std::string_view kGroupInvalidation = "Cache-Group-Invalidation";

/// What stands between two tags. Surrogate-Key (Fastly) has spaces, xkey (Varnish) either; the others are
/// lists.
std::string_view separators(std::string_view field) noexcept {
  if (iequals(field, "Surrogate-Key")) return " \t";
  if (iequals(field, "xkey")) return ", \t";
  return ",";
}

template <class Visit>
void for_each_tag(const http::Fields& response, const std::string& field, Visit&& visit) {
  const auto between = separators(field);
  for (const auto& line : response) {
    if (!iequals(line.name, field)) continue;
    auto rest = line.value;
    while (!rest.empty()) {
      const auto end = rest.find_first_of(between);
      const auto tag = trim(rest.substr(0, end));
      if (!tag.empty()) visit(tag);
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
  }
}

/// The Strings of a List; members of other types are none, as a field that is no List has none (RFC 9875 §2).
template <class Visit>
void for_each_group(const http::Fields& fields, std::string_view name, Visit&& visit) {
  if (!fields.find(name)) return;
  const auto text = http::joined(fields, name);
  const auto list = http::sf::parse_list(text);
  if (!list) return;
  for (const auto& member : *list)
    if (const auto* group = http::sf::value_if<std::string>(member)) visit(*group);
}

/// "http://host:80" of a primary key.
std::string_view origin_of(std::string_view primary_key) noexcept {
  const auto authority = primary_key.find("://") + 3;
  return primary_key.substr(0, primary_key.find('/', authority));
}

void sort_once(std::vector<Digest>& tags) {
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
}

}  // namespace

Digest tag_digest(std::string_view tag) { return digest(std::array<std::string_view, 2>{"tag\n", tag}); }

Digest group_digest(std::string_view primary_key, std::string_view group) {
  return digest(std::array<std::string_view, 4>{"group\n", origin_of(primary_key), "\n", group});
}

std::optional<std::vector<Digest>> tags_of(std::string_view primary_key, const http::Fields& response,
                                           const Policy& policy) {
  std::vector<Digest> tags;
  for (const auto& field : policy.tag_fields)
    for_each_tag(response, field, [&](std::string_view tag) { tags.push_back(tag_digest(tag)); });
  for_each_group(response, kGroups,
                 [&](const std::string& group) { tags.push_back(group_digest(primary_key, group)); });
  sort_once(tags);
  if (tags.size() > kMaxTags) return std::nullopt;
  // Beyond the limit, for it is ours.
  if (is_under_rule(primary_key)) {
    tags.push_back(search_tag(primary_key));
    sort_once(tags);
  }
  return tags;
}

std::vector<Digest> tags_after(std::span<const Digest> stored, std::string_view primary_key,
                               const http::Fields& update, const Policy& policy) {
  auto named = tags_of(primary_key, update, policy).value_or(std::vector<Digest>());
  auto all = named;
  all.insert(all.end(), stored.begin(), stored.end());
  sort_once(all);
  return all.size() <= kMaxTags ? all : named;
}

std::vector<Digest> groups_to_invalidate(const http::RequestHead& request, std::string_view primary_key,
                                         const http::ResponseHead& response) {
  std::vector<Digest> groups;
  if (http::is_safe(request.method) || response.status < 200 || response.status >= 400) return groups;
  for_each_group(response.fields, kGroupInvalidation,
                 [&](const std::string& group) { groups.push_back(group_digest(primary_key, group)); });
  return groups;
}

std::optional<std::vector<Digest>> tags_to_purge(const http::Fields& request) {
  std::vector<Digest> tags;
  for (const auto* field : {"Surrogate-Key", "xkey", "Cache-Tag", "X-Cache-Tags"})
    for_each_tag(request, field, [&](std::string_view tag) { tags.push_back(tag_digest(tag)); });
  sort_once(tags);
  if (tags.size() > kMaxTags) return std::nullopt;
  return tags;
}

bool is_tag_field(std::string_view name, const Policy& policy) noexcept {
  if (policy.passes_tag_fields) return false;
  return std::any_of(policy.tag_fields.begin(), policy.tag_fields.end(),
                     [&](const std::string& field) { return iequals(name, field); });
}

}  // namespace forebay::cache
