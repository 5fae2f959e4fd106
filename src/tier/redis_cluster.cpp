#include "tier/redis_cluster.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace forebay::tier {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

Error unavailable(std::string why) {
  return fail(ErrorKind::redis_unavailable, "the cluster: " + std::move(why));
}

/// Whether the cluster cannot serve the keys at present.
bool is_in_disorder(const RedisReply& reply) noexcept {
  const auto code = reply.error_code();
  return code == "CLUSTERDOWN" || code == "TRYAGAIN";
}

RedisBatchPtr batch_of(std::vector<RedisCommand> commands) {
  return std::make_shared<const RedisBatch>(std::move(commands));
}

/// What a batch has come to: the replies so far, and which of its commands another node is to be asked.
struct Progress {
  explicit Progress(RedisReplies first) : replies(std::move(first)) {
    for (std::size_t i = 0; i < replies.size(); ++i) places.push_back(i);
  }

  RedisReplies replies;
  std::vector<std::size_t> places;  // in `replies`, of the commands that were sent last
  RedisRedirection redirection;     // of those that are left in `places` after remaining()

  /// Keeps the places of the commands that the first redirection among them, if there is one, sends
  /// elsewhere.
  bool remaining(const RedisAddress& asked) {
    std::optional<RedisRedirection> first;
    std::vector<std::size_t> left;
    for (const auto place : places) {
      const auto found =
          replies[place].is_error() ? parse_redirection(replies[place].text, asked) : std::nullopt;
      if (!found) continue;
      if (!first) first = found;
      left.push_back(place);
    }
    places = std::move(left);
    if (first) redirection = std::move(*first);
    return !places.empty();
  }

  /// The commands left; each behind an ASKING when it is asked for by the way.
  RedisBatchPtr next(const RedisBatch& batch) const {
    std::vector<RedisCommand> commands;
    for (const auto place : places) {
      if (is_by_the_way()) commands.push_back(RedisCommand{"ASKING"});
      commands.push_back(batch.commands[place]);
    }
    return batch_of(std::move(commands));
  }
  void take(RedisReplies more) {
    const std::size_t step = is_by_the_way() ? 2 : 1;
    for (std::size_t i = 0; i < places.size(); ++i) replies[places[i]] = std::move(more[(i + 1) * step - 1]);
  }
  bool is_by_the_way() const noexcept { return redirection.kind == RedisRedirection::Kind::ask; }
};

}  // namespace

RedisCluster::RedisCluster(std::shared_ptr<RedisTarget> target, const RedisClient::Dependencies& dependencies)
    : target_(std::move(target)), dependencies_(dependencies), waiters_(dependencies.executor) {}

void RedisCluster::close() {
  closed_ = true;
  for (const auto& [address, node] : nodes_) node->close(fail(ErrorKind::cancelled));
  waiters_.wake_all();
}

std::vector<RedisNodeState> RedisCluster::states() const {
  std::vector<RedisNodeState> states;
  for (const auto& [address, node] : nodes_) states.push_back(node->state());
  return states;
}

milliseconds RedisCluster::left(SteadyTime end) const noexcept {
  return std::max(milliseconds(1), end - now());
}

// ---- Calls ----------------------------------------------------------------------------------------------

io::Awaitable<RedisCluster::Outcome> RedisCluster::call(RedisBatchPtr batch, milliseconds limit,
                                                        io::Cancel* cancel) {
  const auto self = shared_from_this();
  const auto end = now() + limit;
  const bool known = co_await know_slots(limit, cancel);
  if (cancel && cancel->requested()) co_return fail(ErrorKind::cancelled);
  if (!known) co_return unavailable("no node says who has which slot");
  auto node = node_for(batch->slot);
  if (!node) {
    start_refresh();
    co_return unavailable("nobody has the key's slot");
  }
  co_return co_await follow(std::move(node), std::move(batch), end, cancel);
}

/// Asks the node, and then whomever it names.
io::Awaitable<RedisCluster::Outcome> RedisCluster::follow(Node node, RedisBatchPtr batch, SteadyTime end,
                                                          io::Cancel* cancel) {
  auto first = co_await node->call(batch, left(end), cancel);
  if (first.has_error()) {
    if (first.error().kind != ErrorKind::cancelled && first.error().kind != ErrorKind::redis_busy)
      start_refresh();
    co_return first;
  }
  Progress progress(std::move(*first));
  for (int turn = 0; progress.remaining(node->address()); ++turn) {
    if (turn == kMaxRedirections) co_return unavailable("its nodes send us round in circles");
    if (now() >= end) co_return fail(ErrorKind::redis_timeout, "redirected by " + node->address().text());
    heed(progress.redirection);
    node = node_at(progress.redirection.address);
    auto more = co_await node->call(progress.next(*batch), left(end), cancel);
    if (more.has_error()) co_return more;
    progress.take(std::move(*more));
  }
  const auto& replies = progress.replies;
  const auto odd = std::find_if(replies.begin(), replies.end(), is_in_disorder);
  if (odd != replies.end()) {
    start_refresh();
    co_return unavailable(std::string(odd->error_code()));
  }
  co_return std::move(progress.replies);
}

