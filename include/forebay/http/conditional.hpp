// Preconditions evaluated against a selected representation (RFC 9110 §13).
#pragma once

#include <optional>
#include <string_view>

#include "forebay/base/clock.hpp"
#include "forebay/http/headers.hpp"
#include "forebay/http/method.hpp"

namespace forebay::http {

/// What is known of the selected representation. Views into the stored head.
struct SelectedRepresentation {
  std::string_view etag;                  // as received; "" when there is none
  std::optional<WallTime> last_modified;  // nothing when missing or malformed
  /// Date, or when the response was received. If-Modified-Since is held against it when last_modified is
  /// missing (RFC 9111 §4.3.2).
  std::optional<WallTime> date{};
};

enum class Precondition {
  proceed,       // answer as if there were no condition
  not_modified,  // 304
  failed,        // 412
};
// The caller applies the rest of RFC 9110 §13.2.1: preconditions count only where the answer without them
// would be 2xx.

/// All precondition fields; the hit path skips evaluation when none is present.
inline constexpr FieldSet kPreconditionFields{FieldId::if_match, FieldId::if_none_match,
                                              FieldId::if_modified_since, FieldId::if_unmodified_since};

/// If-Range (RFC 9110 §13.1.5), for a request that has one: true if the client's parts are of the selected
/// representation, so that Range may be answered. A date counts only where it is a strong validator
/// (§8.8.2.2): `selected.date` is at least a second later.
bool if_range_holds(const Fields& request, const SelectedRepresentation& selected, WallTime now) noexcept;

/// Evaluates in the order of RFC 9110 §13.2.2 (If-Range belongs to ranges and is not looked at). If-Match and
/// If-Unmodified-Since are the origin server's to evaluate, and towards the client a gateway is one (RFC 9110
/// §3.7). `now` is needed to read two-digit years.
Precondition evaluate(Method method, const Fields& request, const SelectedRepresentation& selected,
                      WallTime now) noexcept;

}  // namespace forebay::http
