// From a trusted peer both notations are extended. One that speaks only X-Forwarded-For is translated, so
// that an upstream which reads Forwarded learns of the same chain (RFC 7239 §7.4).
#include "forebay/http/forwarded.hpp"

#include <algorithm>

#include "forebay/base/strings.hpp"
#include "forebay/http/field_list.hpp"

namespace forebay::http {
namespace {

constexpr FieldSet kForwardingFields{FieldId::forwarded, FieldId::x_forwarded_for, FieldId::x_forwarded_host,
                                     FieldId::x_forwarded_proto};

/// All lines with this id from a peer that may be believed, joined; "" from anyone else.
std::string believed(const Fields& received, FieldId id, const ForwardingFacts& facts) {
  return facts.peer_is_trusted && received.has(id) ? joined(received, name(id)) : std::string{};
}

/// token or quoted-string, whichever the text needs (RFC 7239 §4).
void append_value(std::string& out, std::string_view text) {
  if (is_token(text)) {
    out.append(text);
    return;
  }
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

/// `for=` with a node of X-Forwarded-For: IPv6 gets the brackets that Forwarded demands (RFC 7239 §6).
void append_node(std::string& out, std::string_view node) {
  out.append("for=");
  if (node.empty()) {
    out.append("unknown");  // RFC 7239 §6.2; a Unix socket has no address
  } else if (node.front() != '[' && std::count(node.begin(), node.end(), ':') > 1) {
    append_value(out, std::string{"["}.append(node).append("]"));
  } else {
    append_value(out, node);
  }
}

void append_pairs(std::string& out, std::string_view host, std::string_view proto) {
  if (!host.empty()) append_value(out.append(";host="), host);
  if (!proto.empty()) append_value(out.append(";proto="), proto);
}

void append_list_item(std::string& list, std::string_view item) {
  if (!list.empty()) list.append(", ");
  list.append(item);
}

/// The chain of X-Forwarded-For as elements of Forwarded; what the peer says of the client's request is in
/// the first.
std::string translated(std::string_view chain, std::string_view host, std::string_view proto) {
  std::string elements;
  while (const auto node = next_element(chain)) {
    const bool first = elements.empty();
    if (!first) elements.append(", ");
    append_node(elements, *node);
    if (first) append_pairs(elements, host, proto);
  }
  return elements;
}

}  // namespace

bool is_forwarding_field(FieldId id) noexcept { return kForwardingFields.contains(id); }

void append_forwarding(std::string& out, const Fields& received, const ForwardingFacts& facts) {
  auto chain = believed(received, FieldId::x_forwarded_for, facts);
  const auto host = believed(received, FieldId::x_forwarded_host, facts);
  const auto proto = believed(received, FieldId::x_forwarded_proto, facts);
  auto forwarded = believed(received, FieldId::forwarded, facts);
  // Behind an open quote our own element would be text of somebody else's.
  if (forwarded.empty() || has_open_quote(forwarded)) forwarded = translated(chain, host, proto);

  std::string own;
  append_node(own, facts.peer_address);
  append_pairs(own, facts.host, facts.scheme);
  append_list_item(forwarded, own);
  if (!facts.peer_address.empty()) append_list_item(chain, facts.peer_address);

  const auto append = [&out](FieldId id, std::string_view value) {
    if (!value.empty()) out.append(name(id)).append(": ").append(value).append("\r\n");
  };
  append(FieldId::x_forwarded_for, chain);
  append(FieldId::x_forwarded_proto, proto.empty() ? facts.scheme : proto);
  append(FieldId::x_forwarded_host, host.empty() ? facts.host : host);
  append(FieldId::forwarded, forwarded);
}

}  // namespace forebay::http
