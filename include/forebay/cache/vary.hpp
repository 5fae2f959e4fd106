// Choosing among stored responses by the request fields that Vary names (RFC 9111 §4.1).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "forebay/cache/policy.hpp"
#include "forebay/http/headers.hpp"

namespace forebay::cache {

/// The longest text vary_names gives.
inline constexpr std::size_t kMaxVaryNames = 2048;

/// The field names of a response's Vary: lower-case, sorted, each once, separated by ','. "" when the
/// response does not vary. Nothing for "*", a malformed member or more than kMaxVaryNames: such a response
/// never matches (§4.1).
std::optional<std::string> vary_names(const http::Fields& response);
/// The same with what the policy tells responses apart by: field names as they are, cookies as "cookie=name",
/// which no Vary can say. Without the fields that the route edits.
std::optional<std::string> selecting_names(const http::Fields& response, const KeyPolicy& policy);

/// Appends to `out` the normalised values the request has for these names: a length-prefixed text per name
/// ("2:br", "-" for an absent field), several lines joined, whitespace and empty members of lists removed; a
/// field known not to be a list is left as it is; of "cookie=name" that cookie's value. Equal texts: the
/// requests select the same variant. Allocates only to grow `out`.
void append_variant_key(std::string& out, std::string_view names, const http::Fields& request);

}  // namespace forebay::cache
