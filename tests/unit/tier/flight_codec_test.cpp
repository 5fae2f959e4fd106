#include "flight_codec.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "byte_order.hpp"

namespace forebay::tier {
namespace {

constexpr std::string_view kKey = "http://a:80/\naccept\n1:x";
constexpr Digest kToken{0x0123456789abcdef, 0x1};

FlightHead some_head() {
  FlightHead head;
  head.key = kKey;
  head.vary_names = "accept";
  head.variant_key = "1:x";
  head.position = 77;
  head.request_time = WallTime{std::chrono::milliseconds{1'700'000'000'000}};
  head.response_time = WallTime{std::chrono::milliseconds{1'700'000'000'250}};
  head.length = 5;
  head.recoded_from = http::Coding::gzip;
  head.head = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nAge: 3\r\nCache-Control: max-age=60\r\n";
  return head;
}

std::string piece_of(std::uint64_t offset, std::string_view bytes) {
  RedisCommand command{"X"};
  append_flight_piece(command, offset, bytes);
  const std::string wire(command.wire());  // *2 $1 X, then $size, the record and a line's end
  const auto begin = wire.find("FBAY");
  return wire.substr(begin, wire.size() - begin - 2);
}

std::string record_of(RecordKind kind, const std::function<void(BytesOut&)>& write) {
  auto record = begin_record(kind, Packing::plain);
  BytesOut out(record);
  write(out);
  seal(record);
  return record;
}

EntryFault fault_of(std::string_view record) {
  const auto read = decode_flight_record(record, kKey);
  EXPECT_TRUE(read.has_error());
  return read.has_error() ? read.error() : EntryFault{};
}

EntryFault fault_of(const FlightHead& head) { return fault_of(encode_flight_head(head).value()); }

// ---- leases ----------------------------------------------------------------------------------------------

TEST(FlightLease, IsFrozen) {
  const Lease lease{kToken, 12};
  EXPECT_EQ(encode_lease(lease), "1 0123456789abcdef0000000000000001 12");
  EXPECT_EQ(parse_lease("1 0123456789abcdef0000000000000001 12"), lease);
  const Lease largest{kToken, std::numeric_limits<std::uint64_t>::max()};
  EXPECT_EQ(parse_lease(encode_lease(largest)), largest);
}

TEST(FlightLease, AnyOtherTextIsNone) {
  const std::string_view rows[] = {
      "",
      "1",
      "1 ",
      "2 0123456789abcdef0000000000000001 12",
      "1  0123456789abcdef0000000000000001 12",
      "1 0123456789ABCDEF0000000000000001 12",
      "1 0123456789abcdef000000000000001 12",
      "1 0123456789abcdef0000000000000001",
      "1 0123456789abcdef0000000000000001 ",
      "1 0123456789abcdef0000000000000001 -1",
      "1 0123456789abcdef0000000000000001 12 ",
      "1 0123456789abcdef0000000000000001 18446744073709551616",
      "1 0123456789abcdef0000000000000001,12",
  };
  for (const auto row : rows) EXPECT_FALSE(parse_lease(row)) << row;
}

// ---- what comes back -------------------------------------------------------------------------------------

TEST(FlightCodec, HeadsComeBackAsTheyWere) {
  auto plain = some_head();
  plain.vary_names.clear();
  plain.variant_key.clear();
  plain.length.reset();
  plain.recoded_from.reset();
  plain.status = 404;
  plain.head = "HTTP/1.1 404 \r\n";
  for (const auto& head : {some_head(), plain}) {
    const auto read = decode_flight_record(encode_flight_head(head).value(), kKey);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(std::get<FlightHead>(*read), head);
  }
}

TEST(FlightCodec, PiecesComeBackWithTheirPlace) {
  for (const auto& bytes : {std::string("x"), std::string("\0\r\n", 3), std::string(kMaxFlightPiece, 'y')}) {
    const auto record = piece_of(1ULL << 40, bytes);
    const auto read = decode_flight_record(record, kKey);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(std::get<FlightPiece>(*read).offset, 1ULL << 40);
    EXPECT_EQ(std::get<FlightPiece>(*read).bytes, bytes);
  }
}

TEST(FlightCodec, EndsComeBackAsTheyWere) {
  const FlightEnd rows[] = {
      {},
      {.outcome = FlightOutcome::complete, .length = 1ULL << 40, .trailers = "X: y\r\nZ: \r\n"},
      {.outcome = FlightOutcome::failed, .error = ErrorKind::connect_refused},
      {.outcome = FlightOutcome::look_again},
      {.outcome = FlightOutcome::uncacheable},
      {.outcome = FlightOutcome::abandoned},
  };
  for (const auto& end : rows) {
    const auto read = decode_flight_record(encode_flight_end(end), kKey);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(std::get<FlightEnd>(*read), end);
  }
}

/// Nodes of several versions meet: what these bytes say they say for ever.
TEST(FlightCodec, TheLayoutIsFrozen) {
  const auto record = encode_flight_end({.outcome = FlightOutcome::failed, .error = ErrorKind::no_server});
  const auto same = record_of(RecordKind::flight_end, [](BytesOut& out) {
    out.number(std::uint8_t{2});
    out.number(std::uint64_t{0});
    out.number(std::uint8_t{9});
    out.text("no_server");
    out.number(std::uint32_t{0});
  });
  EXPECT_EQ(record, same);
  EXPECT_EQ(piece_of(3, "abc"), record_of(RecordKind::flight_piece, [](BytesOut& out) {
              out.number(std::uint64_t{3});
              out.text("abc");
            }));
  const auto head = record_of(RecordKind::flight_head, [](BytesOut& out) {
    const auto wanted = some_head();
    out.number(std::uint16_t{200});
    out.number(std::uint8_t{3});
    out.number(std::uint8_t{1});
    for (const auto number : {77ULL, 1'700'000'000'000ULL, 1'700'000'000'250ULL, 5ULL})
      out.number(std::uint64_t{number});
    const std::array texts{wanted.key, wanted.vary_names, wanted.variant_key, wanted.head};
    for (const auto& text : texts) out.number(static_cast<std::uint32_t>(text.size()));
    for (const auto& text : texts) out.text(text);
  });
  EXPECT_EQ(encode_flight_head(some_head()), head);
}

// ---- what is not believed --------------------------------------------------------------------------------

TEST(FlightCodec, HeadsThatCannotBeAreNotBelieved) {
  const struct {
    const char* what;
    std::function<void(FlightHead&)> change;
    EntryFault fault;
  } rows[] = {
      {"another flight's", [](auto& h) { h.key += "x"; }, EntryFault::wrong_key},
      {"times before 1970", [](auto& h) { h.request_time = WallTime{std::chrono::milliseconds{-1}}; },
       EntryFault::bad_times},
      {"times after 9999", [](auto& h) { h.response_time = WallTime::max(); }, EntryFault::bad_times},
      {"no status line", [](auto& h) { h.head = "X: y\r\n"; }, EntryFault::bad_head},
      {"another status", [](auto& h) { h.status = 404; }, EntryFault::bad_head},
      {"an interim one", [](auto& h) { h.status = 100, h.head = "HTTP/1.1 100 X\r\n"; },
       EntryFault::bad_head},
      {"of a part", [](auto& h) { h.status = 206, h.head = "HTTP/1.1 206 X\r\n"; }, EntryFault::bad_head},
      {"of nothing new", [](auto& h) { h.status = 304, h.head = "HTTP/1.1 304 X\r\n"; },
       EntryFault::bad_head},
      {"content where there is none", [](auto& h) { h.status = 204, h.head = "HTTP/1.1 204 X\r\n"; },
       EntryFault::bad_head},
      {"framing", [](auto& h) { h.head += "Transfer-Encoding: chunked\r\n"; }, EntryFault::bad_head},
      {"a length", [](auto& h) { h.head += "Content-Length: 5\r\n"; }, EntryFault::bad_head},
      {"an empty line", [](auto& h) { h.head += "\r\n"; }, EntryFault::bad_head},
      {"half a line", [](auto& h) { h.head += "X: y"; }, EntryFault::bad_head},
      {"a bare line feed", [](auto& h) { h.head += "X: y\nZ: z\r\n"; }, EntryFault::bad_head},
      {"a name with a space", [](auto& h) { h.head += "X y: z\r\n"; }, EntryFault::bad_head},
      {"names that are none", [](auto& h) { h.vary_names = "a b"; }, EntryFault::bad_names},
      {"values without names", [](auto& h) { h.vary_names.clear(); }, EntryFault::bad_names},
  };
  for (const auto& row : rows) {
    auto head = some_head();
    row.change(head);
    EXPECT_EQ(fault_of(head), row.fault) << row.what;
  }
}

TEST(FlightCodec, LayoutsThatDoNotFitAreNotBelieved) {
  const auto end = [](std::uint8_t outcome, std::string_view error, std::string_view trailers,
                      std::string_view more = {}, std::uint64_t length = 0) {
    return record_of(RecordKind::flight_end, [&](BytesOut& out) {
      out.number(outcome);
      out.number(length);
      out.number(static_cast<std::uint8_t>(error.size()));
      out.text(error);
      out.number(static_cast<std::uint32_t>(trailers.size()));
      out.text(trailers);
      out.text(more);
    });
  };
  const struct {
    const char* what;
    std::string record;
    EntryFault fault;
  } rows[] = {
      {"no outcome", end(0, "", ""), EntryFault::bad_layout},
      {"a later outcome", end(6, "", ""), EntryFault::bad_layout},
      {"a failure of nobody", end(2, "", ""), EntryFault::bad_layout},
      {"a failure that is not the upstream's", end(2, "redis_timeout", ""), EntryFault::bad_layout},
      {"an error of a success", end(1, "no_server", ""), EntryFault::bad_layout},
      {"trailers of nothing", end(3, "", "X: y\r\n"), EntryFault::bad_layout},
      {"a length of nothing", end(3, "", "", "", 5), EntryFault::bad_layout},
      {"trailers that end early", end(1, "", "X: y"), EntryFault::bad_head},
      {"trailers that frame", end(1, "", "Transfer-Encoding: chunked\r\n"), EntryFault::bad_head},
      {"more than there should be", end(1, "", "", "x"), EntryFault::bad_layout},
      {"nothing", record_of(RecordKind::flight_end, [](BytesOut&) {}), EntryFault::bad_layout},
      {"no head", record_of(RecordKind::flight_head, [](BytesOut&) {}), EntryFault::bad_layout},
      {"no place", record_of(RecordKind::flight_piece, [](BytesOut& out) { out.text("abc"); }),
       EntryFault::bad_layout},
      {"an empty piece", piece_of(0, ""), EntryFault::bad_layout},
      {"too large a piece", piece_of(0, std::string(kMaxFlightPiece + 1, 'x')), EntryFault::bad_layout},
      {"a stored response's kind", record_of(RecordKind::chunk, [](BytesOut&) {}), EntryFault::unknown_kind},
      {"changed bytes", piece_of(0, "abc").replace(20, 1, "\x55"), EntryFault::wrong_checksum},
      {"half a record", piece_of(0, "abc").substr(0, 30), EntryFault::wrong_size},
      {"anything else", "abc", EntryFault::foreign},
  };
  for (const auto& row : rows) EXPECT_EQ(fault_of(row.record), row.fault) << row.what;
}

TEST(FlightCodec, FactsThatContradictEachOtherAreNotBelieved) {
  const auto good = encode_flight_head(some_head()).value();
  const auto with_byte = [&](std::size_t at, char byte) {
    auto record = good.substr(0, good.size() - kEnvelopeTail);
    record[at] = byte;
    seal(record);
    return record;
  };
  EXPECT_EQ(fault_of(with_byte(14, 7)), EntryFault::bad_layout) << "a fact that nobody knows";
  EXPECT_EQ(fault_of(with_byte(14, 1)), EntryFault::bad_layout) << "a coding that was not changed";
  EXPECT_EQ(fault_of(with_byte(14, 2)), EntryFault::bad_layout) << "a length that is not there";
  EXPECT_EQ(fault_of(with_byte(15, 9)), EntryFault::bad_layout) << "a coding that nobody knows";
  EXPECT_EQ(fault_of(with_byte(48, 1)), EntryFault::bad_layout) << "a key of 16 MiB";
}

TEST(FlightCodec, HeadsThatCouldNotBeReadBackAreNotWritten) {
  auto head = some_head();
  head.head.append("X: ").append(std::string(8 << 20, 'x')).append("\r\n");
  EXPECT_FALSE(encode_flight_head(head));
}

}  // namespace
}  // namespace forebay::tier
