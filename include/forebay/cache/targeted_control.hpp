// Targeted cache control (RFC 9213): fields such as CDN-Cache-Control, which replace Cache-Control and
// Expires for the caches they are meant for.
#pragma once

#include <optional>
#include <string_view>

#include "forebay/cache/cache_control.hpp"

namespace forebay::cache {

/// The directives of a targeted field, all its lines joined (http::joined). Nothing when the value is empty
/// or not a Dictionary of RFC 9651: the field then counts as absent (§2.1), and the next of the target list
/// or Cache-Control is looked at (§2.2). A Dictionary of nothing but unknown directives is valid and has no
/// effect but to replace those (§3.1). `present` is true in every result.
///
/// Directives mean what they mean in Cache-Control (§2.2), yet the reading differs: names are lower-case
/// only, parameters are ignored (§2.1), of a repeated directive the last counts (RFC 9651 §4.2.2), and the
/// value must have the type §2.1 infers for it. Where it has not:
/// - A value is never converted, as §2.1 asks: "60" and 60.0 are not 60.
/// - max-age and s-maxage, also when negative: §2.1 does not say what becomes of the directive, so by §2.2
///   RFC 9111 §4.2.1 decides: invalid freshness information makes the response stale (has_invalid_freshness).
/// - stale-while-revalidate and stale-if-error, also when negative, are ignored: no permission.
/// - Directives that restrict (no-store, private, no-cache, must-revalidate, proxy-revalidate, no-transform)
///   take effect: only the value is ignored. This is what Cache-Control's reading does with unexpected
///   arguments, and it errs away from the reuse §5 warns of. Boolean false (?0) alone leaves them unset.
/// - Directives that permit (public, must-understand, immutable) are ignored.
/// no-cache may be a String of field names (§2.1); of another type, or not naming fields, it is unqualified.
std::optional<ResponseCacheControl> parse_targeted_control(std::string_view value);

}  // namespace forebay::cache
