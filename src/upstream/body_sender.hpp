// Sends a request body while, and independent of when, the answer is being read.
#pragma once

#include <array>
#include <boost/asio/cancellation_signal.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "forebay/base/result.hpp"
#include "forebay/io/body.hpp"
#include "forebay/io/deadline.hpp"
#include "forebay/io/signal.hpp"
#include "upstream/connection_pool.hpp"

namespace forebay::upstream {

/// A coroutine of its own that moves one body from its source to a connection, framed by Content-Length when
/// the source knows its length and chunked otherwise. Lives on one worker. Shared: it goes on until its
/// pending operation has ended, also when whoever started it has lost interest; source and connection's
/// worker must outlive that.
class BodySender : public std::enable_shared_from_this<BodySender> {
 public:
  struct Setup {
    io::Executor executor;
    io::Sweep& sweep;
    observe::WorkerMetrics& metrics;
    io::BodySource& source;
    std::shared_ptr<Connection> connection;
    std::chrono::milliseconds stall_limit;  // for one write
  };
  explicit BodySender(Setup setup);

  /// `on_end` is called once, on the worker, when neither source nor connection is used any more.
  void start(std::function<void()> on_end);
  /// Ends what is under way, without waiting; `on_end` is not called any more.
  void abandon() noexcept;
  /// Ends what is under way and completes when nothing is. One at a time.
  io::Awaitable<void> stop();

  bool has_ended() const noexcept { return ended_; }
  bool is_sent() const noexcept { return sent_; }
  /// The server has not taken anything for longer than the limit; the connection is closed then.
  bool has_stalled() const noexcept { return stalled_; }
  /// The server has begun to answer: from now on a stall ends the sending, but not the connection.
  void tolerate_stall() noexcept { tolerant_ = true; }
  /// What the source failed with; the connection is closed then, for the request cannot be completed.
  const std::optional<Error>& source_failure() const noexcept { return failure_; }

 private:
  static constexpr std::size_t kPiece = 16 * 1024;
  using Gather = std::span<const io::asio::const_buffer>;

  /// The coroutine's completion: keeps this alive until then, and notices when the coroutine is destroyed
  /// instead.
  struct Ending {
    std::shared_ptr<BodySender> sender;

    explicit Ending(std::shared_ptr<BodySender> of) : sender(std::move(of)) {}
    Ending(Ending&&) = default;
    Ending& operator=(Ending&&) = delete;
    ~Ending() {
      if (sender) sender->ended_ = true;
    }
    void operator()(const std::exception_ptr& exception) { sender->end(exception); }
  };

  io::Awaitable<void> run();
  io::Awaitable<bool> send_piece(std::size_t size);
  io::Awaitable<bool> send_last_chunk();
  io::Awaitable<bool> write(Gather buffers);
  void give_up(Error error);
  void on_stall();
  void end(const std::exception_ptr& exception);

  Setup setup_;
  const std::optional<std::uint64_t> length_;
  std::uint64_t remaining_ = 0;  // of a known length
  std::unique_ptr<char[]> piece_;
  io::Deadline stall_;
  boost::asio::cancellation_signal cancel_;
  std::shared_ptr<io::Signal> done_;
  std::function<void()> on_end_;
  std::optional<Error> failure_;
  bool tolerant_ = false;
  bool stalled_ = false;
  bool stopping_ = false;
  bool sent_ = false;
  bool ended_ = false;
};

}  // namespace forebay::upstream
