#include "forebay/cache/query.hpp"

#include <algorithm>
#include <array>

#include "forebay/cache/name_pattern.hpp"

namespace forebay::cache {
namespace {

/// What advertising, analytics and mailing services add to links; no origin's answer depends on it.
constexpr std::array<std::string_view, 28> kTracking{
    "utm_*",     "gclid",   "gclsrc",  "dclid",  "gbraid", "wbraid",  "gad_source",
    "fbclid",    "msclkid", "twclid",  "ttclid", "yclid",  "ysclid",  "igshid",
    "li_fat_id", "epik",    "srsltid", "mc_cid", "mc_eid", "mkt_tok", "_hsenc",
    "_hsmi",     "__hssc",  "__hstc",  "_ga",    "_gl",    "vero_id", "oly_enc_id"};

std::string_view name_of(std::string_view parameter) noexcept {
  return parameter.substr(0, parameter.find('='));
}

bool counts(std::string_view name, const QueryPolicy& policy) noexcept {
  if (policy.allow && !fits_any(*policy.allow, name)) return false;
  if (fits_any(policy.deny, name)) return false;
  return !policy.drop_tracking ||
         std::none_of(kTracking.begin(), kTracking.end(), [&](auto pattern) { return fits(pattern, name); });
}

}  // namespace

std::string_view normalise_query(QueryScratch& scratch, std::string_view query, const QueryPolicy& policy) {
  auto& parameters = scratch.parameters;
  parameters.clear();
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto parameter = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (!parameter.empty() && counts(name_of(parameter), policy)) parameters.push_back(parameter);
  }
  // All are parts of one text: where they begin tells their order, so that no stable sort is needed, which
  // would allocate.
  if (policy.sort) {
    std::sort(parameters.begin(), parameters.end(), [](std::string_view a, std::string_view b) {
      const auto order = name_of(a).compare(name_of(b));
      return order != 0 ? order < 0 : a.data() < b.data();
    });
  }
  scratch.text.clear();
  for (const auto parameter : parameters) {
    if (!scratch.text.empty()) scratch.text += '&';
    scratch.text += parameter;
  }
  return scratch.text;
}

}  // namespace forebay::cache
