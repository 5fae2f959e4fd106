#include "forebay/cache/normalise.hpp"

#include <algorithm>

#include "forebay/base/strings.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/quality.hpp"

namespace forebay::cache {
namespace {

using http::FieldId;

/// True if `prefix` is `tag` or its first subtags.
bool begins_with_subtags(std::string_view tag, std::string_view prefix) noexcept {
  if (tag.size() < prefix.size() || !iequals(tag.substr(0, prefix.size()), prefix)) return false;
  return tag.size() == prefix.size() || tag[prefix.size()] == '-';
}

/// How well a range fits a language: 0 not at all, more the more it says.
std::size_t fit(std::string_view range, std::string_view language) noexcept {
  if (range == "*") return 1;
  const bool fits = begins_with_subtags(language, range) || begins_with_subtags(range, language);
  return fits ? 1 + range.size() : 0;
}

/// The weight that the range which says most about a language gives it; 0 when none does.
int weight_of(std::string_view language, const http::Fields& request) noexcept {
  std::size_t best = 0;
  int weight = 0;
  http::for_each_element(request, FieldId::accept_language, [&](std::string_view member) {
    const auto range = http::parse_weighted(member);
    const auto fits = range ? fit(range->value, language) : 0;
    if (fits <= best) return;
    best = fits;
    weight = range->weight;
  });
  return weight;
}

}  // namespace

void normalise_query(EffectiveUri& uri, const QueryPolicy& policy, QueryScratch& scratch) {
  if (!uri.has_query || policy.changes_nothing()) return;
  uri.query = normalise_query(scratch, uri.query, policy);
  uri.has_query = !uri.query.empty();
}

std::string_view best_language(const http::Fields& request, std::span<const std::string> languages) noexcept {
  std::string_view best = languages.front();
  int most = 0;
  for (const auto& language : languages) {
    const auto weight = weight_of(language, request);
    if (weight <= most) continue;
    most = weight;
    best = language;
  }
  return best;
}

void normalise(http::RequestHead& request, EffectiveUri& uri, const Policy& policy, QueryScratch& scratch) {
  normalise_query(uri, policy.key.query, scratch);
  if (!policy.languages.empty())
    request.fields.set(FieldId::accept_language, "Accept-Language",
                       best_language(request.fields, policy.languages));
  // "identity" rather than nothing: without the field an upstream may send any coding (RFC 9110 §12.5.3).
  if (!policy.encodings.empty())
    request.fields.set(FieldId::accept_encoding, "Accept-Encoding",
                       http::token(http::best_coding(request.fields, policy.encodings)));
}

}  // namespace forebay::cache
