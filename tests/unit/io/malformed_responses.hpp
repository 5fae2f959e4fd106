// Responses that no client may understand in more than one way, and therefore ours does not accept.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "malformed_requests.hpp"

namespace forebay::io::testing {

inline std::string answer(std::string_view lines) {
  return "HTTP/1.1 200 OK\r\n" + std::string(lines) + "\r\n";
}
inline std::string answer_line(std::string_view line) { return std::string(line) + "\r\nServer: x\r\n\r\n"; }

inline std::vector<MalformedHead> malformed_responses() {
  using namespace std::string_view_literals;
  const auto kVersion = ParseState::bad_version;
  return {
      // RFC 9112 §4: the status line
      {"HTTP/2.0", answer_line("HTTP/2.0 200 OK"), kVersion},
      {"HTTP/0.9", answer_line("HTTP/0.9 200 OK"), kVersion},
      {"lower-case http", answer_line("http/1.1 200 OK")},
      {"ICY", answer_line("ICY 200 OK")},
      {"no status line", "Server: x, more than eight bytes\r\n\r\n"},
      {"an empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n"},
      {"a tab behind the version", answer_line("HTTP/1.1\t200 OK")},
      {"two spaces before the status", answer_line("HTTP/1.1  200 OK")},
      {"a status of two digits", answer_line("HTTP/1.1 20 OK")},
      {"a status of four digits", answer_line("HTTP/1.1 2000 OK")},
      {"a status of letters", answer_line("HTTP/1.1 abc OK")},
      {"a negative status", answer_line("HTTP/1.1 -20 OK")},
      {"status 000", answer_line("HTTP/1.1 000 OK")},
      {"status 099", answer_line("HTTP/1.1 099 OK")},
      {"status 600", answer_line("HTTP/1.1 600 OK")},
      {"status 999", answer_line("HTTP/1.1 999 OK")},
      {"no space behind the status", answer_line("HTTP/1.1 200")},
      {"a reason with NUL", answer_line("HTTP/1.1 200 O\0K"sv)},
      {"a reason with a control character", answer_line("HTTP/1.1 200 O\x1bK")},
      {"a reason with a bare CR", answer_line("HTTP/1.1 200 O\rK")},
      {"a reason with a bare LF", answer_line("HTTP/1.1 200 O\nX: y")},

      // RFC 9112 §5: field lines
      {"whitespace before the first field", "HTTP/1.1 200 OK\r\n Server: x\r\n\r\n"},
      {"a space before the colon", answer("X : 1\r\n")},
      {"no colon", answer("X\r\n")},
      {"an empty name", answer(": 1\r\n")},
      {"a value with NUL", answer("X: \0\r\n"sv)},
      {"a value with a bare CR", answer("X: a\rb\r\n")},
      {"a value with a bare LF", answer("X: a\nb\r\n")},
      {"a folded value", answer("X: a\r\n b\r\n")},
      {"a value folded behind an empty line", answer("X:\r\n\tb\r\n")},
      {"a folded Content-Length", answer("Content-Length: 1\r\n 2\r\n")},

      // RFC 9112 §6: framing
      {"length, then coding", answer("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
      {"coding, then length", answer("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
      {"two lengths", answer("Content-Length: 5\r\nContent-Length: 6\r\n")},
      {"the same length twice", answer("Content-Length: 5\r\nContent-Length: 5\r\n")},
      {"a list of lengths", answer("Content-Length: 5, 5\r\n")},
      {"an empty length", answer("Content-Length: \r\n")},
      {"a length with a plus", answer("Content-Length: +5\r\n")},
      {"a negative length", answer("Content-Length: -1\r\n")},
      {"a length of 2^64", answer("Content-Length: 18446744073709551616\r\n")},
      {"identity", answer("Transfer-Encoding: identity\r\n")},
      {"gzip, chunked", answer("Transfer-Encoding: gzip, chunked\r\n")},
      {"chunked, gzip", answer("Transfer-Encoding: chunked, gzip\r\n")},
      {"chunked twice", answer("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"chunked in quotes", answer("Transfer-Encoding: 'chunked'\r\n")},
      {"a coding in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"an unknown coding on a 304", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: x\r\n\r\n"},
      {"a malformed length on a 204", "HTTP/1.1 204 No Content\r\nContent-Length: x\r\n\r\n"},
  };
}

}  // namespace forebay::io::testing
