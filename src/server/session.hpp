// One downstream connection: reads requests, has them answered in order, writes the answers.
//
// A memory hit is answered where the readiness of the descriptor is noticed, without a coroutine: the head is
// parsed in place, the lifecycle finds the answer, one gathered write sends it. Whatever has to wait (a
// fetch, a body, a full socket, a farewell) makes the session busy: a coroutine takes over until the response
// has been sent, and edges only wake that. An idle connection holds no buffer.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "arena.hpp"
#include "edge_wait.hpp"
#include "forebay/io/deadline.hpp"
#include "forebay/io/readiness.hpp"
#include "forebay/proxy/lifecycle.hpp"
#include "forebay/proxy/responder.hpp"
#include "forebay/server/service.hpp"
#include "gather.hpp"
#include "input.hpp"
#include "request_body.hpp"

namespace forebay::server {

/// What the sessions of one worker share.
struct SessionHost {
  proxy::Worker& worker;
  proxy::Lifecycle lifecycle;
  std::shared_ptr<const ServiceSettings> settings;
  ArenaPool arenas;
  bool draining = false;
};

class Session final
    : public proxy::Responder,
      public io::Watched,
      public std::enable_shared_from_this<Session>,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  /// Takes over a connected, non-blocking descriptor.
  Session(std::shared_ptr<SessionHost> host, std::shared_ptr<ListenPoint> point, int fd);
  ~Session();

  /// Begins to serve; keeps itself alive until the connection is closed.
  void start();
  /// Closes now if nothing is being answered, otherwise after the answer.
  void drain();
  void close() noexcept;

  // io::Watched
  void on_ready(bool readable, bool writable, bool ended) override;

  // proxy::Responder
  io::Awaitable<Result<void>> send(const proxy::Answer& answer) override;
  void interim(std::string_view head) override;
  io::Awaitable<Result<void>> start(int status, std::string_view head, std::string_view extra,
                                    proxy::BodyPlan plan) override;
  io::Awaitable<Result<void>> write(std::span<const cache::Slice> slices) override;
  io::Awaitable<Result<void>> write(std::string_view bytes) override;
  io::Awaitable<Result<void>> finish(std::string_view trailers) override;
  void close_after() noexcept override { keep_ = false; }
  io::Awaitable<void> tunnel(std::string_view head, std::unique_ptr<io::Stream> upstream,
                             std::string leftover) override;

 private:
  friend class RequestBody;
  enum class Read : std::uint8_t { data, blocked, closed };
  enum class Idle : std::uint8_t { nothing, idle, head };
  enum class Written : std::uint8_t { all, blocked, failed };

  // Reading heads; none of these waits.
  void advance();
  bool answer_buffered(io::ParseState state);
  void wait_for_request();
  Read read_now();
  io::ParseState parse();
  void take_arena();
  void release_arena();
  void expired();
  bool begin_exchange();
  std::optional<int> refusal_by_limits() const;
  bool answer_now();
  void end_exchange();
  void identify_client();

  // With a coroutine of its own; the session is busy as long.
  void become_busy(io::Awaitable<void> work);
  io::Awaitable<void> work_to_the_end(std::shared_ptr<Session> keep_alive, io::Awaitable<void> work);
  io::Awaitable<void> answer_later();
  io::Awaitable<void> refuse(int status, std::string_view sentence);
  io::Awaitable<void> refuse_head(io::ParseState state);
  io::Awaitable<bool> discard_body();
  io::Awaitable<void> linger();
  /// Completes with true once the descriptor may be read or written, or the session was closed; false after
  /// `limit`.
  io::Awaitable<bool> until_readable(std::chrono::milliseconds limit);
  io::Awaitable<bool> until_writable(std::chrono::milliseconds limit);
  void wake();

  // Writing.
  std::string_view connection_lines() const noexcept;
  void compose(const proxy::Answer& answer, Gather& out);
  Written write_now(Gather& out);
  io::Awaitable<Result<void>> write_all(Gather& out);
  void frame_part(std::uint64_t size);
  static io::Awaitable<void> carry_to_upstream(std::shared_ptr<Session> self,
                                               std::shared_ptr<io::Stream> upstream);

  std::shared_ptr<SessionHost> host_;
  std::shared_ptr<ListenPoint> point_;
  int fd_;
  std::shared_ptr<Session> self_;      // while it serves
  std::unique_ptr<EdgeWait> reading_;  // made when first busy
  std::unique_ptr<EdgeWait> writing_;  // likewise
  io::Deadline deadline_;              // for the next request's head; runs while not busy
  Idle idle_ = Idle::nothing;
  bool readable_ = true;  // until a receive says otherwise
  bool writable_ = true;  // until a send says otherwise
  bool ended_ = false;    // the client has closed or shut down its side
  bool busy_ = false;

  std::string client_address_;
  proxy::Client client_;
  std::shared_ptr<const proxy::Snapshot> client_judged_by_;

  std::unique_ptr<Arena> arena_;
  Input input_;
  std::shared_ptr<const ServiceSettings> settings_;  // of the current request
  std::optional<RequestBody> body_;
  std::optional<proxy::Exchange> exchange_;
  std::optional<proxy::Answer> answer_;
  Gather out_;
  std::string queued_;        // interim heads that wait for the next write
  std::string frame_;         // chunk framing of the part being written
  bool keep_ = true;          // the connection may be used for another request
  bool chunked_ = false;      // the response being streamed is framed in chunks
  bool until_close_ = false;  // or ends with the connection
  bool started_ = false;      // the final response's head is on its way
  bool carried_ = false;      // a tunnel's other direction has ended
  bool closed_ = false;
};

}  // namespace forebay::server
