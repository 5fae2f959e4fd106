#include "health_check.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <iostream>
#include <stdexcept>

#include "forebay/base/strings.hpp"

namespace forebay::app {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Response = http::response<http::string_body>;
constexpr std::chrono::seconds kLimit{5};

/// The address to connect to: any-addresses mean this machine.
asio::ip::tcp::endpoint connectable(const std::string& host, const std::string& port) {
  auto address = asio::ip::make_address(host);
  if (address.is_unspecified())
    address = address.is_v4() ? asio::ip::address(asio::ip::address_v4::loopback())
                              : asio::ip::address(asio::ip::address_v6::loopback());
  const auto number = parse_decimal(port);
  if (!number || *number > 65535) throw std::runtime_error("\"" + port + "\" is not a port");
  return {address, static_cast<std::uint16_t>(*number)};
}

template <class Protocol>
Response ask(const typename Protocol::endpoint& endpoint) {
  asio::io_context context;
  boost::beast::basic_stream<Protocol> stream(context);
  http::request<http::empty_body> request(http::verb::get, "/readyz", 11);
  request.set(http::field::host, "localhost");
  boost::beast::flat_buffer buffer;
  Response response;
  boost::system::error_code failure = asio::error::timed_out;
  stream.expires_after(kLimit);
  // Asynchronous, because only asynchronous operations keep to the limit.
  stream.async_connect(endpoint, [&](boost::system::error_code ec) {
    if ((failure = ec)) return;
    http::async_write(stream, request, [&](boost::system::error_code written, std::size_t) {
      if ((failure = written)) return;
      http::async_read(stream, buffer, response,
                       [&](boost::system::error_code read, std::size_t) { failure = read; });
    });
  });
  context.run();
  if (failure) throw std::runtime_error(failure.message());
  return response;
}

Response ask_at(const std::string& address) {
  if (address.starts_with("unix:")) return ask<asio::local::stream_protocol>({address.substr(5)});
  const auto colon = address.rfind(':');
  auto host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return ask<asio::ip::tcp>(connectable(host, address.substr(colon + 1)));
}

}  // namespace

int health_check(const std::string& address) {
  try {
    const auto response = ask_at(address);
    if (response.result() == http::status::ok) return 0;
    std::cerr << "forebay at " << address << " is not ready:\n" << response.body();
  } catch (const std::exception& error) {
    std::cerr << "forebay at " << address << " does not answer: " << error.what() << "\n";
  }
  return 1;
}

}  // namespace forebay::app
