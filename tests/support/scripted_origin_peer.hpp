// The origin's end of one connection: blocking, for scripts that run on a thread of their own.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/certificate.hpp"
#include "support/gate.hpp"

namespace forebay::test {

using OriginFields = std::vector<std::pair<std::string, std::string>>;

/// A request as the origin received it.
struct OriginRequest {
  std::string method;
  std::string target;
  std::string version;  // "HTTP/1.1"
  OriginFields fields;
  std::string body;  // without framing
  bool has_whole_body = false;
  OriginFields trailers;
  std::size_t connection = 0;  // the connection's number, from 1
  std::size_t number = 0;      // how many requests for this path came so far, with this one
  std::string head;            // the bytes received

  /// The target without its query.
  std::string path() const { return target.substr(0, target.find('?')); }
  /// The value of the first field line of that name, ignoring case; "" without one.
  std::string field(std::string_view name) const;
  bool has(std::string_view name) const;
};

/// One connection. Everything but kill() belongs to the thread that serves it.
class OriginPeer {
 public:
  /// Takes the socket; `tls` may be nothing.
  OriginPeer(int socket, SSL_CTX* tls, std::size_t number, Gates& gates);
  ~OriginPeer() { close(); }
  OriginPeer(const OriginPeer&) = delete;
  OriginPeer& operator=(const OriginPeer&) = delete;

  std::size_t number() const noexcept { return number_; }
  /// False when the TLS handshake fails. Nothing to do without TLS.
  bool handshake();

  /// All of it, or false when the client has gone.
  bool send(std::string_view bytes);
  /// The next request, whole or only its head; nothing when the client has closed. `body` is what was
  /// received of it.
  std::optional<OriginRequest> read_request();
  std::optional<OriginRequest> read_head();
  bool read_body(OriginRequest& request);
  /// Exactly `size` bytes, fewer when the client closes before.
  std::string read(std::size_t size);
  /// Waits until the client has closed, dropping what it sends.
  void wait_for_close();

  /// Waits at the gate; false when the client closes before it is opened.
  bool wait(const std::string& gate);

  void end_sending();  // FIN; reading goes on
  void close();        // both ways
  void reset();        // RST: the client sees "connection reset by peer"

  /// From another thread: ends all reading and writing.
  void kill();

 private:
  bool fill();  // reads some more into unread_
  std::optional<std::string> read_line();
  std::optional<OriginFields> read_fields();
  bool read_chunks(OriginRequest& request);

  struct FreeSsl {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  };
  std::mutex mutex_;  // guards closing against kill()
  int socket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::size_t number_;
  Gates& gates_;
  std::string unread_;
};

}  // namespace forebay::test
