// The phases of a request's life, in order: what the lifecycle enters, what logs call them.
#pragma once

#include <cstdint>
#include <string_view>

namespace forebay::proxy {

enum class Phase : std::uint8_t {
  classify,  // which route, look up or pass
  lookup,    // in the tiers
  decide,    // may what was found answer?
  wait,      // for somebody else's fetch
  fetch,     // upstream, for this key
  pass,      // upstream, for this request alone
  deliver,   // to the client
  done,
};
std::string_view name(Phase phase) noexcept;

}  // namespace forebay::proxy
