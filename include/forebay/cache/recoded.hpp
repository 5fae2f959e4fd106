// The heads of responses whose coding forebay changes, and what the origin's later words about them mean.
#pragma once

#include <string>

#include "forebay/cache/coding_plan.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/http/message.hpp"

namespace forebay::cache {

/// The head of a response after the plan: Content-Encoding, ETag and Vary, and no Content-Length where it is
/// not known any more. Views into `response` and `tag`, which outlive it.
http::ResponseHead recoded_head(const http::ResponseHead& response, const CodingPlan& plan, std::string& tag);

/// The head of a response that is stored in the coding it came in: on a route with encodings, Vary names
/// Accept-Encoding where that is one, for other clients get others. Views into `response`.
http::ResponseHead head_as_coded(const http::ResponseHead& response, const Policy& policy);

/// What the origin says about a stored response, a 304 or the answer to a HEAD, as if it knew what forebay
/// has made of it: its own tag stands for the stored one, Vary names Accept-Encoding where the stored one
/// does (and the policy has encodings), and the length of a content in another coding says nothing. Views
/// into both.
http::ResponseHead about_stored(const http::ResponseHead& said, const StoredResponse& stored,
                                const Policy& policy);

/// Another variant made from a stored response: the head without Content-Length, with its freshness, position
/// and validators. `request`: as it is forwarded; it selects the variant.
StoredResponsePtr recoded(const StoredResponse& stored, const CodingPlan& plan, const http::Fields& request);

}  // namespace forebay::cache
