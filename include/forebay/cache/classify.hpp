// The first decision about a request: look it up, pass it through, or refuse it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "forebay/cache/policy.hpp"
#include "forebay/http/cache_status.hpp"
#include "forebay/http/message.hpp"

namespace forebay::cache {

/// Why a request goes upstream without a lookup.
enum class PassReason : std::uint8_t {
  none,              // it does not pass
  disabled,          // the route does not cache
  bypass_rule,       // the route's `bypass` names something that the request has
  ambiguous_path,    // two parties may take the path for different resources
  method,            // the method is not answered from the store
  request_body,      // a GET or HEAD with content, or a QUERY with more than may be part of its key
  range,             // a part is asked for that is not stored
  no_partition,      // what names the partition is missing
  token,             // the token that names the partition is not valid
  upgrade,           // the client asks for another protocol
  cut_off,           // it is not known what other nodes have purged
  waited_too_long,   // a shared fetch did not decide in time
  too_many_waiting,  // the limit of waiters for one fetch is reached
  turns_used_up,     // every shared fetch ended without anything this request may reuse
};
std::string_view name(PassReason reason) noexcept;
http::ForwardReason forward_reason(PassReason reason) noexcept;

struct Classified {
  enum Kind : std::uint8_t { lookup, pass, refuse };
  Kind kind = lookup;
  PassReason reason = PassReason::none;
  int refuse_status = 0;  // 405 for TRACE and PURGE, 501 for CONNECT
};

/// `has_body`: the request's framing announces content. An upgrade passes as such on a route that does not
/// cache, too: whoever performs the pass must know. `path` and `query`: the effective
/// URI's.
Classified classify(const http::RequestHead& request, std::string_view path, std::string_view query,
                    bool has_body, const Policy& policy) noexcept;

/// What makes a request pass by the route's `bypass`: the list, "headers", "cookies" or "query", and the
/// pattern in it.
struct Bypass {
  std::string_view list;
  std::string_view pattern;
};
/// Nothing when the request has none of it. Views of literals and of the policy.
std::optional<Bypass> find_bypass(const http::RequestHead& request, std::string_view query,
                                  const BypassPolicy& bypass) noexcept;

}  // namespace forebay::cache
