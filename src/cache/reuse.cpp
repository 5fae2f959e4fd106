#include "forebay/cache/reuse.hpp"

#include <algorithm>

#include "forebay/cache/freshness.hpp"
#include "forebay/cache/validation.hpp"

namespace forebay::cache {
namespace {

using http::ForwardReason;

/// Whether the request's own directives accept an answer of this age and remaining lifetime (RFC 9111
/// §5.2.1).
bool accepts(const RequestCacheControl& control, seconds age, seconds ttl) noexcept {
  if (control.no_cache) return false;
  // A stale answer: not without max-stale where the request says max-age, nor staler than max-stale says.
  if (ttl <= seconds{0} && (control.max_age || control.max_stale) &&
      -ttl > control.max_stale.value_or(seconds{-1}))
    return false;
  if (control.max_age && age > *control.max_age) return false;
  return !control.min_fresh || ttl >= *control.min_fresh;
}

/// RFC 9111 §4.2.4 and §5.2.1.2: only a client that asks for it gets a stale answer, unless the response
/// forbids that.
bool accepts_stale(const RequestCacheControl& control, const Freshness& freshness, seconds ttl) noexcept {
  return control.max_stale && !freshness.never_stale && -ttl <= *control.max_stale;
}

/// RFC 5861 §4: the longer of the response's window and the request's own. A client that wants a validated
/// answer gets the error.
bool survives_errors(const RequestCacheControl& control, const Freshness& freshness, seconds ttl) noexcept {
  if (control.no_cache || freshness.always_validate) return false;
  auto window = seconds{freshness.stale_if_error};
  if (control.stale_if_error && !freshness.never_stale) window = std::max(window, *control.stale_if_error);
  return window > seconds{0} && -ttl < window;
}

/// Turns `reuse`, which cannot be served, into what is done instead.
Reuse go_upstream(Reuse reuse, ForwardReason reason, const RequestCacheControl& control,
                  const StoredResponse* stored) noexcept {
  reuse.forward = reason;
  if (control.only_if_cached) {
    reuse.action = Reuse::refuse;  // §5.2.1.7
  } else {
    reuse.action = stored != nullptr && can_validate(*stored) ? Reuse::validate : Reuse::fetch;
  }
  return reuse;
}

/// Policy::keep: nothing is done any more with a response so long after it became stale.
bool is_outlived(const Freshness& freshness, const Policy& policy, seconds ttl) noexcept {
  if (!policy.keep) return false;
  const auto windows = seconds{std::max(freshness.stale_while_revalidate, freshness.stale_if_error)};
  return -ttl >= windows + *policy.keep;
}

/// A soft purge ends freshness when it comes: the stale windows are counted from then.
seconds ttl_after(const Purged& purged, seconds ttl, WallTime now) noexcept {
  const auto gone_by = std::chrono::duration_cast<seconds>(purged.at - now);
  return std::min({ttl, gone_by, seconds{0}});
}

}  // namespace

Reuse for_the_rest(Reuse reuse, const RequestCacheControl& control) noexcept {
  const auto reason = reuse.serves() ? ForwardReason::partial : reuse.forward;
  reuse.stale = reuse.on_error = false;
  return go_upstream(reuse, reason, control, nullptr);
}

Reuse decide(const RequestCacheControl& control, const Found& found, const Policy& policy, WallTime now,
             double random) noexcept {
  Reuse reuse;
  const auto* stored = found.response.get();
  if (stored == nullptr) {
    return go_upstream(reuse, found.key_known ? ForwardReason::vary_miss : ForwardReason::uri_miss, control,
                       stored);
  }
  const auto& freshness = stored->freshness();
  reuse.age = current_age(freshness, now);
  reuse.ttl = seconds{freshness.lifetime} - reuse.age;
  if (found.purged.mode == PurgeMode::soft) reuse.ttl = ttl_after(found.purged, reuse.ttl, now);
  if (is_outlived(freshness, policy, reuse.ttl))
    return go_upstream(reuse, ForwardReason::stale, control, nullptr);
  reuse.stale = reuse.ttl <= seconds{0};  // §4.2: fresh is only what has a lifetime greater than its age
  reuse.on_error = survives_errors(control, freshness, reuse.ttl);
  const bool refreshes = reuse.stale ? -reuse.ttl < freshness.stale_while_revalidate
                                     : is_due_early(freshness, policy, now, random);
  const bool may_serve = !freshness.always_validate &&
                         (!reuse.stale || refreshes || accepts_stale(control, freshness, reuse.ttl));
  if (may_serve && accepts(control, reuse.age, reuse.ttl)) {
    reuse.action = refreshes ? Reuse::refresh : Reuse::serve;
    // Served wherever it would be without the purge, and nowhere else; the next one is fetched meanwhile.
    if (found.purged.mode == PurgeMode::refresh) {
      reuse.action = Reuse::refresh;
      reuse.stale = true;
      reuse.ttl = ttl_after(found.purged, reuse.ttl, now);
    }
    return reuse;
  }
  // RFC 9211 §2.2: `request` is for what was fresh enough but for the request's own directives.
  const auto reason = may_serve && !reuse.stale ? ForwardReason::request : ForwardReason::stale;
  reuse.stale = false;
  return go_upstream(reuse, reason, control, stored);
}

}  // namespace forebay::cache
