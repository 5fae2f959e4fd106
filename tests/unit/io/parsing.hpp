// Messages given to the parser all at once and byte by byte, for the tests of this folder.
#pragma once

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

#include "forebay/io/beast_bridge.hpp"

namespace forebay::io {

inline std::string_view name(ParseState state) {
  switch (state) {
    case ParseState::need_more: return "need_more";
    case ParseState::complete: return "complete";
    case ParseState::malformed: return "malformed";
    case ParseState::bad_version: return "bad_version";
    case ParseState::too_large: return "too_large";
    case ParseState::too_many_fields: return "too_many_fields";
  }
  return "";
}
inline void PrintTo(ParseState state, std::ostream* out) { *out << name(state); }

}  // namespace forebay::io

namespace forebay::io::testing {

/// What came of a head: the state, and the head written down again when it is complete.
struct ParsedHead {
  ParseState state = ParseState::need_more;
  std::string head;

  friend bool operator==(const ParsedHead&, const ParsedHead&) = default;
};

inline std::string start_line(const http::RequestHead& head) {
  return std::string(head.method_text) + ' ' + std::string(head.target) + " 1." +
         std::to_string(head.minor_version);
}
inline std::string start_line(const http::ResponseHead& head) {
  return "1." + std::to_string(head.minor_version) + ' ' + std::to_string(head.status) + ' ' +
         std::string(head.reason);
}
template <class Head>
std::string written_down(const Head& head) {
  auto text = start_line(head);
  for (const auto& field : head.fields) text.append("|").append(field.name).append(":").append(field.value);
  return text;
}

/// `step`: how many more bytes are there each time the parser is asked.
template <class Parser>
ParsedHead parse_head(std::string_view text, std::size_t step, const ParseLimits& limits = {}) {
  typename Parser::Head head;
  Parser parser(head, limits);
  ParsedHead parsed;
  for (std::size_t given = std::min(step, text.size());; given = std::min(given + step, text.size())) {
    parsed.state = parser.parse_head(text.substr(0, given));
    if (parsed.state != ParseState::need_more || given == text.size()) break;
  }
  if (parsed.state == ParseState::complete)
    parsed.head = written_down(head) + '|' + std::to_string(parser.head_size());
  return parsed;
}
template <class Parser>
ParsedHead parse_at_once(std::string_view text, const ParseLimits& limits = {}) {
  return parse_head<Parser>(text, std::max<std::size_t>(text.size(), 1), limits);
}
template <class Parser>
ParsedHead parse_byte_by_byte(std::string_view text, const ParseLimits& limits = {}) {
  return parse_head<Parser>(text, 1, limits);
}

struct DecodedBody {
  ParseState state = ParseState::need_more;
  std::string body;
  std::string trailers;
  std::size_t consumed = 0;

  friend bool operator==(const DecodedBody&, const DecodedBody&) = default;
};
inline void PrintTo(const DecodedBody& decoded, std::ostream* out) {
  *out << name(decoded.state) << " \"" << decoded.body << "\" trailers \"" << decoded.trailers
       << "\" consumed " << decoded.consumed;
}

/// Takes a body out of `text`, which arrives `step` bytes at a time, into pieces of `room` bytes.
template <class Parser>
DecodedBody decode_with(Parser& parser, std::string_view text, std::size_t step, std::size_t room) {
  DecodedBody all;
  std::string piece(room, '\0');
  for (std::size_t given = std::min(step, text.size());;) {
    const auto got = parser.decode(text.substr(all.consumed, given - all.consumed), piece);
    all.state = got.state;
    all.body.append(piece, 0, got.produced);
    all.consumed += got.consumed;
    if (got.state != ParseState::need_more) break;
    if (got.consumed > 0 || got.produced > 0) continue;
    if (given == text.size()) break;
    given = std::min(given + step, text.size());
  }
  all.trailers = parser.trailers();
  return all;
}

/// The body of a message with this head, which is well-formed.
template <class Parser>
DecodedBody decode(std::string_view head_text, std::string_view text, std::size_t step, std::size_t room) {
  typename Parser::Head head;
  Parser parser(head, {});
  if (parser.parse_head(head_text) != ParseState::complete)
    return {ParseState::bad_version, "the head is bad", "", 0};
  return decode_with(parser, text, step, room);
}

}  // namespace forebay::io::testing
