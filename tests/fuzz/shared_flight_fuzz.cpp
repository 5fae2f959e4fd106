// A record of a fetch that nodes share, as it is and then with a size and checksum that are right; and a
// lease. Invariants: what is read may be sent, and comes back the same when it is written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "forebay/http/message.hpp"
#include "tier/flight_codec.hpp"

namespace {

using namespace forebay;
using namespace forebay::tier;

constexpr std::string_view kKey = "http://a:80/";

void check(bool holds) {
  if (!holds) std::abort();
}

void check_lines(std::string_view lines) {
  http::for_each_line(lines, [](std::string_view name, std::string_view value) {
    check(!name.empty() && value.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos);
  });
}

void check_record(std::string_view record) {
  const auto read = decode_flight_record(record, kKey);
  if (!read) return;
  if (const auto* const head = std::get_if<FlightHead>(&*read)) {
    check(head->head.ends_with("\r\n") && head->head.find("\r\n\r\n") == std::string::npos);
    check_lines(head->head);
    const auto again = decode_flight_record(encode_flight_head(*head).value(), kKey);
    check(again && std::get<FlightHead>(*again) == *head);
  } else if (const auto* const end = std::get_if<FlightEnd>(&*read)) {
    check_lines("\r\n" + end->trailers);
    const auto again = decode_flight_record(encode_flight_end(*end), kKey);
    check(again && std::get<FlightEnd>(*again) == *end);
  } else {
    const auto& bytes = std::get<FlightPiece>(*read).bytes;
    check(!bytes.empty() && bytes.size() <= kMaxFlightPiece);
    check(record.substr(0, record.size() - kEnvelopeTail).ends_with(bytes));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string record(reinterpret_cast<const char*>(data), size);
  if (const auto lease = parse_lease(record)) check(parse_lease(encode_lease(*lease)) == lease);
  check_record(record);
  if (record.size() < kEnvelopeHead) return 0;
  seal(record);
  check_record(record);
  return 0;
}
