// Elements are not empty, stand in the list in order, and split no further than they were split.
#include "forebay/http/field_list.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace forebay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view list(reinterpret_cast<const char*>(data), size);
  auto rest = list;
  const auto* at = list.data();
  while (const auto element = http::next_element(rest)) {
    if (element->empty() || element->data() < at) std::abort();
    at = element->data() + element->size();
    if (at > list.data() + list.size()) std::abort();
    auto again = *element;
    if (http::next_element(again) != element || !again.empty()) std::abort();
    static_cast<void>(http::unquote(*element));
  }
  if (!rest.empty()) std::abort();
  return 0;
}
