// Answers that are complete in memory: from a stored response, or made by forebay itself.
#pragma once

#include <string_view>

#include "forebay/base/error.hpp"
#include "forebay/http/cache_status.hpp"
#include "forebay/http/conditional.hpp"
#include "forebay/proxy/exchange.hpp"

namespace forebay::proxy {

/// Answers from a stored response: whole, head only, 304 or 412, as the request's method and preconditions
/// want it (RFC 9111 §4.3.2). Allocates nothing for whole responses; views point into `stored` and the
/// exchange's scratch.
Answer answer_from(Exchange& x, cache::StoredResponsePtr stored, std::chrono::seconds age,
                   const http::CacheStatus& status, WallTime now);

/// What the request's preconditions say about a stored response (RFC 9110 §13.2).
http::Precondition judge_precondition(const Exchange& x, const cache::StoredResponse& stored, WallTime now);

/// True if the request's preconditions make this a 304 or 412 (then `answer` is it) instead of the whole
/// response.
bool answer_precondition(Exchange& x, const cache::StoredResponse& stored, Answer& answer, WallTime now);

/// A short text answer of our own; 5xx for an upstream's failure carry Proxy-Status.
Answer error_answer(Exchange& x, int status, std::string_view sentence, const Error* error, WallTime now);

/// One of our own in JSON.
Answer json_answer(Exchange& x, int status, std::string_view json, WallTime now);

/// What forebay itself answers to OPTIONS: the methods it takes.
Answer options_answer(Exchange& x, WallTime now);

/// Writes the per-request lines, Age (unless nothing) and Cache-Status, into the scratch; returns them.
std::string_view write_extra(Scratch& scratch, std::optional<std::chrono::seconds> age,
                             const http::CacheStatus& status);

}  // namespace forebay::proxy
