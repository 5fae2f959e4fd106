// Requests that mean the same are made to say the same, before the key is made and before they are forwarded.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "forebay/cache/key.hpp"
#include "forebay/cache/policy.hpp"
#include "forebay/http/message.hpp"

namespace forebay::cache {

/// Replaces what the policy has a choice for: Accept-Language, Accept-Encoding, and the query of the URI. The
/// request then has views into `policy` and `scratch`, which outlive it. Allocates nothing for a request with
/// room for two more fields, but to grow `scratch`.
void normalise(http::RequestHead& request, EffectiveUri& uri, const Policy& policy, QueryScratch& scratch);

/// The query alone; a query of which nothing is left is none. Also for the URIs that responses name.
void normalise_query(EffectiveUri& uri, const QueryPolicy& policy, QueryScratch& scratch);

/// The language that suits best (RFC 9110 §12.5.4, RFC 4647 §3.4): of those with the greatest weight the
/// first in `languages`, which is not empty; the first of all when none is asked for. A range fits a language
/// that equals it or that it is a prefix of ("de" fits "de-CH"), or that is a prefix of it ("de-CH" is served
/// with "de").
std::string_view best_language(const http::Fields& request, std::span<const std::string> languages) noexcept;

}  // namespace forebay::cache
