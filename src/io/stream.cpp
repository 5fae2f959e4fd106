#include "forebay/io/stream.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>

namespace forebay::io {
namespace {

using boost::system::error_code;
using ReadOutcome = std::pair<error_code, std::size_t>;

void close_socket(Socket& socket) noexcept {
  error_code ignored;
  socket.close(ignored);
}

/// Nothing to read and no end: what a healthy idle connection looks like.
bool has_nothing_to_read(Socket& socket) noexcept {
  if (!socket.is_open()) return false;
  char byte = 0;
  const auto n = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

class PlainStream final : public Stream {
 public:
  PlainStream(Socket socket, Sweep& sweep) : Stream(sweep), socket_(std::move(socket)) {}

  Awaitable<ReadOutcome> read_some(asio::mutable_buffer out) override {
    auto [ec, n] = co_await socket_.async_read_some(out, kUse);
    co_return ReadOutcome{ec, n};
  }
  Awaitable<error_code> write(std::span<const asio::const_buffer> buffers) override {
    auto [ec, n] = co_await asio::async_write(socket_, buffers, kUse);
    co_return ec;
  }
  void close() noexcept override { close_socket(socket_); }
  bool is_quiet() noexcept override { return has_nothing_to_read(socket_); }

 private:
  Socket socket_;
};

class TlsStream final : public Stream {
 public:
  TlsStream(Socket socket, asio::ssl::context& context, Sweep& sweep)
      : Stream(sweep), tls_(std::move(socket), context) {}

  Awaitable<ReadOutcome> read_some(asio::mutable_buffer out) override {
    auto [ec, n] = co_await tls_.async_read_some(out, kUse);
    co_return ReadOutcome{ec, n};
  }
  Awaitable<error_code> write(std::span<const asio::const_buffer> buffers) override {
    auto [ec, n] = co_await asio::async_write(tls_, buffers, kUse);
    co_return ec;
  }
  void close() noexcept override { close_socket(tls_.next_layer()); }

  bool is_quiet() noexcept override {
    auto* ssl = tls_.native_handle();
    const bool pending = SSL_has_pending(ssl) != 0 || BIO_ctrl_pending(SSL_get_rbio(ssl)) > 0;
    return !pending && (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) == 0 &&
           has_nothing_to_read(tls_.next_layer());
  }

  asio::ssl::stream<Socket>& tls() noexcept { return tls_; }

 private:
  asio::ssl::stream<Socket> tls_;
};

/// Sets what the peer is called and what its certificate has to prove. False when OpenSSL refuses the name.
bool expect_peer(SSL* ssl, const TlsPeer& peer) {
  error_code not_an_address;
  asio::ip::make_address(peer.server_name, not_an_address);
  const bool is_name = not_an_address && !peer.server_name.empty();
  // RFC 6066 §3: SNI carries names only
  if (is_name && SSL_set_tlsext_host_name(ssl, peer.server_name.c_str()) != 1) return false;
  SSL_set_verify(ssl, peer.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!peer.verify) return true;
  auto* expected = SSL_get0_param(ssl);
  if (!is_name) return X509_VERIFY_PARAM_set1_ip_asc(expected, peer.server_name.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(expected, peer.server_name.data(), peer.server_name.size()) == 1;
}

}  // namespace

std::unique_ptr<Stream> plain_stream(Socket socket, Sweep& sweep) {
  return std::make_unique<PlainStream>(std::move(socket), sweep);
}

Awaitable<TlsOutcome> tls_stream(Socket socket, asio::ssl::context& context, const TlsPeer& peer,
                                 Sweep& sweep, std::chrono::milliseconds limit, Cancel* cancel) {
  TlsOutcome outcome;
  auto stream = std::make_unique<TlsStream>(std::move(socket), context, sweep);
  auto* ssl = stream->tls().native_handle();
  if (!expect_peer(ssl, peer)) {
    outcome.error = asio::error::invalid_argument;
    outcome.detail = "\"" + peer.server_name + "\" is not a name that a certificate can have";
    co_return outcome;
  }
  const OnCancel wake(cancel, [raw = stream.get()] { raw->close(); });
  stream->deadline().arm(limit);
  auto [ec] = co_await stream->tls().async_handshake(asio::ssl::stream_base::client, kUse);
  stream->deadline().disarm();
  outcome.error = ec;
  if (!ec) {
    outcome.stream = std::move(stream);
    co_return outcome;
  }
  const auto verdict = SSL_get_verify_result(ssl);
  outcome.timed_out = stream->deadline().has_fired();
  outcome.certificate_refused = peer.verify && verdict != X509_V_OK && !outcome.timed_out;
  outcome.detail = outcome.certificate_refused ? X509_verify_cert_error_string(verdict) : ec.message();
  co_return outcome;
}

}  // namespace forebay::io
