#include "tier/redis_subscription.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

namespace forebay::tier {

namespace asio = io::asio;

namespace {

std::string complaint(const std::vector<std::string>& channels) {
  std::string names;
  for (const auto& channel : channels) names.append(names.empty() ? "" : ", ").append(channel);
  return "redis: the channel " + names.substr(0, 200) + " cannot be heard: ";
}

}  // namespace

RedisSubscription::RedisSubscription(const Dependencies& dependencies, std::vector<std::string> channels,
                                     Handlers handlers, std::chrono::milliseconds ping_every)
    : RedisListener(dependencies, "", complaint(channels)),
      channels_(std::move(channels)),
      handlers_(std::move(handlers)),
      ping_every_(ping_every) {}

io::Awaitable<RedisSubscription::MaybeError> RedisSubscription::use(
    std::shared_ptr<RedisConnection> connection) {
  confirmed_ = 0;
  RedisCommand command{"SUBSCRIBE"};
  for (const auto& channel : channels_) command.add(channel);
  const auto buffer = asio::buffer(command.wire());
  if (auto failure = co_await connection->send({&buffer, 1})) co_return failure;
  const auto over = io::Signal::make(to().executor);
  co_spawn(to().executor, ping(connection, over), asio::detached);
  auto failure = co_await listen(*connection);
  connection->close();
  over->notify_here();
  set_heard(false);
  co_return failure;
}

/// A process that hangs keeps its connections; it does not answer.
io::Awaitable<void> RedisSubscription::ping(std::shared_ptr<RedisConnection> connection,
                                            std::shared_ptr<io::Signal> over) {
  const auto self = shared_from_this();
  const RedisCommand question{"PING"};
  const auto buffer = asio::buffer(question.wire());
  while (!co_await over->wait(ping_every_))
    if (co_await connection->send({&buffer, 1})) co_return;
}

io::Awaitable<RedisSubscription::MaybeError> RedisSubscription::listen(RedisConnection& connection) {
  for (;;) {
    const auto said = co_await connection.receive(2 * ping_every_);
    if (said.has_error()) co_return said.error();
    if (is_stopping()) co_return MaybeError();
    if (auto failure = take(*said)) co_return failure;
  }
}

RedisSubscription::MaybeError RedisSubscription::take(const RedisReply& said) {
  if (said.is_error()) return fail(ErrorKind::redis_error, said.text);
  const auto& words = said.elements;
  if (!said.is_array() || words.size() < 2) return fail(ErrorKind::redis_protocol, "an unasked reply");
  const auto& what = words[0].text;
  if (what == "message" && words.size() == 3) {
    handlers_.message(words[1].text, words[2].text);
  } else if (what == "subscribe") {
    if (++confirmed_ == channels_.size()) set_heard(true);
  } else if (what != "pong") {
    return fail(ErrorKind::redis_protocol, "an unasked reply");
  }
  return std::nullopt;
}

void RedisSubscription::set_heard(bool heard) {
  if (heard) note_well();
  if (std::exchange(heard_, heard) == heard || is_stopping()) return;
  if (handlers_.heard) handlers_.heard(heard);
}

}  // namespace forebay::tier
