// Requests that no server may understand in more than one way, and therefore ours does not accept.
// budget: one table
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "forebay/io/beast_bridge.hpp"

namespace forebay::io::testing {

/// A row of a table of heads. Every text ends with an empty line, so that nothing is left to wait for.
struct MalformedHead {
  std::string_view name;
  std::string text;
  ParseState state = ParseState::malformed;
};

/// A request with these field lines behind a Host.
inline std::string with_lines(std::string_view lines) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n";
}
/// A request with this request line, without CRLF.
inline std::string with_line(std::string_view line) { return std::string(line) + "\r\nHost: a\r\n\r\n"; }

inline std::vector<MalformedHead> malformed_requests() {
  using namespace std::string_view_literals;
  const auto kVersion = ParseState::bad_version;
  return {
      // RFC 9112 §3: the request line
      {"HTTP/2.0", with_line("GET / HTTP/2.0"), kVersion},
      {"HTTP/0.9", with_line("GET / HTTP/0.9"), kVersion},
      {"HTTP/1.2", with_line("GET / HTTP/1.2"), kVersion},
      {"HTTP/3.1", with_line("GET / HTTP/3.1"), kVersion},
      {"a version of three digits", with_line("GET / HTTP/1.10")},
      {"a version of one digit", with_line("GET / HTTP/1")},
      {"a version with a comma", with_line("GET / HTTP/1,1")},
      {"lower-case http", with_line("GET / http/1.1")},
      {"another protocol", with_line("GET / HTCPCP/1.0")},
      {"text behind the version", with_line("GET / HTTP/1.1 x")},
      {"a space behind the version", with_line("GET / HTTP/1.1 ")},
      {"two spaces before the version", with_line("GET /  HTTP/1.1")},
      {"a tab before the version", with_line("GET /\tHTTP/1.1")},
      {"two spaces before the target", with_line("GET  / HTTP/1.1")},
      {"a tab before the target", with_line("GET\t/ HTTP/1.1")},
      {"a space before the method", with_line(" GET / HTTP/1.1")},
      {"no version", with_line("GET /")},
      {"no target", with_line("GET HTTP/1.1")},
      {"no method", with_line("/ HTTP/1.1")},
      {"the method alone", with_line("GET")},
      {"a method with a colon", with_line("GE:T / HTTP/1.1")},
      {"a method in quotes", with_line("\"GET\" / HTTP/1.1")},
      {"a method with a byte above 127", with_line("G\xc3\x8bT / HTTP/1.1")},
      {"a method with NUL", with_line("G\0T / HTTP/1.1"sv)},
      {"a target with NUL", with_line("GET /\0 HTTP/1.1"sv)},
      {"a target with a control character", with_line("GET /\x01 HTTP/1.1")},
      {"a target with DEL", with_line("GET /\x7f HTTP/1.1")},
      {"a target with a bare CR", with_line("GET /\r/ HTTP/1.1")},
      {"a target with a bare LF", with_line("GET /\n/ HTTP/1.1")},
      {"a target with a space", with_line("GET /a b HTTP/1.1")},
      {"a request line that ends in LF", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
      {"a request line that ends in CR", "GET / HTTP/1.1\rHost: a\r\n\r\n"},
      {"a request line that ends in CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"},

      // RFC 9112 §5: field lines
      {"whitespace before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
      {"a tab before the first field", "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n"},
      {"a space before the colon", with_lines("X : 1\r\n")},
      {"a tab before the colon", with_lines("X\t: 1\r\n")},
      {"a space before the colon of Content-Length", with_lines("Content-Length : 1\r\n")},
      {"a space before the colon of Transfer-Encoding", with_lines("Transfer-Encoding : chunked\r\n")},
      {"a space within a name", with_lines("Content Length: 1\r\n")},
      {"no colon", with_lines("X\r\n")},
      {"an empty name", with_lines(": 1\r\n")},
      {"a name with NUL", with_lines("X\0Y: 1\r\n"sv)},
      {"a name with a control character", with_lines("X\x02: 1\r\n")},
      {"a name with DEL", with_lines("X\x7f: 1\r\n")},
      {"a name with a slash", with_lines("X/Y: 1\r\n")},
      {"a name in quotes", with_lines("\"X\": 1\r\n")},
      {"a name with a byte above 127", with_lines("X\xff: 1\r\n")},
      {"a name with a bare CR", with_lines("X\r: 1\r\n")},
      {"a value with NUL", with_lines("X: a\0b\r\n"sv)},
      {"a value with a control character", with_lines("X: a\x1f\r\n")},
      {"a value with a vertical tab", with_lines("X: \x0b\r\n")},
      {"a value with DEL", with_lines("X: \x7f\r\n")},
      {"a value with a bare CR", with_lines("X: a\rb\r\n")},
      {"a value with a bare LF", with_lines("X: a\nY: b\r\n")},
      {"a value that ends in CR CR LF", with_lines("X: a\r\r\n")},
      {"a head that ends in LF LF", "GET / HTTP/1.1\r\nHost: a\n\n\r\n\r\n"},
      {"an empty line that ends in CR alone", "GET / HTTP/1.1\r\nHost: a\r\n\rX: b\r\n\r\n"},
      {"a folded value", with_lines("X: a\r\n b\r\n")},
      {"a value folded by a tab", with_lines("X: a\r\n\tb\r\n")},
      {"a value folded behind an empty line", with_lines("X:\r\n b\r\n")},
      {"a value folded behind a line of spaces", with_lines("X:  \r\n\tb\r\n")},
      {"a value folded into nothing", with_lines("X: a\r\n \r\n")},
      {"an empty value folded into nothing", with_lines("X:\r\n \r\n")},
      {"a folded Content-Length", with_lines("Content-Length:\r\n 5\r\n")},
      {"a folded Transfer-Encoding", with_lines("Transfer-Encoding:\r\n chunked\r\n")},

      // RFC 9112 §6.2, §6.3: Content-Length
      {"Content-Length twice, different", with_lines("Content-Length: 5\r\nContent-Length: 6\r\n")},
      {"Content-Length twice, the same", with_lines("Content-Length: 5\r\nContent-Length: 5\r\n")},
      {"a list of lengths", with_lines("Content-Length: 5, 5\r\n")},
      {"a list of different lengths", with_lines("Content-Length: 5, 6\r\n")},
      {"a list with an empty member", with_lines("Content-Length: 5,\r\n")},
      {"an empty length", with_lines("Content-Length:\r\n")},
      {"a length with a plus", with_lines("Content-Length: +5\r\n")},
      {"a negative length", with_lines("Content-Length: -5\r\n")},
      {"a hexadecimal length", with_lines("Content-Length: 0x5\r\n")},
      {"a length with a fraction", with_lines("Content-Length: 5.0\r\n")},
      {"a length with an exponent", with_lines("Content-Length: 1e2\r\n")},
      {"a length in quotes", with_lines("Content-Length: \"5\"\r\n")},
      {"a length with a space", with_lines("Content-Length: 5 0\r\n")},
      {"a length of letters", with_lines("Content-Length: five\r\n")},
      {"a length with a unit", with_lines("Content-Length: 5b\r\n")},
      {"a length of 2^64", with_lines("Content-Length: 18446744073709551616\r\n")},
      {"a length of many digits", with_lines("Content-Length: 99999999999999999999999999999999\r\n")},

      // RFC 9112 §6.1: Transfer-Encoding
      {"length, then coding", with_lines("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
      {"coding, then length", with_lines("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
      {"an unknown coding with a length", with_lines("Transfer-Encoding: x\r\nContent-Length: 5\r\n")},
      {"a length of 0 and a coding", with_lines("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n")},
      {"an unknown coding", with_lines("Transfer-Encoding: x\r\n")},
      {"identity", with_lines("Transfer-Encoding: identity\r\n")},
      {"gzip alone", with_lines("Transfer-Encoding: gzip\r\n")},
      {"gzip before chunked", with_lines("Transfer-Encoding: gzip, chunked\r\n")},
      {"chunked before gzip", with_lines("Transfer-Encoding: chunked, gzip\r\n")},
      {"chunked before identity", with_lines("Transfer-Encoding: chunked, identity\r\n")},
      {"chunked twice in a list", with_lines("Transfer-Encoding: chunked, chunked\r\n")},
      {"chunked twice", with_lines("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"chunked, then identity", with_lines("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")},
      {"identity, then chunked", with_lines("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n")},
      {"chunked in quotes", with_lines("Transfer-Encoding: \"chunked\"\r\n")},
      {"chunked with a parameter", with_lines("Transfer-Encoding: chunked;q=1\r\n")},
      {"chunked with a vertical tab", with_lines("Transfer-Encoding: \x0b"
                                                 "chunked\r\n")},
      {"xchunked", with_lines("Transfer-Encoding: xchunked\r\n")},
      {"chunked with an empty member", with_lines("Transfer-Encoding: ,chunked\r\n")},
      {"an empty coding", with_lines("Transfer-Encoding:\r\n")},
      {"a coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"a coding and a length in HTTP/1.0",
       "POST / HTTP/1.0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"},

      // RFC 9110 §7.6.1
      {"a Connection that is no list", with_lines("Connection: close close\r\n")},
  };
}

}  // namespace forebay::io::testing
