// Names are not empty, no pair reaches over a ';' or a space at its ends, and the first of a name is the one
// that is found.
#include "forebay/http/cookie.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>

using namespace forebay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  http::Fields fields;
  fields.add("Cookie", {reinterpret_cast<const char*>(data), size});
  std::map<std::string_view, std::string_view> firsts;
  http::for_each_cookie(fields, [&](std::string_view name, std::string_view value) {
    if (name.empty() || name.find_first_of(";=") != name.npos || value.find(';') != value.npos) std::abort();
    if (trim(name) != name || trim(value) != value) std::abort();
    firsts.emplace(name, value);
    return true;
  });
  for (const auto& [name, value] : firsts)
    if (http::find_cookie(fields, name) != value) std::abort();
  return 0;
}
