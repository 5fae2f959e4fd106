#include "forebay/cache/coding_plan.hpp"

#include <algorithm>
#include <array>

#include "forebay/base/strings.hpp"
#include "forebay/cache/name_pattern.hpp"
#include "forebay/http/field_list.hpp"

namespace forebay::cache {
namespace {

using http::Coding;
using http::FieldId;

/// RFC 9530 §2 and §3, and what came before them. Repr-Digest counts, too: it is taken over the coded
/// content.
constexpr std::array<std::string_view, 4> kDigests{"content-md5", "content-digest", "repr-digest", "digest"};

/// RFC 9111 §5.2.2.6: also in a Cache-Control that is not the one that counts for storing.
bool may_transform(const http::Fields& response) noexcept {
  return !http::has_element(response, FieldId::cache_control, "no-transform") &&
         !response.has(FieldId::content_range) &&
         std::none_of(response.begin(), response.end(), is_content_digest);
}

bool has_type(const http::Fields& response, const std::vector<std::string>& types) noexcept {
  const auto value = response.find(FieldId::content_type);
  if (!value || response.count(FieldId::content_type) > 1) return false;
  return find_fit(types, trim(value->substr(0, value->find(';'))), Case::ignored) != nullptr;
}

}  // namespace

bool is_content_digest(const http::Field& field) noexcept {
  return field.id == FieldId::other &&
         std::any_of(kDigests.begin(), kDigests.end(), [&](auto name) { return iequals(name, field.name); });
}

Coding wanted_coding(const http::Fields& request) noexcept {
  const auto value = request.find(FieldId::accept_encoding);
  return value ? http::parse_coding(*value).value_or(Coding::identity) : Coding::identity;
}

CodingPlan plan_coding(const http::Fields& request, const http::ResponseHead& response,
                       std::optional<std::uint64_t> length, const Policy& policy) noexcept {
  if (policy.encodings.empty() || response.status != 200 || length == 0) return {};
  const auto from = http::content_coding(response.fields);
  if (!from || !may_transform(response.fields)) return {};
  const auto wanted = wanted_coding(request);
  // The length of what is coded already says little about what it will be.
  const bool is_large = *from != Coding::identity || !length || *length >= policy.compress.min_size;
  const bool may_encode = is_large && has_type(response.fields, policy.compress.types);
  CodingPlan plan{*from, *from, may_encode || *from != Coding::identity};
  if (wanted != *from) plan.to = may_encode ? wanted : Coding::identity;
  return plan;
}

}  // namespace forebay::cache
