// A date that is accepted is written again as a date that reads as the same time.
#include "forebay/http/date.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace forebay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr WallTime kNow{seconds{1'718'452'800}};
  const auto time = http::parse_date({reinterpret_cast<const char*>(data), size}, kNow);
  if (time && http::parse_date(http::format_date(*time), kNow) != time) std::abort();
  return 0;
}
