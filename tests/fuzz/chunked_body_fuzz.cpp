// A chunked body. Invariant: however it arrives and however little room there is for it, what comes out is
// the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "forebay/io/beast_bridge.hpp"

namespace {

using forebay::io::ParseState;
using forebay::io::RequestParser;

constexpr std::string_view kHead = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

struct Decoded {
  ParseState state = ParseState::need_more;
  std::string body;
  std::string trailers;
  std::size_t consumed = 0;
};

/// `step` more bytes of the text are there each time, `room` bytes of it are taken at once.
Decoded decode(std::string_view text, std::size_t step, std::size_t room) {
  forebay::http::RequestHead head;
  RequestParser parser(head, {});
  if (parser.parse_head(kHead) != ParseState::complete) std::abort();
  Decoded all;
  std::string out(room, '\0');
  for (std::size_t given = std::min(step, text.size());;) {
    const auto got = parser.decode(text.substr(all.consumed, given - all.consumed), out);
    if (got.produced > room || got.consumed > given - all.consumed) std::abort();
    all.body.append(out, 0, got.produced);
    all.consumed += got.consumed;
    all.state = got.state;
    if (got.state != ParseState::need_more) break;
    if (got.consumed > 0 || got.produced > 0) continue;
    if (given == text.size()) break;
    given = std::min(given + step, text.size());
  }
  all.trailers = parser.trailers();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = decode(text, std::max<std::size_t>(size, 1), size + 1);
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::max<std::size_t>(size, 1)}) {
    for (const std::size_t room : {std::size_t{1}, std::size_t{3}, size + 1}) {
      const auto other = decode(text, step, room);
      if (other.state != whole.state || other.body != whole.body) std::abort();
      if (whole.state != ParseState::complete) continue;
      if (other.consumed != whole.consumed || other.trailers != whole.trailers) std::abort();
    }
  }
  return 0;
}
