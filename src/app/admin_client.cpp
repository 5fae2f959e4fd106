#include "admin_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <utility>
#include <vector>

#include "forebay/base/strings.hpp"

namespace forebay::app {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

/// The addresses to connect to, one after the other: any-addresses mean this machine, names are looked up.
Result<std::vector<asio::ip::tcp::endpoint>> connectable(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return fail(ErrorKind::invalid_value, "\"" + text + "\" has no port");
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  const auto number = parse_decimal(text.substr(colon + 1));
  if (!number || *number > 65535)
    return fail(ErrorKind::invalid_value, "\"" + text.substr(colon + 1) + "\" is not a port");
  const auto port = static_cast<std::uint16_t>(*number);
  boost::system::error_code ec;
  auto address = asio::ip::make_address(host, ec);
  std::vector<asio::ip::tcp::endpoint> endpoints;
  if (ec) {
    asio::io_context context;
    for (const auto& found : asio::ip::tcp::resolver(context).resolve(host, "", ec))
      endpoints.emplace_back(found.endpoint().address(), port);
    if (ec) return fail(ErrorKind::invalid_value, "\"" + host + "\" is no host: " + ec.message());
    return endpoints;
  }
  if (address.is_unspecified())
    address = address.is_v4() ? asio::ip::address(asio::ip::address_v4::loopback())
                              : asio::ip::address(asio::ip::address_v6::loopback());
  endpoints.emplace_back(address, port);
  return endpoints;
}

Request message_of(const AdminRequest& request) {
  Request message(http::string_to_verb(request.method), request.target, 11);
  message.set(http::field::host, "localhost");
  if (!request.token.empty()) message.set(http::field::authorization, "Bearer " + request.token);
  if (!request.json.empty()) {
    message.set(http::field::content_type, "application/json");
    message.body() = request.json;
    message.prepare_payload();
  }
  return message;
}

template <class Protocol>
Result<AdminReply> ask(const std::vector<typename Protocol::endpoint>& endpoints, const AdminRequest& request,
                       std::chrono::seconds limit) {
  asio::io_context context;
  boost::beast::basic_stream<Protocol> stream(context);
  auto message = message_of(request);
  boost::beast::flat_buffer buffer;
  Response response;
  boost::system::error_code failure = asio::error::timed_out;
  stream.expires_after(limit);
  // Asynchronous, because only asynchronous operations keep to the limit.
  stream.async_connect(endpoints, [&](boost::system::error_code ec, const auto&) {
    if ((failure = ec)) return;
    http::async_write(stream, message, [&](boost::system::error_code written, std::size_t) {
      if ((failure = written)) return;
      http::async_read(stream, buffer, response,
                       [&](boost::system::error_code read, std::size_t) { failure = read; });
    });
  });
  context.run();
  if (failure) return fail(ErrorKind::system_failure, failure.message());
  return AdminReply{static_cast<int>(response.result_int()), std::move(response.body())};
}

}  // namespace

Result<AdminReply> ask_admin(const std::string& address, const AdminRequest& request,
                             std::chrono::seconds limit) {
  if (address.starts_with("unix:")) {
    try {
      return ask<asio::local::stream_protocol>({asio::local::stream_protocol::endpoint(address.substr(5))},
                                               request, limit);
    } catch (const boost::system::system_error& error) {  // a path that is too long
      return fail(ErrorKind::invalid_value, error.what());
    }
  }
  const auto endpoints = connectable(address);
  if (!endpoints) return endpoints.error();
  return ask<asio::ip::tcp>(*endpoints, request, limit);
}

}  // namespace forebay::app
