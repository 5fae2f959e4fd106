#include "tier/redis_node.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace forebay::tier {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

/// Whether a reply says that the node cannot serve at present, whatever it is asked.
bool is_unwell(const RedisReply& reply) noexcept {
  static constexpr std::array<std::string_view, 6> kCodes{"LOADING",     "MASTERDOWN", "BUSY",
                                                          "CLUSTERDOWN", "NOAUTH",     "DENIED"};
  if (!reply.is_error()) return false;
  if (reply.text.starts_with("ERR max number of clients")) return true;
  return std::find(kCodes.begin(), kCodes.end(), reply.error_code()) != kCodes.end();
}

}  // namespace

RedisNode::RedisNode(std::shared_ptr<RedisTarget> target, RedisAddress address,
                     const RedisClient::Dependencies& dependencies, RedisLogin login)
    : target_(std::move(target)),
      address_(std::move(address)),
      dependencies_(dependencies),
      login_(login),
      breaker_(target_->settings().breaker),
      waiters_(dependencies.executor),
      pause_(io::Signal::make(dependencies.executor)),
      before_connect_(io::Signal::make(dependencies.executor)) {}

RedisNode::~RedisNode() {
  if (breaker_.state() != BreakerState::closed) dependencies_.metrics.redis_nodes_open.add(-1);
}

RedisNodeState RedisNode::state() const {
  return {address_.text(), breaker_.state(), pipeline_ && pipeline_->is_open()};
}

void RedisNode::close(Error why) {
  closed_ = why;
  stop_.request();
  pause_->notify_here();
  before_connect_->notify_here();
  waiters_.wake_all();
  if (pipeline_) pipeline_->close(std::move(why));
}

RedisConnection::Setup RedisNode::setup() const {
  return {.target = target_,
          .address = address_,
          .executor = dependencies_.executor,
          .sweep = dependencies_.sweep,
          .metrics = dependencies_.metrics,
          .reply_limits = dependencies_.reply_limits,
          .login = login_};
}

// ---- Calls ----------------------------------------------------------------------------------------------

io::Awaitable<RedisNode::Outcome> RedisNode::call(RedisBatchPtr batch, milliseconds limit,
                                                  io::Cancel* cancel) {
  const auto self = shared_from_this();
  const auto ticket = breaker_.admit();
  if (!ticket) co_return left_alone_;
  const auto begun = now();
  auto pipeline = co_await connected(limit, cancel);
  if (pipeline.has_error()) {
    Outcome failed = pipeline.error();
    judge(*ticket, failed, begun, limit);
    co_return failed;
  }
  const auto since = now();
  const auto left = std::max(milliseconds(1), limit - (since - begun));
  auto outcome = co_await (*pipeline)->call(std::move(batch), left, cancel);
  judge(*ticket, outcome, since, limit);
  co_return outcome;
}

io::Awaitable<RedisConnection::Opened> RedisNode::open(milliseconds limit, io::Cancel* cancel) {
  const auto self = shared_from_this();
  co_return co_await RedisConnection::open(setup(), limit, cancel);
}

/// The verdict on one call or probe that had `limit`.
void RedisNode::judge(Breaker::Ticket ticket, const Outcome& outcome, SteadyTime since, milliseconds limit) {
  if (stop_.requested()) return;
  const auto before = breaker_.state();
  switch (verdict(outcome, limit)) {
    case Verdict::good: breaker_.succeeded(ticket, now() - since, now(), dependencies_.chance()); break;
    case Verdict::bad: breaker_.failed(ticket, now(), dependencies_.chance()); break;
    case Verdict::none: breaker_.forget(ticket); break;
  }
  if (before != breaker_.state()) update(before, reason(outcome));
}

/// Our own bounds and cancellations say nothing about the node, nor does a call that had next to no time.
RedisNode::Verdict RedisNode::verdict(const Outcome& outcome, milliseconds limit) const {
  if (outcome.has_value())
    return std::any_of(outcome->begin(), outcome->end(), is_unwell) ? Verdict::bad : Verdict::good;
  const auto& settings = target_->settings();
  switch (outcome.error().kind) {
    case ErrorKind::redis_unavailable:
    case ErrorKind::redis_protocol: return Verdict::bad;
    case ErrorKind::redis_timeout:
      return limit < std::min(settings.breaker.slow, settings.timeout) ? Verdict::none : Verdict::bad;
    default: return Verdict::none;
  }
}

Error RedisNode::reason(const Outcome& outcome) const {
  if (outcome.has_error()) return outcome.error();
  const auto reply = std::find_if(outcome->begin(), outcome->end(), is_unwell);
  const auto why = reply == outcome->end() ? "it answers slowly" : std::string(reply->error_code());
  return fail(ErrorKind::redis_error, address_.text() + ": " + why);
}

