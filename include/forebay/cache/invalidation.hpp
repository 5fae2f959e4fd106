// What a successful unsafe request makes invalid (RFC 9111 §4.4).
#pragma once

#include <string>
#include <vector>

#include "forebay/cache/key.hpp"
#include "forebay/cache/query.hpp"
#include "forebay/http/message.hpp"

namespace forebay::cache {

/// Primary keys to invalidate: the target's own, and those of Location and Content-Location where they have
/// the same origin, with their queries as the policy wants them. Empty for safe methods and for responses
/// that are neither 2xx nor 3xx.
std::vector<std::string> keys_to_invalidate(const http::RequestHead& request, const EffectiveUri& uri,
                                            const http::ResponseHead& response, const QueryPolicy& policy);

/// True if the response says that it is a representation of the target itself (Content-Location, RFC 9110
/// §8.7).
bool represents_target(const EffectiveUri& uri, const http::ResponseHead& response,
                       const QueryPolicy& policy);

}  // namespace forebay::cache
