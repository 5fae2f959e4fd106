// Where Beast's parser meets our heads: strict HTTP/1.1 messages in, flat field tables and body bytes out.
// Stricter than Beast in what smuggling lives on (RFC 9112 §6, §11.2): no obs-fold, one Content-Length of
// digits only, no transfer coding but a single `chunked`, none at all in HTTP/1.0.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "forebay/http/message.hpp"

namespace forebay::io {

/// How far a head or body got with the bytes it was given.
enum class ParseState : std::uint8_t {
  need_more,  // well-formed so far
  complete,
  malformed,
  bad_version,  // not HTTP/1.0 or HTTP/1.1
  too_large,    // head larger than the limit
  too_many_fields,
};

struct ParseLimits {
  std::uint32_t head_bytes = 32 * 1024;
  std::size_t fields = 100;
};

/// Parses one message: its head into `Head` (views into the bytes given), then its body. Made anew per
/// message: making one allocates nothing.
template <bool kRequest>
class MessageParser final : private boost::beast::http::basic_parser<kRequest> {
 public:
  using Head = std::conditional_t<kRequest, http::RequestHead, http::ResponseHead>;

  /// `head` is cleared; it and the bytes parsed must outlive the parser's use.
  MessageParser(Head& head, const ParseLimits& limits);
  ~MessageParser() = default;

  /// For responses, before the head: the request was HEAD, so no body follows whatever the head says.
  void expect_no_body();

  /// Give all bytes received so far, always from the same address on. After `complete`, head_size() bytes are
  /// the head.
  ParseState parse_head(std::string_view received);
  std::size_t head_size() const noexcept { return head_size_; }
  bool has_start_line() const noexcept { return has_start_line_; }
  const char* what() const noexcept { return what_; }  // after malformed: what is wrong, in a few words

  /// After a complete head:
  bool has_body() const noexcept;
  bool is_chunked() const noexcept;
  bool needs_eof() const noexcept;  // only the end of the connection ends the body (responses only)
  std::optional<std::uint64_t> content_length() const noexcept { return content_length_; }
  bool keep_alive() const noexcept;

  struct Decoded {
    ParseState state = ParseState::need_more;
    std::size_t consumed = 0;  // of the input
    std::size_t produced = 0;  // bytes written to `out`
  };
  /// Takes body bytes out of `input` (framing removed) into `out`. `complete`: the body has ended. need_more
  /// with nothing produced and nothing consumed: give a longer input that starts with the same bytes.
  Decoded decode(std::string_view input, std::span<char> out);
  /// The number of body bytes that may be read from the connection straight into the destination; 0 when
  /// framing is in the way. Tell direct() what was read.
  std::uint64_t direct_bytes() const noexcept;
  ParseState direct(std::size_t read) noexcept;
  /// The connection ended: complete only for a body that needs_eof().
  ParseState end_of_stream() noexcept;

  /// Trailer lines, "Name: value\r\n" each; hop-by-hop, framing and routing fields are left out (RFC 9110
  /// §6.5.1).
  const std::string& trailers() const noexcept { return trailers_; }

 private:
  using Base = boost::beast::http::basic_parser<kRequest>;
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;
  using field = boost::beast::http::field;

  void on_request_impl(boost::beast::http::verb verb, string_view method, string_view target, int version,
                       error_code& ec) override;
  void on_response_impl(int code, string_view reason, int version, error_code& ec) override;
  void on_field_impl(field f, string_view name, string_view value, error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& ec) override { ec = {}; }
  std::size_t on_body_impl(string_view body, error_code& ec) override;
  void on_chunk_header_impl(std::uint64_t size, string_view extensions, error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view body, error_code& ec) override;
  void on_finish_impl(error_code& ec) override { ec = {}; }

  ParseState failed(const error_code& ec) noexcept;
  bool is_folded(string_view name, string_view value) const noexcept;
  void take_trailer(http::FieldId id, string_view name, string_view value);

  Head& head_;
  std::size_t max_fields_;
  std::size_t limit_;
  const char* begin_ = nullptr;  // of the bytes being parsed: values outside were unfolded
  const char* end_ = nullptr;
  std::span<char> out_{};
  std::size_t produced_ = 0;
  std::size_t head_size_ = 0;
  std::optional<std::uint64_t> content_length_;
  std::uint64_t remaining_ = 0;  // of a body framed by Content-Length, or of the current chunk
  std::string trailers_;
  const char* what_ = "";
  bool has_start_line_ = false;
  bool head_done_ = false;
  bool no_body_ = false;
  bool too_many_ = false;
};

extern template class MessageParser<true>;
extern template class MessageParser<false>;
using RequestParser = MessageParser<true>;
using ResponseParser = MessageParser<false>;

}  // namespace forebay::io
