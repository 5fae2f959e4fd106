#include "forebay/http/bearer.hpp"

#include <cstddef>

#include "forebay/base/strings.hpp"

namespace forebay::http {
namespace {

/// The token of `Bearer TOKEN`; empty when it is anything else.
std::string_view bearer_token(std::string_view authorization) noexcept {
  const auto space = authorization.find(' ');
  if (space == std::string_view::npos || !iequals(authorization.substr(0, space), "Bearer")) return {};
  return trim(authorization.substr(space));
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  volatile unsigned char difference = 0;  // so that the loop cannot be left early
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace

bool brings_token(std::string_view authorization, std::string_view token) noexcept {
  return !token.empty() && equal_in_constant_time(bearer_token(authorization), token);
}

}  // namespace forebay::http
