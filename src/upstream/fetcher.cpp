#include "forebay/upstream/fetcher.hpp"

#include <utility>
#include <vector>

#include "upstream/reply.hpp"
#include "upstream/retry_rule.hpp"

namespace forebay::upstream {
namespace {

/// The order in which one request tries the servers: each at most once.
class Tour {
 public:
  explicit Tour(Upstream& upstream) : balancer_(upstream.balancer()), left_(upstream.servers().size()) {
    if (left_ > 1) tried_.resize(left_, false);
  }

  bool is_over() const noexcept { return left_ == 0; }
  /// The balancer's choice among the servers not tried yet. Not on a tour that is over.
  std::size_t choose() {
    if (tried_.empty()) return 0;
    return next_untried(balancer_.choose(tried_.size(), attempt_++));
  }
  /// The first server not tried yet, from `index` on and round.
  std::size_t next_untried(std::size_t index) const {
    while (is_tried(index)) index = (index + 1) % tried_.size();
    return index;
  }
  std::size_t left() const noexcept { return left_; }
  std::size_t after(std::size_t index) const {
    return tried_.empty() ? 0 : next_untried((index + 1) % tried_.size());
  }
  void visit(std::size_t index) {
    if (!tried_.empty()) tried_[index] = true;
    --left_;
  }

 private:
  bool is_tried(std::size_t index) const { return !tried_.empty() && tried_[index]; }

  Balancer& balancer_;
  std::vector<bool> tried_;  // empty for a single server
  std::size_t left_;
  std::size_t attempt_ = 0;
};

using Answer = Result<std::unique_ptr<Reply>>;

/// A server, and a place in its quota.
struct Seat {
  std::shared_ptr<Line> line;
  Quota::Permit permit;
};

}  // namespace

class Fetcher::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(std::shared_ptr<Upstream> upstream, const Dependencies& dependencies)
      : upstream_(std::move(upstream)), worker_(dependencies) {
    for (auto& server : upstream_->servers())
      lines_.push_back(std::make_shared<Line>(upstream_, *server, worker_));
  }

  io::Awaitable<Answer> fetch(UpstreamRequest& request);
  const Upstream& upstream() const noexcept { return *upstream_; }

  void close_idle() {
    for (auto& line : lines_) line->pool->clear();
  }
  void retire() {
    for (auto& line : lines_) line->pool->retire();
  }

 private:
  io::Awaitable<Answer> try_servers(UpstreamRequest& request);
  io::Awaitable<Result<Seat>> find_seat(Tour& tour, io::Cancel* cancel);
  io::Awaitable<Answer> ask(Seat seat, UpstreamRequest& request, Retry& verdict);
  static io::Awaitable<Result<std::shared_ptr<Connection>>> connection_for(Line& line, bool fresh,
                                                                           io::Cancel* cancel);

  std::shared_ptr<Upstream> upstream_;
  Dependencies worker_;
  std::vector<std::shared_ptr<Line>> lines_;
};

io::Awaitable<Answer> Fetcher::Impl::fetch(UpstreamRequest& request) {
  const auto self = shared_from_this();  // the Fetcher may go while this is suspended
  worker_.metrics.upstream_requests.add();
  auto answer = co_await try_servers(request);
  if (answer.has_error() && side_at_fault(answer.error().kind) == Side::upstream)
    worker_.metrics.upstream_errors.add();
  co_return answer;
}

io::Awaitable<Answer> Fetcher::Impl::try_servers(UpstreamRequest& request) {
  Tour tour(*upstream_);
  Error last = fail(ErrorKind::no_server, upstream_->name());
  while (!tour.is_over()) {
    auto seat = co_await find_seat(tour, request.cancel);
    if (seat.has_error()) co_return seat.error();
    auto verdict = Retry::none;
    auto answer = co_await ask(std::move(*seat), request, verdict);
    if (answer.has_value() || verdict != Retry::next_server) co_return answer;
    last = answer.error();
    if (!tour.is_over()) worker_.metrics.upstream_retries.add();
  }
  co_return last;
}

/// A place at the server that the balancer chooses, or at another when that one is full. Only when all are
/// full the request waits, for the one chosen.
io::Awaitable<Result<Seat>> Fetcher::Impl::find_seat(Tour& tour, io::Cancel* cancel) {
  if (cancel && cancel->requested()) co_return fail(ErrorKind::cancelled);
  const auto chosen = tour.choose();
  auto index = chosen;
  for (std::size_t i = 0; i < tour.left(); ++i, index = tour.after(index)) {
    auto permit = lines_[index]->server.quota().try_acquire();
    if (!permit) continue;
    tour.visit(index);
    co_return Seat{lines_[index], std::move(*permit)};
  }
  const auto line = lines_[chosen];
  tour.visit(chosen);
  Quota::Waiting waiting{worker_.executor, upstream_->settings().queue_timeout, cancel,
                         &worker_.metrics.upstream_queued};
  auto permit = co_await line->server.quota().acquire(waiting);
  if (permit.has_error()) {
    const auto kind = permit.error().kind;
    co_return fail(kind, kind == ErrorKind::cancelled ? "" : line->name);
  }
  co_return Seat{line, std::move(*permit)};
}

/// One server's answer. After a failure `verdict` says whether another server may be asked.
io::Awaitable<Answer> Fetcher::Impl::ask(Seat seat, UpstreamRequest& request, Retry& verdict) {
  FailedAttempt attempt;
  attempt.method = request.method;
  for (;;) {
    auto connection = co_await connection_for(*seat.line, attempt.repeated, request.cancel);
    if (connection.has_error()) {
      attempt.connected = false;
      attempt.error = connection.error().kind;
      verdict = retry_after(attempt);
      co_return connection.error();
    }
    attempt.connected = true;
    attempt.pooled = (*connection)->is_pooled();
    auto reply =
        std::make_unique<HttpReply>(seat.line, std::move(*connection), std::move(seat.permit), request);
    auto error = co_await reply->start();
    if (!error) co_return std::unique_ptr<Reply>(std::move(reply));
    attempt.error = error->kind;
    attempt.received = reply->client().has_received();
    attempt.body_started = reply->client().has_started_body() && !request.body->rewind();
    verdict = retry_after(attempt);
    if (verdict != Retry::fresh_connection) co_return std::move(*error);
    seat.permit = reply->take_permit();
    attempt.repeated = true;
    worker_.metrics.upstream_retries.add();
  }
}

/// A pooled connection when one is good enough and there is one, a new one otherwise.
io::Awaitable<Result<std::shared_ptr<Connection>>> Fetcher::Impl::connection_for(Line& line, bool fresh,
                                                                                 io::Cancel* cancel) {
  if (!fresh) {
    if (auto pooled = line.pool->take()) co_return pooled;
  }
  auto stream = co_await line.connector.connect(cancel);
  if (stream.has_error()) co_return stream.error();
  co_return std::make_shared<Connection>(std::move(*stream), line.dependencies.metrics);
}

// ---- The public face ------------------------------------------------------------------------------------

Fetcher::Fetcher(std::shared_ptr<Upstream> upstream, const Dependencies& dependencies)
    : impl_(std::make_shared<Impl>(std::move(upstream), dependencies)) {}

Fetcher::~Fetcher() { impl_->retire(); }

io::Awaitable<Result<std::unique_ptr<Reply>>> Fetcher::fetch(UpstreamRequest& request) {
  return impl_->fetch(request);
}

const Upstream& Fetcher::upstream() const noexcept { return impl_->upstream(); }

void Fetcher::close_idle() { impl_->close_idle(); }

}  // namespace forebay::upstream
