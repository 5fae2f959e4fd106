#include "forebay/cache/classify.hpp"

#include "forebay/base/strings.hpp"
#include "forebay/cache/name_pattern.hpp"
#include "forebay/http/cookie.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/target.hpp"

namespace forebay::cache {
namespace {

using http::FieldId;
using http::ForwardReason;
using http::Method;

/// The status a method is refused with; 0: it is not.
int refusal(Method method) noexcept {
  switch (method) {
    case Method::trace: return 405;    // RFC 9110 §9.3.8: it would show fields that were added on the way
    case Method::connect: return 501;  // RFC 9110 §9.3.6: there is no tunnel through a reverse proxy
    case Method::purge: return 405;    // an administrative wish that must not reach the upstream by accident
    default: return 0;
  }
}

/// RFC 9110 §7.8. h2c alone counts as no wish: some clients offer it with every request, the field is
/// hop-by-hop, and HTTP/2 to the upstream would gain nobody anything.
bool asks_for_upgrade(const http::RequestHead& request) noexcept {
  if (!request.fields.has(FieldId::upgrade) || request.minor_version < 1) return false;
  if (!http::has_element(request.fields, FieldId::connection, "upgrade")) return false;
  bool asks = false;
  http::for_each_element(request.fields, FieldId::upgrade,
                         [&](std::string_view protocol) { asks = asks || !iequals(protocol, "h2c"); });
  return asks;
}

PassReason reason_to_pass(const http::RequestHead& request, std::string_view path, std::string_view query,
                          bool has_body, const Policy& policy) noexcept {
  if (asks_for_upgrade(request)) return PassReason::upgrade;
  if (!policy.enabled) return PassReason::disabled;
  const bool is_query = request.method == Method::query && policy.query_method.enabled;
  if (request.method != Method::get && request.method != Method::head && !is_query) return PassReason::method;
  if (has_body && !is_query) return PassReason::request_body;
  if (!policy.caches_ambiguous_paths && http::is_ambiguous_path(path)) return PassReason::ambiguous_path;
  if (find_bypass(request, query, policy.bypass)) return PassReason::bypass_rule;
  return PassReason::none;
}

}  // namespace

std::string_view name(PassReason reason) noexcept {
  switch (reason) {
    case PassReason::none: return "none";
    case PassReason::disabled: return "disabled";
    case PassReason::bypass_rule: return "bypass_rule";
    case PassReason::ambiguous_path: return "ambiguous_path";
    case PassReason::method: return "method";
    case PassReason::request_body: return "request_body";
    case PassReason::range: return "range";
    case PassReason::no_partition: return "no_partition";
    case PassReason::token: return "token";
    case PassReason::upgrade: return "upgrade";
    case PassReason::cut_off: return "cut_off";
    case PassReason::waited_too_long: return "waited_too_long";
    case PassReason::too_many_waiting: return "too_many_waiting";
    case PassReason::turns_used_up: return "turns_used_up";
  }
  return "";
}

ForwardReason forward_reason(PassReason reason) noexcept {
  switch (reason) {
    case PassReason::method: return ForwardReason::method;
    case PassReason::range:
    case PassReason::waited_too_long:
    case PassReason::too_many_waiting:
    case PassReason::turns_used_up: return ForwardReason::miss;
    case PassReason::none:
    case PassReason::disabled:
    case PassReason::bypass_rule:
    case PassReason::ambiguous_path:
    case PassReason::request_body:
    case PassReason::no_partition:
    case PassReason::token:
    case PassReason::upgrade:
    case PassReason::cut_off:
      break;  // nothing was looked up, so it is neither a miss nor RFC 9211's `request`
  }
  return ForwardReason::bypass;
}

std::optional<Bypass> find_bypass(const http::RequestHead& request, std::string_view query,
                                  const BypassPolicy& bypass) noexcept {
  const std::string* found = nullptr;
  const auto look = [&](const std::vector<std::string>& patterns, std::string_view name, Case spelling) {
    found = find_fit(patterns, name, spelling);
    return found == nullptr;
  };
  if (!bypass.headers.empty())
    for (const auto& field : request.fields)
      if (!look(bypass.headers, field.name, Case::ignored)) return Bypass{"headers", *found};
  if (!bypass.cookies.empty())
    http::for_each_cookie(request.fields, [&](std::string_view name, std::string_view) {
      return look(bypass.cookies, name, Case::matters);
    });
  if (found) return Bypass{"cookies", *found};
  if (!bypass.query.empty())
    for_each_parameter_name(query,
                            [&](std::string_view name) { return look(bypass.query, name, Case::matters); });
  if (found) return Bypass{"query", *found};
  return std::nullopt;
}

Classified classify(const http::RequestHead& request, std::string_view path, std::string_view query,
                    bool has_body, const Policy& policy) noexcept {
  if (const int status = refusal(request.method); status != 0)
    return {Classified::refuse, PassReason::none, status};
  const auto reason = reason_to_pass(request, path, query, has_body, policy);
  return {reason == PassReason::none ? Classified::lookup : Classified::pass, reason, 0};
}

}  // namespace forebay::cache