/// What a change of the breaker's state brings with it.
void RedisNode::update(BreakerState before, const Error& why) {
  const auto state = breaker_.state();
  auto& metrics = dependencies_.metrics;
  if (state == BreakerState::closed) {
    metrics.redis_nodes_open.add(-1);
    dependencies_.log.write(observe::Level::info, "redis " + address_.text() + ": answers again");
    return;
  }
  if (state != BreakerState::open) return;
  left_alone_ = fail(ErrorKind::redis_unavailable, why.detail + " (left alone for a while)");
  if (pipeline_) pipeline_->close(left_alone_);
  if (before != BreakerState::closed) return;
  metrics.redis_nodes_open.add(1);
  metrics.redis_nodes_opened.add();
  dependencies_.log.write(observe::Level::warning, "redis: left alone for a while: " + describe(why));
  connect_failure_ = left_alone_;
  waiters_.wake_all();
  if (std::exchange(recovering_, true)) return;
  asio::co_spawn(dependencies_.executor, recover(), [self = shared_from_this()](std::exception_ptr) {});
}

// ---- Connecting -----------------------------------------------------------------------------------------

io::Awaitable<Result<RedisNode::Pipeline>> RedisNode::connected(milliseconds limit, io::Cancel* cancel) {
  if (pipeline_ && pipeline_->is_open()) co_return pipeline_;
  if (stop_.requested()) co_return closed_;
  if (waiters_.size() >= RedisPipeline::Limits().calls)
    co_return fail(ErrorKind::redis_busy, address_.text());
  if (!std::exchange(connecting_, true))
    asio::co_spawn(dependencies_.executor, connect(), [self = shared_from_this()](std::exception_ptr) {});
  const bool notified = co_await waiters_.wait(limit, cancel);
  if (cancel && cancel->requested()) co_return fail(ErrorKind::cancelled);
  if (stop_.requested()) co_return closed_;
  if (pipeline_ && pipeline_->is_open()) co_return pipeline_;
  if (notified && connect_failure_) co_return *connect_failure_;
  if (notified && pipeline_) co_return *pipeline_->end();  // it came about and was lost again
  co_return fail(ErrorKind::redis_timeout, address_.text() + ": connecting takes long");
}

/// Whoever had a connection to a server that restarts loses it at the same moment: they do not all come back
/// at the same one.
milliseconds RedisNode::spread() const {
  const auto most = static_cast<double>(kReconnectSpread.count());
  return milliseconds(static_cast<milliseconds::rep>(most * dependencies_.chance()));
}

io::Awaitable<void> RedisNode::connect() {
  const auto& settings = target_->settings();
  const bool was_lost = pipeline_ && breaker_.state() == BreakerState::closed;
  if (was_lost) co_await before_connect_->wait(spread());
  auto opened = co_await RedisConnection::open(setup(), settings.connect_timeout, &stop_);
  connecting_ = false;
  if (stop_.requested()) co_return;
  if (opened.has_value()) {
    RedisPipeline::Limits limits;
    limits.stall = std::max(limits.stall, 4 * settings.timeout);
    pipeline_ = std::make_shared<RedisPipeline>(std::move(*opened), limits, dependencies_.executor);
    pipeline_->start();
    connect_failure_.reset();
  } else {
    connect_failure_ = opened.error();
    const auto before = breaker_.state();
    if (before == BreakerState::closed) {
      breaker_.trip(now(), dependencies_.chance());
      update(before, Error(*connect_failure_));
    }
  }
  waiters_.wake_all();
}

// ---- Coming back ----------------------------------------------------------------------------------------

io::Awaitable<void> RedisNode::recover() {
  while (!stop_.requested() && breaker_.state() != BreakerState::closed) {
    const auto ticket = breaker_.admit_probe(now());
    if (ticket) {
      co_await probe(*ticket);
      continue;
    }
    // at least a little: the coarse clock may lag behind the timer
    co_await pause_->wait(std::max(milliseconds(5), breaker_.probe_at() - now()));
  }
  recovering_ = false;
}

io::Awaitable<void> RedisNode::probe(Breaker::Ticket ticket) {
  const auto& settings = target_->settings();
  Outcome outcome = fail(ErrorKind::cancelled);
  auto since = now();
  auto pipeline = co_await connected(settings.connect_timeout, nullptr);
  if (pipeline.has_error()) {
    outcome = pipeline.error();
  } else {
    since = now();
    std::vector<RedisCommand> ping;
    ping.push_back(RedisCommand{"PING"});
    auto batch = std::make_shared<const RedisBatch>(std::move(ping));
    outcome = co_await (*pipeline)->call(std::move(batch), settings.timeout, nullptr);
  }
  judge(ticket, outcome, since, settings.timeout);
}

}  // namespace forebay::tier
