#include "forebay/http/hop_by_hop.hpp"

#include <algorithm>

#include "forebay/base/strings.hpp"
#include "forebay/http/field_list.hpp"

namespace forebay::http {
namespace {

constexpr FieldSet kHopByHop{
    FieldId::connection,
    FieldId::keep_alive,
    FieldId::proxy_connection,
    FieldId::te,
    FieldId::trailer,
    FieldId::transfer_encoding,
    FieldId::upgrade,
    FieldId::proxy_authenticate,
    FieldId::proxy_authorization,
    FieldId::proxy_authentication_info,
};

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept {
  return iequals(text.substr(0, prefix.size()), prefix);
}

// A client that may name any field in Connection could have us strip what a proxy in front of us has added
// (who the client is) or what decides about the answer (credentials, cookies, what the key was made from),
// and so be taken for somebody else or have a wrong answer stored for others. Therefore a nomination counts
// only for a field of which nothing is known: every field with an id of its own is either hop-by-hop anyway
// or end-to-end by definition (RFC 9110 §7.6.1: "MUST NOT send a connection option corresponding to a field
// that is intended for all recipients"), and the families that tell who the client is, or what a browser
// vouches for, are end-to-end by use.
bool may_be_nominated(std::string_view name) noexcept {
  if (field_id(name) != FieldId::other) return false;
  for (const std::string_view family : {"x-forwarded-", "content-", "access-control-", "sec-"}) {
    if (starts_with_ignoring_case(name, family)) return false;
  }
  for (const std::string_view known :
       {"x-real-ip", "x-client-ip", "client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip",
        "fastly-client-ip", "x-original-host", "x-original-url", "x-rewrite-url", "cdn-loop",
        "strict-transport-security"}) {
    if (iequals(name, known)) return false;
  }
  return true;
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) noexcept {
  return std::any_of(names.begin(), names.end(),
                     [name](std::string_view each) { return iequals(each, name); });
}

}  // namespace

bool is_hop_by_hop(FieldId id) noexcept { return kHopByHop.contains(id); }

EndToEnd::EndToEnd(const Fields& fields) {
  for_each_element(fields, FieldId::connection, [&](std::string_view option) {
    // Only names of fields that are there, each once: `close` costs nothing and a long list stays short.
    if (!may_be_nominated(option) || !fields.find(option) || contains(nominated_, option)) return;
    nominated_.push_back(option);
  });
}

bool EndToEnd::passes(const Field& field) const noexcept {
  return !is_hop_by_hop(field.id) && !contains(nominated_, field.name);
}

}  // namespace forebay::http
