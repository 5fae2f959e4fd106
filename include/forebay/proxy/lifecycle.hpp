// The life of a request. Its steps stand in lifecycle.cpp, readable from top to bottom; those of a QUERY
// alone in lifecycle_query.cpp, what they end with in lifecycle_deliver.cpp.
#pragma once

#include <optional>

#include "forebay/io/asio.hpp"
#include "forebay/proxy/exchange.hpp"
#include "forebay/proxy/worker.hpp"

namespace forebay::proxy {

struct OpenSlice;

/// Answers exchanges on one worker. Stateless but for the worker it belongs to, which outlives it.
class Lifecycle {
 public:
  explicit Lifecycle(Worker& worker) : worker_(worker) {}

  /// As far as it goes without waiting: a memory hit, a 304 or a refusal comes back as the answer to send.
  /// Nothing means that run() has to go on. Does not suspend and, for a hit, does not allocate.
  std::optional<Answer> begin(Exchange& x);

  /// Goes on after begin() and completes when the response has been sent, or cannot be sent. What the
  /// exchange refers to must outlive it. Requesting `x.gone` makes it complete early; a shared fetch it
  /// started goes on alone.
  io::Awaitable<void> run(Exchange& x);

  /// An answer that refuses the request without asking anybody; for what the connection finds wrong by
  /// itself.
  Answer refuse(Exchange& x, int status, std::string_view sentence);

  /// Always called at the end, however it came: metrics and the access log.
  void finish(Exchange& x);

 private:
  // Steps; each says what comes next by what it returns.
  std::optional<Answer> classify(Exchange& x);
  std::optional<Answer> answer_from_memory(Exchange& x);
  // True when the exchange is over; false: another turn.
  io::Awaitable<bool> serve(Exchange& x, const cache::Found& found, const cache::Reuse& reuse);
  io::Awaitable<bool> lead(Exchange& x, flight::Lead lead, const cache::Found& found,
                           const cache::Reuse& reuse, std::optional<std::uint64_t> slice);
  io::Awaitable<bool> follow(Exchange& x, const std::shared_ptr<flight::Flight>& flight,
                             const cache::Found& found, const cache::Reuse& reuse,
                             std::optional<std::uint64_t> slice);
  void follow_elsewhere(Exchange& x, const cache::StoredResponse& response, http::CacheStatus& status);
  /// `stored`: what may be served if the upstream fails.
  io::Awaitable<void> pass(Exchange& x, cache::PassReason reason, cache::StoredResponsePtr stored);

  // Parts of the steps.
  /// A QUERY: reads its content, then goes on as begin() and run() do with other requests.
  io::Awaitable<void> run_query(Exchange& x);
  io::Awaitable<void> take_turns(Exchange& x);
  void write_key(Exchange& x);
  void find_partition(Exchange& x);
  cache::Found look_once_more(Exchange& x, cache::Found found);
  cache::Reuse decide(const Exchange& x, const cache::Found& found);
  /// What memory lacks may be in Redis.
  io::Awaitable<cache::Found> look_into_redis(Exchange& x, cache::Found found);
  Answer refuse_to_fetch(Exchange& x, const cache::Reuse& reuse);
  Answer answer_stored(Exchange& x, const cache::Found& found, const cache::Reuse& reuse);
  flight::FlightTable::Seat take_seat(Exchange& x, const cache::Found& found,
                                      std::optional<std::uint64_t> slice);
  io::Awaitable<void> deliver_stream(Exchange& x, const flight::Verdict& verdict,
                                     flight::BodyFeed::Reader& reader, const http::CacheStatus& status);
  io::Awaitable<bool> deliver_renewed(Exchange& x, const flight::Verdict& verdict, http::CacheStatus status);
  /// `first`: a slice that is open already, if it has a reader.
  io::Awaitable<bool> deliver_slices(Exchange& x, cache::StoredResponsePtr head, http::CacheStatus status,
                                     OpenSlice first);
  io::Awaitable<void> send(Exchange& x, const Answer& answer);
  io::Awaitable<void> send_error(Exchange& x, const Error& error, http::ForwardReason why);
  /// A stored response in the place of an error, where it may be served then; otherwise the error.
  io::Awaitable<void> send_failure(Exchange& x, const Error& error, int upstream_status,
                                   const cache::StoredResponsePtr& stored);
  Answer answer_despite_error(Exchange& x, const cache::StoredResponsePtr& stored, http::ForwardReason why,
                              std::optional<int> upstream_status);

  static void enter(Exchange& x, Phase phase) noexcept { x.phase = phase; }

  Worker& worker_;
};

}  // namespace forebay::proxy
