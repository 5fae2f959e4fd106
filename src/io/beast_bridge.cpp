#include "forebay/io/beast_bridge.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <cstring>

#include "forebay/base/strings.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/forwarded.hpp"
#include "forebay/http/hop_by_hop.hpp"

namespace forebay::io {
namespace {

namespace beast = boost::beast::http;

std::string_view plain(boost::beast::string_view text) noexcept { return {text.data(), text.size()}; }

/// Beast has recognised the name already: its number becomes ours by one table look-up.
http::FieldId id_of(beast::field field) noexcept {
  static const auto table = [] {
    std::array<http::FieldId, 512> ids{};
    for (unsigned i = 1; i < ids.size(); ++i) {
      const auto name = beast::to_string(static_cast<beast::field>(i));
      ids[i] = http::field_id(plain(name));
      if (i == static_cast<unsigned>(beast::field::xref)) break;  // the last one
    }
    return ids;
  }();
  return table[static_cast<unsigned>(field)];
}

/// The last chunk without trailers.
constexpr std::size_t kShortestEnd = std::string_view("0\r\n\r\n").size();

/// True if the start line is well-formed but for a version we do not speak: Beast says `bad_version` also
/// where no version stands at all (RFC 9112 §2.3, §3).
bool names_another_version(std::string_view received, bool is_request) noexcept {
  const auto line = received.substr(0, received.find('\n'));
  const auto spaces = std::count(line.begin(), line.end(), ' ');
  auto version = line.substr(0, 8);
  if (is_request) {
    if (spaces != 2 || !line.ends_with('\r')) return false;
    version = line.substr(line.rfind(' ') + 1);
    version.remove_suffix(1);
  }
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return false;  // something else is wrong
  return version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) && version[6] == '.' &&
         is_digit(version[7]);
}

bool is_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// RFC 9110 §6.5.1: a trailer must not change framing, routing, authentication or how the content is
/// processed.
bool may_be_trailer(http::FieldId id) noexcept {
  static constexpr http::FieldSet kForbidden{http::FieldId::content_length,
                                             http::FieldId::host,
                                             http::FieldId::cache_control,
                                             http::FieldId::authorization,
                                             http::FieldId::set_cookie,
                                             http::FieldId::cookie,
                                             http::FieldId::content_type,
                                             http::FieldId::content_range,
                                             http::FieldId::content_encoding,
                                             http::FieldId::expect,
                                             http::FieldId::max_forwards,
                                             http::FieldId::vary,
                                             http::FieldId::age,
                                             http::FieldId::expires,
                                             http::FieldId::date};
  return !kForbidden.contains(id) && !http::is_hop_by_hop(id) && !http::is_forwarding_field(id);
}

}  // namespace

template <bool kRequest>
MessageParser<kRequest>::MessageParser(Head& head, const ParseLimits& limits)
    : head_(head), max_fields_(limits.fields), limit_(limits.head_bytes) {
  this->header_limit(limits.head_bytes);
  this->body_limit(boost::none);  // the size of bodies is for their reader to limit
  this->eager(true);
  head_.fields.clear();
}

template <bool kRequest>
void MessageParser<kRequest>::expect_no_body() {
  no_body_ = true;
  this->skip(true);
}

template <bool kRequest>
ParseState MessageParser<kRequest>::failed(const error_code& ec) noexcept {
  if (ec == beast::error::need_more) return ParseState::need_more;
  if (too_many_) return ParseState::too_many_fields;
  if (ec == beast::error::header_limit) return ParseState::too_large;
  if (ec == beast::error::bad_version) {
    if (names_another_version(std::string_view(begin_, static_cast<std::size_t>(end_ - begin_)), kRequest))
      return ParseState::bad_version;
    what_ = "the start line is malformed";
    return ParseState::malformed;
  }
  if (*what_ == '\0') {
    switch (static_cast<beast::error>(ec.value())) {
      case beast::error::bad_line_ending: what_ = "a line does not end in CRLF"; break;
      case beast::error::bad_method: what_ = "the method is not a token"; break;
      case beast::error::bad_target: what_ = "the request target has a forbidden character"; break;
      case beast::error::bad_status: what_ = "the status line is malformed"; break;
      case beast::error::bad_reason: what_ = "the reason phrase has a forbidden character"; break;
      case beast::error::bad_field: what_ = "a field name is not a token"; break;
      case beast::error::bad_value: what_ = "a field value has a forbidden character"; break;
      case beast::error::bad_content_length:
        what_ = "Content-Length is malformed or contradicts Transfer-Encoding";
        break;
      case beast::error::multiple_content_length: what_ = "Content-Length is given more than once"; break;
      case beast::error::bad_transfer_encoding:
        what_ = "Transfer-Encoding is malformed or contradicts Content-Length";
        break;
      case beast::error::bad_chunk: what_ = "a chunk size is malformed"; break;
      case beast::error::bad_chunk_extension: what_ = "a chunk extension is malformed"; break;
      default: what_ = "the message is malformed"; break;
    }
  }
  return ParseState::malformed;
}

