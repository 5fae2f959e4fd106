#include "forward_head.hpp"

#include <algorithm>
#include <array>

#include "forebay/base/strings.hpp"
#include "forebay/cache/coded_tag.hpp"
#include "forebay/http/conditional.hpp"
#include "forebay/http/forwarded.hpp"
#include "forebay/http/hop_by_hop.hpp"

namespace forebay::proxy {
namespace {

using http::FieldId;

/// Written anew, or meant for us: Host, framing, Expect (we answer 100 ourselves), the forwarding fields.
bool is_replaced(FieldId id) noexcept {
  static constexpr http::FieldSet kReplaced{FieldId::host, FieldId::content_length, FieldId::expect,
                                            FieldId::max_forwards};
  return kReplaced.contains(id) || http::is_forwarding_field(id);
}

/// Fields in which a client may name tags that only forebay knows, and the origin by another name. Not
/// If-Range: a part in one coding is of no use to a client that has one in another.
bool has_our_tags(FieldId id) noexcept { return id == FieldId::if_match || id == FieldId::if_none_match; }

/// What would make the upstream answer with less than the whole representation.
bool asks_for_less(FieldId id) noexcept {
  static constexpr http::FieldSet kConditional{FieldId::if_match,          FieldId::if_none_match,
                                               FieldId::if_modified_since, FieldId::if_unmodified_since,
                                               FieldId::if_range,          FieldId::range};
  return kConditional.contains(id);
}

/// Fields that make some frameworks answer for another URL or method than the request's.
constexpr std::array<std::string_view, 11> kOverriding{"X-Original-URL",
                                                       "X-Rewrite-URL",
                                                       "X-Original-Host",
                                                       "X-HTTP-Method-Override",
                                                       "X-HTTP-Method",
                                                       "X-Method-Override",
                                                       "X-Forwarded-Path",
                                                       "X-Forwarded-Prefix",
                                                       "X-Forwarded-Scheme",
                                                       "X-Forwarded-Server",
                                                       "X-Host"};

bool overrides_the_request(const http::Field& field, const cache::KeyPolicy& key) {
  if (field.id != FieldId::other || field.name.empty() || to_lower(field.name[0]) != 'x') return false;
  const auto is_it = [&](std::string_view name) { return iequals(name, field.name); };
  return std::any_of(kOverriding.begin(), kOverriding.end(), is_it) &&
         std::none_of(key.headers.begin(), key.headers.end(), is_it) && !is_it(key.partition.header);
}

/// What a client says about caches on the way is no business of a fetch that nobody waits for.
bool is_left_out(const http::Field& field, ForwardAs as, const cache::KeyPolicy& key) {
  if (as == ForwardAs::itself) return false;
  if (as == ForwardAs::refresh && (field.id == FieldId::cache_control || field.id == FieldId::pragma))
    return true;
  return asks_for_less(field.id) || overrides_the_request(field, key);
}

void append_request_line(std::string& out, const Exchange& x, ForwardAs as) {
  out.append(as == ForwardAs::itself ? x.request.method_text : http::name(fetching_method(x.request.method)));
  out.append(" ").append(x.uri.path);
  if (x.uri.has_query) out.append("?").append(x.uri.query);
  out.append(" HTTP/1.1\r\n");
}

/// RFC 9110 §7.6.2: one hop less for OPTIONS; other methods do not know the field.
void append_max_forwards(std::string& out, const Exchange& x) {
  const auto value = x.request.fields.find(FieldId::max_forwards);
  if (!value || x.request.method != http::Method::options) return;
  if (const auto hops = parse_decimal(*value); hops && *hops > 0)
    http::append_field(out, "Max-Forwards", std::to_string(*hops - 1));
}

}  // namespace

http::Method fetching_method(http::Method method) noexcept {
  return method == http::Method::query ? method : http::Method::get;
}

std::string forward_head(const Exchange& x, ForwardAs as) {
  std::string out;
  out.reserve(1024);
  append_request_line(out, x, as);
  const auto& servers = x.route->upstream->servers();
  http::append_field(out, "Host",
                     x.uri.authority.empty() ? servers.front()->address().text() : x.uri.authority);

  const http::EndToEnd end_to_end(x.request.fields);
  for (const auto& field : x.request.fields) {
    if (!end_to_end.passes(field) || is_replaced(field.id)) continue;
    if (is_left_out(field, as, x.route->policy.key) || x.route->request_edits.drops(field)) continue;
    if (has_our_tags(field.id) && !x.route->policy.encodings.empty())
      http::append_field(out, field.name, cache::origin_tags(field.value));
    else
      http::append_field(out, field.name, field.value);
  }
  x.route->request_edits.append_to(out);
  append_max_forwards(out, x);
  // W3C Edge Architecture Specification 1.0 §2.1
  if (x.route->policy.surrogate_control)
    http::append_field(out, "Surrogate-Capability", "forebay=\"Surrogate/1.0\"");
  http::append_field(out, "Via", x.request.minor_version == 0 ? "1.0 forebay" : http::kViaEntry);
  http::append_forwarding(out, x.request.fields,
                          {x.client.address, x.client.trusted, x.client.scheme, x.uri.authority});
  return out;
}

http::Fields forwarded_fields(const http::Fields& request, ForwardAs as, const cache::KeyPolicy& key) {
  const http::EndToEnd end_to_end(request);
  http::Fields forwarded;
  for (const auto& field : request)
    if (end_to_end.passes(field) && !is_left_out(field, as, key))
      forwarded.add(field.id, field.name, field.value);
  return forwarded;
}

}  // namespace forebay::proxy
