// A response's Vary in the first line of the input, a request field's name and value in each line that
// follows. Invariants: reading the names again gives the same, and how a list is split into lines does not
// matter.
#include "forebay/cache/vary.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

std::string_view next_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  forebay::http::Fields response;
  response.add("Vary", next_line(text));
  const auto names = forebay::cache::vary_names(response);
  if (!names) return 0;
  forebay::http::Fields again;
  again.add("Vary", *names);
  if (forebay::cache::vary_names(again) != names) std::abort();

  forebay::http::Fields request;
  forebay::http::Fields with_empty_lines;
  while (!text.empty()) {
    const auto line = next_line(text);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    request.add(line.substr(0, colon), line.substr(colon + 1));
    with_empty_lines.add(line.substr(0, colon), line.substr(colon + 1));
    if (with_empty_lines.begin()[with_empty_lines.size() - 1].id == forebay::http::FieldId::accept) {
      with_empty_lines.add("Accept", " ,");
    }
  }
  std::string key = "-";
  std::string other = "-";
  forebay::cache::append_variant_key(key, *names, request);
  forebay::cache::append_variant_key(other, *names, with_empty_lines);
  if (key != other) std::abort();
  return 0;
}