template <bool kRequest>
ParseState MessageParser<kRequest>::parse_head(std::string_view received) {
  begin_ = received.data();
  end_ = begin_ + received.size();
  const auto rest = received.substr(head_size_);
  error_code ec;
  head_size_ += this->put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
  if (ec && ec != beast::error::need_more) return failed(ec);
  // Beast's limit counts what is left to parse, ours everything from the first byte.
  if (head_size_ > limit_ || (!head_done_ && received.size() >= limit_)) return ParseState::too_large;
  return head_done_ ? ParseState::complete : ParseState::need_more;
}

template <bool kRequest>
void MessageParser<kRequest>::on_request_impl(beast::verb, string_view method, string_view target,
                                              int version, error_code& ec) {
  ec = {};
  if constexpr (kRequest) {
    head_.method_text = plain(method);
    head_.method = http::parse_method(head_.method_text);
    head_.target = plain(target);
    head_.minor_version = version - 10;
    has_start_line_ = true;
  }
}

template <bool kRequest>
void MessageParser<kRequest>::on_response_impl(int code, string_view reason, int version, error_code& ec) {
  ec = {};
  if constexpr (!kRequest) {
    head_.status = code;
    head_.reason = plain(reason);
    head_.minor_version = version - 10;
    has_start_line_ = true;
  }
  if (code < 100 || code > 599) {  // RFC 9110 §15: outside, the class is not known
    what_ = "the status code is out of range";
    ec = beast::error::bad_status;
  }
}

/// RFC 9112 §5.2 lets us refuse folded lines. Beast joins them in a buffer of its own, or, when the first
/// line is empty, starts the value behind a line end.
template <bool kRequest>
bool MessageParser<kRequest>::is_folded(string_view name, string_view value) const noexcept {
  if (value.data() < begin_ || value.data() > end_) return true;
  const auto* colon = name.data() + name.size();
  return std::any_of(colon + 1, value.data(), [](char c) { return c == '\r'; });
}

template <bool kRequest>
void MessageParser<kRequest>::on_field_impl(field f, string_view name, string_view value, error_code& ec) {
  ec = {};
  if (is_folded(name, value)) {
    what_ = "a field value is folded over several lines";
    ec = beast::error::bad_value;
    return;
  }
  const auto id = f == field::unknown ? http::field_id(plain(name)) : id_of(f);
  if (head_done_) return take_trailer(id, name, value);
  if (head_.fields.size() >= max_fields_) {
    too_many_ = true;
    ec = beast::error::header_limit;
    return;
  }
  head_.fields.add(id, plain(name), plain(value));
}

template <bool kRequest>
void MessageParser<kRequest>::on_header_impl(error_code& ec) {
  ec = {};
  const auto refuse = [&](const char* what) {
    what_ = what;
    ec = beast::error::bad_value;
  };
  const auto& fields = head_.fields;
  if (fields.has(http::FieldId::transfer_encoding)) {
    // RFC 9112 §6.1: only `chunked` is understood; HTTP/1.0 does not know transfer codings.
    if (head_.minor_version == 0) return refuse("Transfer-Encoding in an HTTP/1.0 message");
    if (fields.count(http::FieldId::transfer_encoding) != 1 ||
        !iequals(*fields.find(http::FieldId::transfer_encoding), "chunked"))
      return refuse("Transfer-Encoding is not exactly one chunked");
    if (fields.has(http::FieldId::content_length)) return refuse("both Content-Length and Transfer-Encoding");
    if constexpr (!kRequest) {
      // §6.1: must not be; a sender that frames it all the same would have its chunks taken for the next
      // head.
      if (head_.status < 200) return refuse("Transfer-Encoding in an interim response");
    }
  }
  if (fields.has(http::FieldId::content_length)) {
    const auto value = *fields.find(http::FieldId::content_length);
    if (fields.count(http::FieldId::content_length) != 1)
      return refuse("Content-Length is given more than once");
    content_length_ = is_digits(value) ? parse_decimal(value) : std::nullopt;
    if (!content_length_) return refuse("Content-Length is malformed");
    remaining_ = has_body() ? *content_length_ : 0;
  }
  head_done_ = true;
  this->eager(false);
}

