#include "tier/redis_sentinel.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "forebay/base/strings.hpp"

namespace forebay::tier {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

bool is_read_only(const RedisReply& reply) noexcept { return reply.error_code() == "READONLY"; }

/// [host, port] as SENTINEL GET-MASTER-ADDR-BY-NAME answers.
std::optional<RedisAddress> read_address(const RedisReply& reply) {
  if (reply.elements.size() != 2 || !reply.elements[0].is_string()) return std::nullopt;
  const auto port = parse_decimal(reply.elements[1].text);
  const auto& host = reply.elements[0].text;
  if (!port || *port == 0 || *port > 65'535 || host.empty() || host.size() > 253) return std::nullopt;
  return RedisAddress{.host = host, .port = static_cast<std::uint16_t>(*port)};
}

}  // namespace

RedisSentinel::RedisSentinel(std::shared_ptr<RedisTarget> target,
                             const RedisClient::Dependencies& dependencies)
    : target_(std::move(target)),
      dependencies_(dependencies),
      sentinels_(target_->url().hosts),
      waiters_(dependencies.executor) {
  // not every worker begins with the same one
  const auto first =
      static_cast<std::ptrdiff_t>(dependencies_.chance() * static_cast<double>(sentinels_.size()));
  std::rotate(sentinels_.begin(), sentinels_.begin() + first, sentinels_.end());
}

void RedisSentinel::close() {
  stop_.request();
  if (master_) master_->close(fail(ErrorKind::cancelled));
  waiters_.wake_all();
}

std::vector<RedisNodeState> RedisSentinel::states() const {
  if (master_) return {master_->state()};
  const auto state = failure_ ? BreakerState::open : BreakerState::closed;
  return {{.address = "master " + target_->url().master, .breaker = state}};
}

Error RedisSentinel::no_master() const {
  if (failure_) return *failure_;
  return fail(ErrorKind::redis_timeout, "looking for the master " + target_->url().master);
}

// ---- Calls ----------------------------------------------------------------------------------------------

io::Awaitable<Result<RedisReplies>> RedisSentinel::call(RedisBatchPtr batch, milliseconds limit,
                                                        io::Cancel* cancel) {
  const auto self = shared_from_this();
  const auto end = now() + limit;
  if (!master_) {
    start_search();
    if (searching_) co_await waiters_.wait(limit, cancel);
  }
  if (stop_.requested() || (cancel && cancel->requested())) co_return fail(ErrorKind::cancelled);
  if (!master_) co_return no_master();
  const auto master = master_;  // whom a search may replace meanwhile
  const auto left = std::max(milliseconds(1), end - now());
  auto outcome = co_await master->call(std::move(batch), left, cancel);
  if (outcome.has_error()) {
    const auto kind = outcome.error().kind;
    if (kind != ErrorKind::cancelled && kind != ErrorKind::redis_busy) start_search();
  } else if (std::any_of(outcome->begin(), outcome->end(), is_read_only)) {
    start_search();
    co_return fail(ErrorKind::redis_unavailable, master->address().text() + ": is no master any more");
  }
  co_return outcome;
}

io::Awaitable<RedisConnection::Opened> RedisSentinel::open(std::optional<std::uint16_t>, milliseconds limit,
                                                           io::Cancel* cancel) {
  const auto self = shared_from_this();
  const auto end = now() + limit;
  start_search();
  if (searching_) co_await waiters_.wait(limit, cancel);
  if (stop_.requested() || (cancel && cancel->requested())) co_return fail(ErrorKind::cancelled);
  if (!master_) co_return no_master();
  const auto master = master_;
  co_return co_await master->open(std::max(milliseconds(1), end - now()), cancel);
}

// ---- Looking for the master -----------------------------------------------------------------------------

void RedisSentinel::start_search() {
  if (searching_ || stop_.requested()) return;
  if (searched_at_ && now() - *searched_at_ < kBetweenSearches) return;
  searching_ = true;
  searched_at_ = now();
  asio::co_spawn(dependencies_.executor, search(), [self = shared_from_this()](std::exception_ptr) {});
}

io::Awaitable<void> RedisSentinel::search() {
  std::optional<Error> failure;
  for (std::size_t i = 0; i < sentinels_.size() && !stop_.requested(); ++i) {
    auto found = co_await ask(sentinels_[i]);
    if (stop_.requested()) break;
    if (found.has_error()) {
      failure = found.error();
      continue;
    }
    failure = co_await verify(*found);
    if (failure) continue;
    adopt(*found);
    std::rotate(sentinels_.begin(), sentinels_.begin() + static_cast<std::ptrdiff_t>(i),
                sentinels_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    break;
  }
  searching_ = false;
  if (failure && !stop_.requested()) report(*failure);
  if (!failure) failure_.reset();
  waiters_.wake_all();
}

io::Awaitable<Result<RedisAddress>> RedisSentinel::ask(RedisAddress sentinel) {
  const auto& settings = target_->settings();
  auto opened =
      co_await RedisConnection::open(setup(sentinel, RedisLogin::sentinel), settings.connect_timeout, &stop_);
  if (opened.has_error()) co_return opened.error();
  const auto connection = *opened;
  const io::OnCancel wake(&stop_, [raw = connection.get()] { raw->close(); });
  RedisCommand question{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", target_->url().master};
  auto reply = co_await connection->call(std::move(question), settings.connect_timeout);
  if (reply.has_error()) co_return reply.error();
  const auto unavailable = [&](const std::string& why) {
    return fail(ErrorKind::redis_unavailable, "sentinel " + sentinel.text() + ": " + why);
  };
  if (reply->is_nil()) co_return unavailable("it knows no master " + target_->url().master);
  if (reply->is_error()) co_return unavailable(std::string(reply->error_code()));
  auto address = read_address(*reply);
  if (!address) co_return unavailable("the master's address is malformed");
  co_return std::move(*address);
}

/// Nothing when it says itself that it is the master.
io::Awaitable<std::optional<Error>> RedisSentinel::verify(RedisAddress candidate) {
  if (master_ && master_->address() == candidate && master_->state().connected) co_return std::nullopt;
  const auto limit = target_->settings().connect_timeout;
  auto opened =
      co_await RedisConnection::open(setup(std::move(candidate), RedisLogin::master), limit, &stop_);
  if (opened.has_error()) co_return opened.error();
  co_return std::nullopt;
}

void RedisSentinel::adopt(const RedisAddress& master) {
  if (master_ && master_->address() == master) return;
  if (master_)
    master_->close(fail(ErrorKind::redis_unavailable, master_->address().text() + ": is no master any more"));
  master_ = std::make_shared<RedisNode>(target_, master, dependencies_, RedisLogin::master);
  dependencies_.log.write(observe::Level::info,
                          "redis: the master " + target_->url().master + " is " + master.text());
}

/// Once per failure, however long it lasts.
void RedisSentinel::report(const Error& failure) {
  if (!failure_)
    dependencies_.log.write(observe::Level::warning,
                            "redis: no master " + target_->url().master + " is found: " + describe(failure));
  failure_ = fail(ErrorKind::redis_unavailable, failure.detail);
}

RedisConnection::Setup RedisSentinel::setup(RedisAddress address, RedisLogin login) const {
  return {.target = target_,
          .address = std::move(address),
          .executor = dependencies_.executor,
          .sweep = dependencies_.sweep,
          .metrics = dependencies_.metrics,
          .login = login};
}

}  // namespace forebay::tier
