#include "forebay/http/cookie.hpp"

namespace forebay::http {

std::optional<std::string_view> find_cookie(const Fields& request, std::string_view name) noexcept {
  std::optional<std::string_view> found;
  for_each_cookie(request, [&](std::string_view cookie, std::string_view value) {
    if (cookie == name) found = value;
    return !found;
  });
  return found;
}

}  // namespace forebay::http
