// What a trusted proxy says of its client, one line each of X-Forwarded-For, X-Forwarded-Proto,
// X-Forwarded-Host and Forwarded. Invariants: the fields stand on lines of their own, and the last element of
// Forwarded is ours, whatever stands before it.
#include "forebay/http/forwarded.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "forebay/base/strings.hpp"
#include "forebay/http/field_list.hpp"

using namespace forebay;

namespace {

std::string_view next_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  std::erase(input, '\r');  // no head has one within a value
  std::string_view text = input;
  http::Fields received;
  for (const auto* name : {"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"})
    received.add(name, trim(next_line(text)));
  std::string out;
  http::append_forwarding(out, received, {"10.0.0.1", true, "http", "example.com"});

  std::string_view rest = out;
  std::string_view line;
  for (int lines = 0; !rest.empty(); ++lines) {
    if (lines == 4) std::abort();
    line = next_line(rest);
  }
  constexpr std::string_view kName = "Forwarded: ";
  if (!line.starts_with(kName) || !line.ends_with('\r')) std::abort();
  auto list = line.substr(kName.size(), line.size() - kName.size() - 1);
  std::string_view last;
  while (const auto element = http::next_element(list)) last = *element;
  if (last != "for=10.0.0.1;host=example.com;proto=http") std::abort();
  return 0;
}
