// One downstream connection: reads requests, has them answered in order, writes the answers.
//
// A memory hit is answered without suspending: the head is parsed in place, the lifecycle finds the answer, one gathered
// write sends it. Waiting for the next request is a wait for readability, not a read, so an idle connection holds no
// buffer and costs no failing read.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "arena.hpp"
#include "forebay/io/deadline.hpp"
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

class Session final : public proxy::Responder,
                      public std::enable_shared_from_this<Session>,
                      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Session(std::shared_ptr<SessionHost> host, std::shared_ptr<ListenPoint> point, io::Socket socket);
  ~Session() override;

  /// Completes when the connection is closed. Keeps itself alive.
  io::Awaitable<void> run();
  /// Closes now if nothing is being answered, otherwise after the answer.
  void drain();
  void close() noexcept;

  // proxy::Responder
  io::Awaitable<Result<void>> send(const proxy::Answer& answer) override;
  void interim(std::string_view head) override;
  io::Awaitable<Result<void>> start(int status, std::string_view head, std::string_view extra, proxy::BodyPlan plan) override;
  io::Awaitable<Result<void>> write(std::span<const cache::Slice> slices) override;
  io::Awaitable<Result<void>> write(std::string_view bytes) override;
  io::Awaitable<Result<void>> finish(std::string_view trailers) override;
  void close_after() noexcept override { keep_ = false; }
  io::Awaitable<void> tunnel(std::string_view head, std::unique_ptr<io::Stream> upstream, std::string leftover) override;

 private:
  friend class RequestBody;
  enum class Read : std::uint8_t { data, blocked, closed };
  enum class Waiting : std::uint8_t { nothing, idle, head, body, write };
  enum class Written : std::uint8_t { all, blocked, failed };

  // Reading heads.
  Read read_now();
  io::ParseState parse();
  void take_arena();
  void release_arena();
  void arm(Waiting what, std::chrono::milliseconds limit) noexcept;
  void expired();
  bool begin_exchange();
  std::optional<int> refusal_by_limits() const;
  io::Awaitable<void> refuse(int status, std::string_view sentence);
  io::Awaitable<void> refuse_head(io::ParseState state);

  // Answering.
  bool answer_now();
  io::Awaitable<void> answer_later();
  void end_exchange();
  void watch_client();
  io::Awaitable<bool> discard_body();
  io::Awaitable<void> linger();

  // Writing.
  std::string_view connection_lines() const noexcept;
  void compose(const proxy::Answer& answer, Gather& out);
  Written write_now(Gather& out);
  io::Awaitable<Result<void>> write_all(Gather& out);
  void identify_client();

  std::shared_ptr<SessionHost> host_;
  std::shared_ptr<ListenPoint> point_;
  io::Socket socket_;
  io::Deadline deadline_;
  Waiting waiting_ = Waiting::nothing;

  std::string client_address_;
  proxy::Client client_;
  const proxy::Snapshot* client_judged_by_ = nullptr;

  std::unique_ptr<Arena> arena_;
  Input input_;
  std::shared_ptr<const ServiceSettings> settings_;  // of the current request
  std::optional<RequestBody> body_;
  std::optional<proxy::Exchange> exchange_;
  std::optional<proxy::Answer> answer_;
  Gather out_;
  std::string queued_;           // interim heads that wait for the next write
  std::string frame_;            // chunk framing of the part being written
  bool keep_ = true;             // the connection may be used for another request
  bool chunked_ = false;         // the response being streamed is framed in chunks
  bool started_ = false;         // the final response's head is on its way
  bool watching_ = false;
  bool closed_ = false;
};

}  // namespace forebay::server
