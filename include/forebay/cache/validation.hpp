// Asking whether a stored response still holds, and taking over what a 304 or a HEAD says (RFC 9111 §4.3).
#pragma once

#include <string>

#include "forebay/base/clock.hpp"
#include "forebay/cache/policy.hpp"
#include "forebay/cache/storability.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/http/message.hpp"

namespace forebay::cache {

/// True if the stored response has a validator to ask with, and not only one that the upstream never gave.
bool can_validate(const StoredResponse& stored) noexcept;

/// Appends If-None-Match and If-Modified-Since made from the stored validators (§4.3.1).
void append_validation_fields(std::string& out, const StoredResponse& stored);

/// True if a 304 answers for this stored response (§4.3.4): its validators, where it has any, agree. A 304
/// without any can only speak of the response whose validators were sent, so it selects that.
bool selects(const http::ResponseHead& not_modified, const StoredResponse& stored);

/// `stored`, or what the 304 says against keeping the response any longer: no_store, is_private, or another
/// Vary or No-Vary-Search. It still answers the request that validated it.
StoreVerdict storability_after(const http::ResponseHead& not_modified, const StoredResponse& stored,
                               const Policy& policy, WallTime response_time);

/// The stored response with the fields of the 304 (§3.2, §4.3.4), freshness counted anew; shares the body.
/// Set-Cookie is for the client that asked and not taken over, unless the policy keeps it. Whatever
/// storability_after says against, it is stale and always to be validated. `position`: the log's position
/// when the validation was sent; `random`: see jittered().
StoredResponsePtr freshen(const StoredResponse& stored, const http::ResponseHead& not_modified,
                          const Policy& policy, WallTime request_time, WallTime response_time,
                          Position position, double random);

/// What a HEAD response says about a stored GET response (§4.3.5). Without validator and Content-Length:
/// nothing.
enum class HeadVerdict { freshens, invalidates, says_nothing };
HeadVerdict judge_head(const http::ResponseHead& head_response, const StoredResponse& stored);

/// Appends status line and end-to-end fields of an upstream response as they are kept and sent: hop-by-hop
/// fields, Age, Content-Length and framing left out, Date added when missing (RFC 9110 §6.6.1), Via extended,
/// Cache-Control replaced where the policy tells clients something else, tags left out, the route's edits
/// made last. No empty line: whoever knows the body's size ends the head.
void append_kept_head(std::string& out, const http::ResponseHead& response, const Policy& policy,
                      WallTime response_time);
/// The same for a response that is only passed on: clients are told what the origin said, but for the edits
/// and the tags.
void append_passed_head(std::string& out, const http::ResponseHead& response, const Policy& policy,
                        WallTime response_time);

}  // namespace forebay::cache
