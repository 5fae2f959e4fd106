// Which of a response's fields says how this cache may use it: a targeted one before Cache-Control.
#pragma once

#include "forebay/base/clock.hpp"
#include "forebay/cache/cache_control.hpp"
#include "forebay/cache/policy.hpp"
#include "forebay/http/headers.hpp"

namespace forebay::cache {

/// The directives that count for us, from the first of these that is there and valid: the policy's targeted
/// fields in their order (RFC 9213 §2.2), Surrogate-Control (W3C Edge Architecture Specification 1.0 §2.3)
/// and X-Accel-Expires (as nginx reads it) where the policy looks at them, Cache-Control. `source` tells
/// which it was. Nothing counts where the policy ignores them all. `now`: X-Accel-Expires may
/// name a moment.
ResponseCacheControl effective_control(const http::Fields& response, const Policy& policy, WallTime now);

}  // namespace forebay::cache
