#include "demo_origin.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <string>
#include <string_view>
#include <thread>

#include "forebay/io/asio.hpp"

namespace forebay::app {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using DemoSocket = asio::basic_stream_socket<tcp, io::Executor>;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

constexpr std::uint64_t kLargeBytes = 100'000'000;

Response text(const Request& request, http::status status, std::string_view type, std::string body,
              std::string_view control) {
  Response response(status, request.version());
  response.set(http::field::server, "demo-origin");
  response.set(http::field::content_type, boost::beast::string_view(type.data(), type.size()));
  response.set(http::field::cache_control, boost::beast::string_view(control.data(), control.size()));
  response.body() = std::move(body);
  response.prepare_payload();
  response.keep_alive(false);
  return response;
}

}  // namespace

class DemoOrigin::Impl {
 public:
  Impl() : acceptor_(context_.get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    port_ = acceptor_.local_endpoint().port();
    asio::co_spawn(context_.get_executor(), accept(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Impl() {
    context_.stop();
    thread_.join();
  }
  std::uint16_t port() const noexcept { return port_; }

 private:
  io::Awaitable<void> accept() {
    for (;;) {
      DemoSocket socket(context_.get_executor());
      const auto [ec] = co_await acceptor_.async_accept(socket, io::kUse);
      if (!ec) asio::co_spawn(context_.get_executor(), serve(std::move(socket)), asio::detached);
    }
  }

  io::Awaitable<void> serve(DemoSocket socket) {
    boost::beast::flat_buffer buffer;
    Request request;
    const auto [ec, n] = co_await http::async_read(socket, buffer, request, io::kUse);
    if (ec) co_return;
    const std::string target(request.target());
    ++requests_;
    if (target == "/large" && !failing_) co_return co_await send_large(socket);
    if (target.starts_with("/api/slow") && !failing_) {
      io::Timer timer(context_.get_executor());
      timer.expires_after(std::chrono::seconds(2));
      co_await timer.async_wait(io::kUse);
    }
    auto response = answer(request, target);
    co_await http::async_write(socket, response, io::kUse);
  }

  Response answer(const Request& request, std::string_view target) {
    const auto number = std::to_string(requests_);
    if (target == "/api/fail" && request.method() == http::verb::post) {
      failing_ = !failing_;
      return text(request, http::status::ok, "text/plain",
                  failing_ ? "failing from now on\n" : "well again\n", "no-store");
    }
    if (failing_)
      return text(request, http::status::service_unavailable, "text/plain", "the origin fails\n", "no-store");
    if (target == "/")
      return text(request, http::status::ok, "text/html",
                  "<!doctype html><title>forebay</title><p>Request " + number + " of this origin.\n",
                  "max-age=30");
    if (target.starts_with("/api/slow"))
      return text(request, http::status::ok, "application/json", "{\"request\":" + number + "}\n",
                  "max-age=10");
    if (target == "/languages") {
      const std::string language(request[http::field::accept_language]);
      auto response = text(request, http::status::ok, "text/plain",
                           "for Accept-Language \"" + language + "\"\n", "max-age=30");
      response.set(http::field::vary, "Accept-Language");
      return response;
    }
    if (target == "/private")
      return text(request, http::status::ok, "text/plain", "request " + number + "\n", "private, max-age=30");
    return text(request, http::status::not_found, "text/plain", "there is nothing here\n", "max-age=5");
  }

  static io::Awaitable<void> send_large(DemoSocket& socket) {
    const std::string head =
        "HTTP/1.1 200 OK\r\nServer: demo-origin\r\nContent-Type: application/octet-stream\r\n"
        "Cache-Control: max-age=60\r\nContent-Length: " +
        std::to_string(kLargeBytes) + "\r\nConnection: close\r\n\r\n";
    const std::string part(1'000'000, 'x');
    auto [ec, n] = co_await asio::async_write(socket, asio::buffer(head), io::kUse);
    for (std::uint64_t sent = 0; !ec && sent < kLargeBytes; sent += part.size())
      std::tie(ec, n) = co_await asio::async_write(socket, asio::buffer(part), io::kUse);
  }

  asio::io_context context_{1};
  asio::basic_socket_acceptor<tcp, io::Executor> acceptor_;
  std::uint16_t port_ = 0;
  std::uint64_t requests_ = 0;
  bool failing_ = false;
  std::thread thread_;
};

DemoOrigin::DemoOrigin() : impl_(std::make_unique<Impl>()) {}
DemoOrigin::~DemoOrigin() = default;
std::uint16_t DemoOrigin::port() const noexcept { return impl_->port(); }

}  // namespace forebay::app
