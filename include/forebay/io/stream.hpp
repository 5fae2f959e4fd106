// A byte stream to a peer: plain or TLS, TCP or Unix, with a deadline for whatever it is doing.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "forebay/io/asio.hpp"
#include "forebay/io/cancel.hpp"
#include "forebay/io/deadline.hpp"

namespace forebay::io {

/// Lives on one worker; one read and one write at a time. Errors are Asio's: when `deadline()` has fired, an
/// operation_aborted means that time ran out. Destruction closes.
class Stream {
 public:
  virtual ~Stream() = default;

  virtual Awaitable<std::pair<boost::system::error_code, std::size_t>> read_some(
      asio::mutable_buffer out) = 0;
  /// Writes everything. The buffers' memory must outlive the operation.
  virtual Awaitable<boost::system::error_code> write(std::span<const asio::const_buffer> buffers) = 0;
  /// Ends whatever is under way with operation_aborted and closes.
  virtual void close() noexcept = 0;
  /// False if the peer has closed or sent something unasked while the stream was idle. Never blocks.
  virtual bool is_quiet() noexcept = 0;

  Deadline& deadline() noexcept { return deadline_; }

 protected:
  explicit Stream(Sweep& sweep) : deadline_(sweep, [this] { close(); }) {}

 private:
  Deadline deadline_;
};

/// Takes a connected socket.
std::unique_ptr<Stream> plain_stream(Socket socket, Sweep& sweep);

/// What a TLS client needs to know of its peer.
struct TlsPeer {
  std::string server_name;  // SNI and the name the certificate must have
  bool verify = true;
};
struct TlsOutcome {
  std::unique_ptr<Stream> stream;   // nothing when it failed
  boost::system::error_code error;  // Asio's
  std::string detail;               // why it failed, in OpenSSL's words
  bool timed_out = false;
  bool certificate_refused = false;
};
/// Performs the handshake as a client on a connected socket, within `limit`. `context`, `peer`, `sweep` and
/// `cancel` (which may be nothing) must outlive the operation; `context` and `sweep` the stream, too.
/// Cancelled or not, a handshake that fails leaves nothing behind but a closed socket.
Awaitable<TlsOutcome> tls_stream(Socket socket, asio::ssl::context& context, const TlsPeer& peer,
                                 Sweep& sweep, std::chrono::milliseconds limit, Cancel* cancel = nullptr);

}  // namespace forebay::io
