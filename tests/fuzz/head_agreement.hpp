// A message head, given at once and byte by byte: what the harnesses of requests and responses check.
// Invariants: both ways agree, what is accepted has no control characters, and its views lie within the
// input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "forebay/io/beast_bridge.hpp"

namespace forebay::test {

using io::ParseState;

template <class Head>
void check_views(const Head& head, std::string_view text) {
  for (const auto& field : head.fields) {
    for (const auto view : {field.name, field.value}) {
      if (view.data() < text.data() || view.data() + view.size() > text.data() + text.size()) std::abort();
      if (view.find_first_of(std::string_view("\0\r\n", 3)) != std::string_view::npos) std::abort();
    }
  }
}

/// Ends the process when the two ways of giving the head disagree.
template <class Parser>
void check_head(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const io::ParseLimits limits{.head_bytes = 2048, .fields = 20};
  typename Parser::Head head;
  Parser at_once(head, limits);
  const auto state = at_once.parse_head(text);
  if (state == ParseState::complete) check_views(head, text.substr(0, at_once.head_size()));

  typename Parser::Head other;
  Parser slowly(other, limits);
  auto last = ParseState::need_more;
  for (std::size_t given = 1; given <= size && last == ParseState::need_more; ++given)
    last = slowly.parse_head(text.substr(0, given));
  // Byte by byte the parser waits for the head's end before it judges: a refusal may still be to come.
  if ((state == ParseState::complete) != (last == ParseState::complete)) std::abort();
  if (state != ParseState::complete) return;
  if (at_once.head_size() != slowly.head_size() || head.fields.size() != other.fields.size()) std::abort();
  if (at_once.content_length() != slowly.content_length() || at_once.is_chunked() != slowly.is_chunked())
    std::abort();
  if (at_once.keep_alive() != slowly.keep_alive()) std::abort();
}

}  // namespace forebay::test
