#include "forebay/http/method.hpp"

#include <array>
#include <cstddef>

namespace forebay::http {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Method::other) + 1> kNames{
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY", "PURGE", "",
};

Method expect(Method candidate, std::string_view text) noexcept {
  return text == name(candidate) ? candidate : Method::other;
}

Method five_letters(std::string_view text) noexcept {
  if (text[0] == 'T') return expect(Method::trace, text);
  if (text[0] == 'Q') return expect(Method::query, text);
  return expect(text[1] == 'A' ? Method::patch : Method::purge, text);
}

}  // namespace

Method parse_method(std::string_view text) noexcept {
  switch (text.size()) {
    case 3: return expect(text[0] == 'G' ? Method::get : Method::put, text);
    case 4: return expect(text[0] == 'H' ? Method::head : Method::post, text);
    case 5: return five_letters(text);
    case 6: return expect(Method::delete_, text);
    case 7: return expect(text[0] == 'O' ? Method::options : Method::connect, text);
    default: return Method::other;
  }
}

std::string_view name(Method method) noexcept { return kNames[static_cast<std::size_t>(method)]; }

bool is_safe(Method method) noexcept {
  switch (method) {
    case Method::get:
    case Method::head:
    case Method::options:
    case Method::trace:
    case Method::query:  // draft-ietf-httpbis-safe-method-w-body §2
      return true;
    default: return false;
  }
}

bool is_idempotent(Method method) noexcept {
  return is_safe(method) || method == Method::put || method == Method::delete_;
}

}  // namespace forebay::http
