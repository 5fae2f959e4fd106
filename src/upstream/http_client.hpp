// One request and its answer on one connection (RFC 9112).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "forebay/base/clock.hpp"
#include "forebay/io/beast_bridge.hpp"
#include "forebay/io/body.hpp"
#include "forebay/upstream/fetcher.hpp"
#include "upstream/body_sender.hpp"
#include "upstream/receive_buffer.hpp"

namespace forebay::upstream {

/// Lives on one worker; not movable, for the head is full of views into it. Destroying it before the end of
/// the answer closes the connection. As a BodySource it is the answer's body.
class HttpClient final : public io::BodySource {
 public:
  struct Setup {
    std::shared_ptr<Connection> connection;
    UpstreamRequest& request;          // outlives this
    const UpstreamSettings& settings;  // outlives this
    const Fetcher::Dependencies& dependencies;
    std::string_view server;  // its name in errors
    /// Called once, after the final head has come, when the answer is complete or has failed: with the
    /// connection when it can be used again, otherwise with nothing. Not called after a 101.
    std::function<void(std::shared_ptr<Connection>)> on_end;
  };
  explicit HttpClient(Setup setup);
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends the request's head, starts sending its body and completes with the final answer's head, or with
  /// what went wrong; the request's body is not read any more then.
  io::Awaitable<std::optional<Error>> exchange_heads();
  const http::ResponseHead& head() const noexcept { return head_; }

  io::Awaitable<Result<std::size_t>> read_some(io::asio::mutable_buffer out) override;
  std::optional<std::uint64_t> length() const noexcept override;
  const std::string& trailers() const noexcept override { return parser_->trailers(); }

  bool has_received() const noexcept { return received_; }
  bool has_started_body() const noexcept { return sender_ != nullptr; }
  bool request_sent() const noexcept { return head_sent_ && (!sender_ || sender_->is_sent()); }
  WallTime request_time() const noexcept { return request_time_; }
  WallTime response_time() const noexcept { return response_time_; }

  io::Awaitable<void> stop_sending();
  /// After a 101: the connection, and the bytes behind the head. Nothing otherwise.
  std::shared_ptr<Connection> take_connection(std::string& leftover);

 private:
  enum class Phase : std::uint8_t { head, body, ended };
  using MaybeError = std::optional<Error>;
  using Count = Result<std::size_t>;

  io::Awaitable<void> send_head();
  void start_body();
  io::Awaitable<MaybeError> receive_final_head();
  io::Awaitable<MaybeError> receive_head();
  void expect_head();
  io::Awaitable<Count> receive_body(io::asio::mutable_buffer out);
  io::Awaitable<Count> receive_body_bytes(io::asio::mutable_buffer out);
  io::Awaitable<Count> receive(io::asio::mutable_buffer out);
  io::Awaitable<void> finish();
  io::Awaitable<void> break_off(Error error);

  io::Stream& stream() noexcept { return setup_.connection->stream(); }
  std::size_t max_head() const noexcept;
  bool is_cancelled() const noexcept;
  bool can_be_reused() const noexcept;
  Error bad_answer(io::ParseState state) const;
  Error read_failure(const std::string& why) const;
  Error failure(ErrorKind kind, std::string_view why) const;

  Setup setup_;
  std::optional<io::OnCancel> wake_;
  http::ResponseHead head_;
  std::optional<io::ResponseParser> parser_;
  ReceiveBuffer buffer_;
  std::shared_ptr<BodySender> sender_;
  WallTime request_time_{};
  WallTime response_time_{};
  SteadyTime sent_at_{};
  std::optional<Error> failure_;
  Phase phase_ = Phase::head;
  bool head_sent_ = false;
  bool received_ = false;
};

}  // namespace forebay::upstream
