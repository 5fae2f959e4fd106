// The body of the request being answered, read from the connection as it is asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "forebay/io/body.hpp"

namespace forebay::server {

class Session;

/// Lives in its session, for one request. Sends 100 Continue before the first read when the client waits for
/// it (RFC 9110 §10.1.1). Fails with request_too_large, request_malformed, client_stalled or client_gone.
class RequestBody final : public io::BodySource {
 public:
  RequestBody(Session& session, std::uint64_t limit, bool expects_continue);

  io::Awaitable<Result<std::size_t>> read_some(io::asio::mutable_buffer out) override;
  std::optional<std::uint64_t> length() const noexcept override;
  const std::string& trailers() const noexcept override;

  bool is_complete() const noexcept { return complete_; }
  /// Not a byte was asked for: a client that waits for 100 Continue has sent nothing.
  bool is_untouched_and_expected() const noexcept { return expects_continue_; }

 private:
  io::Awaitable<Result<void>> receive();

  Session& session_;
  std::uint64_t limit_;
  std::uint64_t received_ = 0;
  bool expects_continue_;
  bool complete_ = false;
};

}  // namespace forebay::server