void RedisCluster::heed(const RedisRedirection& redirection) {
  dependencies_.metrics.redis_redirections.add();
  if (redirection.kind != RedisRedirection::Kind::moved) return;
  slots_->assign(redirection.slot, redirection.address);
  start_refresh();
}

io::Awaitable<RedisConnection::Opened> RedisCluster::open(std::optional<std::uint16_t> slot,
                                                          milliseconds limit, io::Cancel* cancel) {
  const auto self = shared_from_this();
  const auto end = now() + limit;
  start_refresh();  // whoever was sent elsewhere comes back here
  if (refreshing_) co_await waiters_.wait(limit, cancel);
  const bool known = co_await know_slots(left(end), cancel);
  if (cancel && cancel->requested()) co_return fail(ErrorKind::cancelled);
  const auto node = known ? node_for(slot) : nullptr;
  if (!node) co_return unavailable("nobody has the key's slot");
  co_return co_await node->open(left(end), cancel);
}

/// The node that has the slot; without one any that is well. Nothing when there is none.
RedisCluster::Node RedisCluster::node_for(std::optional<std::uint16_t> slot) {
  if (slot) {
    const auto* address = slots_->find(*slot);
    return address ? node_at(*address) : nullptr;
  }
  Node any;
  for (const auto& address : slots_->nodes()) {
    any = node_at(address);
    if (any->state().breaker == BreakerState::closed) break;
  }
  return any;
}

RedisCluster::Node RedisCluster::node_at(const RedisAddress& address) {
  auto& node = nodes_[address.text()];
  if (!node) node = std::make_shared<RedisNode>(target_, address, dependencies_);
  return node;
}

// ---- The map of slots -----------------------------------------------------------------------------------

/// True once there is a map.
io::Awaitable<bool> RedisCluster::know_slots(milliseconds limit, io::Cancel* cancel) {
  if (!slots_) {
    start_refresh();
    if (refreshing_) co_await waiters_.wait(limit, cancel);
  }
  co_return slots_.has_value() && !closed_;
}

void RedisCluster::start_refresh() {
  if (refreshing_ || closed_ || (refreshed_at_ && now() - *refreshed_at_ < kBetweenRefreshes)) return;
  refreshing_ = true;
  refreshed_at_ = now();
  asio::co_spawn(dependencies_.executor, refresh(), [self = shared_from_this()](std::exception_ptr) {});
}

io::Awaitable<void> RedisCluster::refresh() {
  for (const auto& node : informants()) {
    if (closed_) break;
    if (co_await ask_for_slots(node)) break;
  }
  refreshing_ = false;
  waiters_.wake_all();
}

/// Whom to ask, those that are well first; which of them is drawn, so that not every worker asks the same.
std::vector<RedisCluster::Node> RedisCluster::informants() {
  std::vector<Node> all;
  for (const auto& [address, node] : nodes_) all.push_back(node);
  if (!all.empty()) {
    const auto first = static_cast<std::ptrdiff_t>(dependencies_.chance() * static_cast<double>(all.size()));
    std::rotate(all.begin(), all.begin() + first, all.end());
  }
  for (const auto& address : target_->url().hosts)
    if (!nodes_.contains(address.text())) all.push_back(node_at(address));
  std::stable_partition(all.begin(), all.end(),
                        [](const Node& node) { return node->state().breaker == BreakerState::closed; });
  return all;
}

io::Awaitable<bool> RedisCluster::ask_for_slots(Node node) {
  std::vector<RedisCommand> question;
  question.push_back(RedisCommand{"CLUSTER", "SLOTS"});
  auto batch = batch_of(std::move(question));
  const auto limit = target_->settings().connect_timeout;
  auto replies = co_await node->call(std::move(batch), limit, nullptr);
  if (replies.has_error() || closed_) co_return false;
  auto map = RedisSlotMap::parse(replies->front(), node->address());
  if (map.has_error()) {
    const auto& reply = replies->front();
    const auto why = reply.is_error() ? std::string(reply.error_code()) : map.error().detail;
    dependencies_.log.write(observe::Level::warning, "redis " + node->address().text() + ": " + why);
    co_return false;
  }
  if (map->nodes().empty()) co_return false;  // a node that has left the cluster knows of nobody
  adopt(std::move(*map));
  co_return true;
}

/// Nodes that have no slots any more are let go; all others are kept, to be asked when one fails.
void RedisCluster::adopt(RedisSlotMap map) {
  slots_ = std::move(map);
  const auto& known = slots_->nodes();
  std::erase_if(nodes_, [&](const auto& entry) {
    const auto& node = entry.second;
    if (std::find(known.begin(), known.end(), node->address()) != known.end()) return false;
    node->close(unavailable(node->address().text() + " has no slots any more"));
    return true;
  });
  for (const auto& address : known) node_at(address);
}

}  // namespace forebay::tier
