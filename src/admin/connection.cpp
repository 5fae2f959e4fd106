#include "connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "forebay/base/strings.hpp"
#include "listen_address.hpp"

namespace forebay::admin {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::flat_buffer;
using Parser = http::request_parser<http::string_body>;

std::string_view view(boost::beast::string_view text) noexcept { return {text.data(), text.size()}; }

Request request_of(const Parser::value_type& message, bool peer_is_local) {
  return {.method = view(message.method_string()),
          .target = view(message.target()),
          .accept = view(message[http::field::accept]),
          .authorization = view(message[http::field::authorization]),
          .origin = view(message[http::field::origin]),
          .body = message.body(),
          .peer_is_local = peer_is_local};
}

/// True if the client sent something that can be answered with an error; false if it is gone or stalled.
bool is_answerable(const error_code& ec) {
  return ec.category() == http::make_error_code(http::error::bad_method).category() &&
         ec != http::error::end_of_stream && ec != http::error::partial_message;
}

Reply refusal(const error_code& ec, const AdminLimits& limits) {
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    return error_reply(431, "head_too_large",
                       "the request head is larger than " + std::to_string(limits.head_bytes) + " bytes");
  }
  if (ec == http::error::body_limit) {
    return error_reply(413, "body_too_large",
                       "the request body is larger than " + std::to_string(limits.body_bytes) + " bytes");
  }
  return error_reply(400, "malformed_request", ec.message());
}

/// Reads a whole request; says `100 Continue` to a client that waits for it.
io::Awaitable<error_code> read_request(Stream& stream, flat_buffer& buffer, Parser& parser) {
  const auto [head_ec, head_size] = co_await http::async_read_header(stream, buffer, parser, io::kUse);
  if (head_ec || parser.is_done()) co_return head_ec;
  if (iequals(view(parser.get()[http::field::expect]), "100-continue")) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [ec, size] = co_await asio::async_write(stream, asio::buffer(kContinue), io::kUse);
    if (ec) co_return ec;
  }
  const auto [body_ec, body_size] = co_await http::async_read(stream, buffer, parser, io::kUse);
  co_return body_ec;
}

struct Framing {
  unsigned version = 11;
  bool keep_alive = false;
  bool head_only = false;  // the reply to a HEAD
};

io::Awaitable<error_code> write_reply(Stream& stream, Reply reply, Framing framing) {
  http::response<http::string_body> message(static_cast<http::status>(reply.status), framing.version);
  message.set(http::field::content_type, reply.content_type);
  message.set(http::field::cache_control, "no-store");
  if (!reply.allow.empty()) message.set(http::field::allow, reply.allow);
  if (!reply.challenge.empty()) message.set(http::field::www_authenticate, reply.challenge);
  message.keep_alive(framing.keep_alive);
  message.content_length(reply.body.size());
  if (!framing.head_only) message.body() = std::move(reply.body);
  const auto [ec, size] = co_await http::async_write(stream, message, io::kUse);
  co_return ec;
}

/// Takes in what the client still sends: closing with bytes unread would reset the connection, and the client
/// might never see the reply.
io::Awaitable<void> linger(Stream& stream, const AdminLimits& limits) {
  error_code ignored;
  stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  stream.expires_after(std::min(limits.deadline, std::chrono::milliseconds(1000)));
  std::array<char, 4096> room;
  for (std::size_t taken = 0; taken < 1024 * 1024;) {
    const auto [ec, size] = co_await stream.async_read_some(asio::buffer(room), io::kUse);
    if (ec) co_return;
    taken += size;
  }
}

}  // namespace

io::Awaitable<void> serve(Stream& stream, const AdminLimits& limits, const Answer& answer) {
  error_code ec;
  const bool peer_is_local = is_local(stream.socket().remote_endpoint(ec)) && !ec;
  flat_buffer buffer(limits.head_bytes + limits.body_bytes);
  for (bool keep_alive = true; keep_alive;) {
    Parser parser;
    parser.header_limit(limits.head_bytes);
    parser.body_limit(limits.body_bytes);
    stream.expires_after(limits.deadline);
    ec = co_await read_request(stream, buffer, parser);
    if (ec && !is_answerable(ec)) co_return;
    const auto& message = parser.get();
    keep_alive = !ec && message.keep_alive();
    auto reply = ec ? refusal(ec, limits) : answer(request_of(message, peer_is_local));
    while (const auto work = reply.work) {
      io::Timer timer(stream.get_executor(), work->pause());
      co_await timer.async_wait(io::kUse);
      if (auto done = work->advance()) reply = std::move(*done);
    }
    const Framing framing{.version = ec ? 11 : message.version(),
                          .keep_alive = keep_alive,
                          .head_only = !ec && message.method() == http::verb::head};
    stream.expires_after(limits.deadline);
    ec = co_await write_reply(stream, std::move(reply), framing);
    if (ec) co_return;
  }
  co_await linger(stream, limits);
}

}  // namespace forebay::admin
