// Fields meant for one connection only (RFC 9110 §7.6.1).
#pragma once

#include <string_view>
#include <vector>

#include "forebay/http/headers.hpp"

namespace forebay::http {

/// True for the fields that are hop-by-hop whatever Connection says: Connection, Keep-Alive,
/// Proxy-Connection, TE, Trailer, Transfer-Encoding, Upgrade, and the proxy's own Proxy-Authenticate,
/// Proxy-Authentication-Info and Proxy-Authorization.
bool is_hop_by_hop(FieldId id) noexcept;

/// Decides field by field what passes to the next hop: knows the names that Connection nominates. A
/// nomination of a field that must not be hop-by-hop (Cache-Control, Content-Length, Host … RFC 9110 §7.6.1)
/// is ignored. Valid as long as the bytes behind `fields`; allocates only when Connection nominates a field
/// that is there.
class EndToEnd {
 public:
  explicit EndToEnd(const Fields& fields);
  bool passes(const Field& field) const noexcept;

 private:
  std::vector<std::string_view> nominated_;
};

}  // namespace forebay::http
