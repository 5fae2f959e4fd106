#include "forebay/tier/shared_flights.hpp"

#include <boost/asio/co_spawn.hpp>
#include <random>
#include <utility>

#include "flight_codec.hpp"
#include "flight_node.hpp"
#include "redis_keys.hpp"

namespace forebay::tier {
namespace {

using std::chrono::milliseconds;

/// Unlike any other's and any earlier one's.
Digest new_token() {
  std::random_device random;
  const auto word = [&] { return (std::uint64_t{random()} << 32U) | random(); };
  return {word(), word()};
}

io::Awaitable<void> call_aside(std::shared_ptr<FlightNode> node, RedisCommand command) {
  std::vector<RedisCommand> commands;
  commands.push_back(std::move(command));
  co_await node->call(std::move(commands), nullptr);
}

void say(const std::shared_ptr<FlightNode>& node, RedisCommand command) {
  boost::asio::co_spawn(node->to.executor, call_aside(node, std::move(command)),
                        [](const std::exception_ptr&) {});
}

}  // namespace

SharedFlights::SharedFlights(const RedisSettings& settings, const Dependencies& dependencies)
    : node_(std::make_shared<FlightNode>(settings, dependencies)) {}

SharedFlights::~SharedFlights() {
  node_->closed = true;
  node_->wakeups->close();
  for (auto* const led : node_->led) led->stop();
}

bool SharedFlights::is_idle() const noexcept { return node_->led.empty(); }

bool SharedFlights::is_available() const { return node_->to.client.is_available(); }

void SharedFlights::count(observe::ClusterFlight event) { node_->count(event); }

io::Awaitable<SharedFlights::Seat> SharedFlights::join(std::string key, cache::Position position,
                                                       io::Cancel& cancel) {
  const auto node = node_;
  const auto flight = digest(key);
  const RedisKeys names(node->settings.name_space, flight);
  const auto message = to_hex(flight);
  const auto token = new_token();
  const auto lease = encode_lease({token, position});
  const auto begun = std::chrono::steady_clock::now();
  std::vector<RedisCommand> commands;
  commands.push_back(RedisCommand{"PTTL"}.key(names.uncacheable()));
  commands.push_back(RedisCommand{"SET"}
                         .key(names.lease())
                         .add(lease)
                         .add("NX")
                         .add("GET")
                         .add("PX")
                         .add(std::int64_t{node->settings.lease.count()}));
  const auto replies = co_await node->call(std::move(commands), &cancel);
  if (!replies) {
    // It may have been taken all the same, for nobody.
    if (!node->closed) say(node, release_lease(names.lease(), lease));
    co_return replies.error();
  }
  const auto& marked = (*replies)[0];
  const auto& other = (*replies)[1];
  if (other.is_error()) co_return fail(ErrorKind::redis_error, other.text);
  if (marked.is_integer() && marked.integer > 0) {
    if (other.is_nil()) say(node, release_lease(names.lease(), lease));
    co_return Uncacheable{milliseconds{marked.integer}};
  }
  if (other.is_nil()) {
    auto led = std::make_shared<LedFlight>(
        node, LedFlight::Names{names.lease(), lease, names.flight(token), message, names.uncacheable()},
        begun);
    led->start();
    co_return led;
  }
  const auto found = parse_lease(other.text);
  if (!found) co_return fail(ErrorKind::redis_protocol, "a lease that cannot be read");
  auto followed = std::make_unique<FollowedFlight>(
      node,
      FollowedFlight::Names{std::move(key), names.lease(), other.text, names.flight(found->token), message},
      found->position);
  co_return followed;
}

void SharedFlights::forget_uncacheable(const std::string& key) {
  const RedisKeys names(node_->settings.name_space, digest(key));
  say(node_, RedisCommand{"UNLINK"}.key(names.uncacheable()));
}

}  // namespace forebay::tier