template <bool kRequest>
bool MessageParser<kRequest>::has_body() const noexcept {
  if (no_body_) return false;
  if constexpr (!kRequest) {
    if (head_.status < 200 || head_.status == 204 || head_.status == 304) return false;  // RFC 9112 §6.3
    return !content_length_ || *content_length_ > 0;
  } else {
    return head_.fields.has(http::FieldId::transfer_encoding) || content_length_.value_or(0) > 0;
  }
}

template <bool kRequest>
bool MessageParser<kRequest>::is_chunked() const noexcept {
  return head_.fields.has(http::FieldId::transfer_encoding);
}

template <bool kRequest>
bool MessageParser<kRequest>::needs_eof() const noexcept {
  return !kRequest && has_body() && !is_chunked() && !content_length_;
}

template <bool kRequest>
bool MessageParser<kRequest>::keep_alive() const noexcept {
  if constexpr (!kRequest) {
    if (is_chunked() && head_.status == 204)
      return false;  // RFC 9112 §6.1 forbids it: chunks may follow or not
  }
  // RFC 9112 §9.3: `close` wins; Beast heeds `keep-alive` alone in HTTP/1.0.
  if (head_.minor_version == 0 && http::has_element(head_.fields, http::FieldId::connection, "close"))
    return false;
  return Base::keep_alive() && !needs_eof();
}

template <bool kRequest>
auto MessageParser<kRequest>::decode(std::string_view input, std::span<char> out) -> Decoded {
  if (!has_body()) return {ParseState::complete, 0, 0};
  if (!is_chunked()) {
    auto n = std::min(input.size(), out.size());
    if (content_length_) n = static_cast<std::size_t>(std::min<std::uint64_t>(n, remaining_));
    if (n > 0) std::memcpy(out.data(), input.data(), n);
    return {direct(n), n, n};
  }
  out_ = out;
  produced_ = 0;
  begin_ = input.data();
  end_ = begin_ + input.size();
  Decoded decoded;
  while (!this->is_done() && produced_ < out.size()) {
    error_code ec;
    const auto rest = input.substr(decoded.consumed);
    // Outside of a chunk's data "0\r\n\r\n" is the least that can follow: Beast asserts that it gets so much.
    if (remaining_ == 0 && rest.size() < kShortestEnd) break;
    const auto n = this->put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
    decoded.consumed += n;
    decoded.produced = produced_;
    if (ec) {
      decoded.state = failed(ec);
      return decoded;
    }
    if (n == 0 && !this->is_done()) break;
  }
  decoded.state = this->is_done() ? ParseState::complete : ParseState::need_more;
  return decoded;
}

template <bool kRequest>
std::size_t MessageParser<kRequest>::on_body_impl(string_view body, error_code& ec) {
  return on_chunk_body_impl(0, body, ec);
}

/// RFC 9110 §5.6.4: no control characters in a quoted string. Beast lets them pass, and a bare LF is where
/// another recipient may see the end of the line.
template <bool kRequest>
void MessageParser<kRequest>::on_chunk_header_impl(std::uint64_t size, string_view extensions,
                                                   error_code& ec) {
  ec = {};
  remaining_ = size;
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  };
  if (std::any_of(extensions.begin(), extensions.end(), is_control)) ec = beast::error::bad_chunk_extension;
}

template <bool kRequest>
std::size_t MessageParser<kRequest>::on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) {
  ec = {};
  const auto n = std::min(body.size(), out_.size() - produced_);
  remaining_ -= n;
  if (n > 0) std::memcpy(out_.data() + produced_, body.data(), n);
  produced_ += n;
  return n;
}

template <bool kRequest>
std::uint64_t MessageParser<kRequest>::direct_bytes() const noexcept {
  if (!has_body() || is_chunked()) return 0;
  return content_length_ ? remaining_ : std::uint64_t{1} << 30;
}

template <bool kRequest>
ParseState MessageParser<kRequest>::direct(std::size_t read) noexcept {
  if (!content_length_) return ParseState::need_more;
  remaining_ -= read;
  return remaining_ == 0 ? ParseState::complete : ParseState::need_more;
}

template <bool kRequest>
ParseState MessageParser<kRequest>::end_of_stream() noexcept {
  return head_done_ && needs_eof() ? ParseState::complete : ParseState::malformed;
}

template <bool kRequest>
void MessageParser<kRequest>::take_trailer(http::FieldId id, string_view name, string_view value) {
  if (may_be_trailer(id)) http::append_field(trailers_, plain(name), plain(value));
}

template class MessageParser<true>;
template class MessageParser<false>;

}  // namespace forebay::io
