// A request head, given at once and byte by byte; see head_agreement.hpp.
#include <cstddef>
#include <cstdint>

#include "forebay/io/beast_bridge.hpp"
#include "head_agreement.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  forebay::test::check_head<forebay::io::RequestParser>(data, size);
  return 0;
}
