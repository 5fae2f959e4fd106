#include "tier/redis_stream_group.hpp"

#include <algorithm>
#include <utility>

namespace forebay::tier {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kAtOnce = 64;
/// Redis answers at least so often, though there is nothing new.
constexpr milliseconds kBlock{1'000};
constexpr milliseconds kPatience{5'000};

Error unexpected(std::string_view command) {
  return fail(ErrorKind::redis_protocol, "an unexpected answer to " + std::string(command));
}

/// What an error says, as one; nothing for other replies.
std::optional<Error> refusal(const Result<RedisReply>& reply) {
  if (reply.has_error()) return reply.error();
  if (reply->is_error()) return fail(ErrorKind::redis_error, reply->text);
  return std::nullopt;
}

/// The value of a field in a flat list of names and values.
const RedisReply* find(const RedisReply& list, std::string_view name) {
  for (std::size_t i = 0; i + 1 < list.elements.size(); i += 2)
    if (list.elements[i].text == name) return &list.elements[i + 1];
  return nullptr;
}

SteadyTime now() noexcept {
  return std::chrono::time_point_cast<SteadyTime::duration>(std::chrono::steady_clock::now());
}

}  // namespace

RedisStreamGroup::RedisStreamGroup(const Dependencies& dependencies, Settings settings, Handlers handlers)
    : RedisListener(dependencies, settings.stream,
                    "redis: the stream " + settings.stream.substr(0, 200) + " cannot be read: "),
      settings_(std::move(settings)),
      handlers_(std::move(handlers)),
      batch_(kAtOnce) {}

RedisCommand RedisStreamGroup::about(std::string_view command, std::string_view sub) const {
  RedisCommand made{command};
  if (!sub.empty()) made.add(sub);
  made.key(settings_.stream).add(settings_.group);
  return made;
}

io::Awaitable<RedisStreamGroup::MaybeError> RedisStreamGroup::use(
    std::shared_ptr<RedisConnection> connection) {
  taken_.clear();
  auto failure = co_await begin(*connection);
  while (!failure && !is_stopping()) {
    if (now() >= claim_at_) {
      failure = co_await claim(*connection);
      if (!failure) failure = co_await forget_gone(*connection);
      if (!failure) failure = co_await read_own(*connection);
      claim_at_ = now() + settings_.claim_after / 2;
      continue;
    }
    const auto count = co_await read(*connection, ">");
    if (count.has_error())
      failure = count.error();
    else
      note_well();
  }
  if (failure) note_failure(*failure);
  co_return failure;
}

/// Replies beyond the client's limits end the connection: then one entry is read at a time, and one that is
/// too large by itself is acknowledged unseen, or it would stand in the way of all others.
void RedisStreamGroup::note_failure(const Error& error) noexcept {
  const bool is_size =
      error.kind == ErrorKind::redis_protocol && error.detail.find("a reply ") != error.detail.npos;
  if (!is_size) return;
  oversized_ = batch_ == 1;
  batch_ = 1;
}

/// The group, and what this consumer was given on an earlier connection.
io::Awaitable<RedisStreamGroup::MaybeError> RedisStreamGroup::begin(RedisConnection& connection) {
  auto create = about("XGROUP", "CREATE").add("0").add("MKSTREAM");
  const auto created = co_await connection.call(std::move(create), kPatience);
  if (auto refused = refusal(created); refused && !refused->detail.starts_with("BUSYGROUP"))
    co_return refused;
  if (std::exchange(oversized_, false))
    if (auto failure = co_await pass_over(connection)) co_return failure;
  co_return co_await read_own(connection);
}

io::Awaitable<RedisStreamGroup::MaybeError> RedisStreamGroup::pass_over(RedisConnection& connection) {
  auto question = about("XPENDING").add("-").add("+").add("1").add(settings_.consumer);
  const auto reply = co_await connection.call(std::move(question), kPatience);
  if (auto refused = refusal(reply)) co_return refused;
  if (!reply->is_array() || reply->elements.empty() || reply->elements[0].elements.empty())
    co_return MaybeError();
  const auto& id = reply->elements[0].elements[0].text;
  handlers_.take(id, fail(ErrorKind::invalid_value, "is too large"));
  taken_.push_back(id);
  co_return co_await acknowledge(connection);
}

/// Only the names of what others have left, which is read with what is its own.
io::Awaitable<RedisStreamGroup::MaybeError> RedisStreamGroup::claim(RedisConnection& connection) {
  std::string cursor = "0-0";
  do {
    auto command = about("XAUTOCLAIM").add(settings_.consumer);
    command.add(std::int64_t{settings_.claim_after.count()}).add(cursor).add("COUNT").add(kAtOnce);
    command.add("JUSTID");
    const auto reply = co_await connection.call(std::move(command), kPatience);
    if (auto refused = refusal(reply)) co_return refused;
    if (!reply->is_array() || reply->elements.size() < 2) co_return unexpected("XAUTOCLAIM");
    cursor = reply->elements[0].text;
  } while (cursor != "0-0" && !is_stopping());
  co_return MaybeError();
}

/// Every start of a node brings a new name into the group.
io::Awaitable<RedisStreamGroup::MaybeError> RedisStreamGroup::forget_gone(RedisConnection& connection) {
  auto question = about("XINFO", "CONSUMERS");
  const auto reply = co_await connection.call(std::move(question), kPatience);
  if (auto refused = refusal(reply)) co_return refused;
  for (const auto& consumer : reply->elements) {
    const auto* name = find(consumer, "name");
    const auto* pending = find(consumer, "pending");
    const auto* idle = find(consumer, "idle");
    if (!name || !pending || !idle) co_return unexpected("XINFO CONSUMERS");
    if (name->text == settings_.consumer || pending->integer != 0) continue;
    if (idle->integer < settings_.forget_after.count()) continue;
    auto command = about("XGROUP", "DELCONSUMER").add(name->text);
    const auto deleted = co_await connection.call(std::move(command), kPatience);
    if (auto refused = refusal(deleted)) co_return refused;
  }
  co_return MaybeError();
}

io::Awaitable<RedisStreamGroup::MaybeError> RedisStreamGroup::read_own(RedisConnection& connection) {
  for (;;) {
    const auto count = co_await read(connection, "0");
    if (count.has_error()) co_return count.error();
    if (is_stopping()) co_return MaybeError();
    if (*count == 0) break;
  }
  batch_ = kAtOnce;
  co_return MaybeError();
}

io::Awaitable<Result<std::size_t>> RedisStreamGroup::read(RedisConnection& connection,
                                                          std::string_view from) {
  RedisCommand command{"XREADGROUP", "GROUP", settings_.group, settings_.consumer, "COUNT"};
  command.add(batch_).add("BLOCK").add(std::int64_t{kBlock.count()});
  command.add("STREAMS").key(settings_.stream).add(from);
  const auto reply = co_await connection.call(std::move(command), kBlock + kPatience);
  if (auto refused = refusal(reply)) co_return *refused;
  if (reply->is_nil()) co_return std::size_t{0};
  // One stream: its name and its entries.
  const bool is_one = reply->is_array() && reply->elements.size() == 1 && reply->elements[0].is_array() &&
                      reply->elements[0].elements.size() == 2 && reply->elements[0].elements[1].is_array();
  if (!is_one) co_return unexpected("XREADGROUP");
  const auto& entries = reply->elements[0].elements[1].elements;
  for (const auto& entry : entries) {
    if (is_stopping()) co_return std::size_t{0};
    if (!take(entry)) co_return unexpected("XREADGROUP");
  }
  if (auto failure = co_await acknowledge(connection)) co_return *failure;
  co_return entries.size();
}

/// False for what is no entry.
bool RedisStreamGroup::take(const RedisReply& entry) {
  if (!entry.is_array() || entry.elements.size() != 2 || !entry.elements[0].is_string()) return false;
  const auto& id = entry.elements[0].text;
  const auto& fields = entry.elements[1];
  taken_.push_back(id);
  if (fields.is_nil()) return true;  // it was deleted, or trimmed, before it could be read again
  const auto* text = find(fields, settings_.field);
  if (text)
    handlers_.take(id, std::string_view(text->text));
  else
    handlers_.take(id, fail(ErrorKind::invalid_value, "has no field \"" + settings_.field + "\""));
  return true;
}

io::Awaitable<RedisStreamGroup::MaybeError> RedisStreamGroup::acknowledge(RedisConnection& connection) {
  if (taken_.empty()) co_return MaybeError();
  const bool is_settled = co_await handlers_.settle();
  if (!is_settled) co_return MaybeError();
  auto command = about("XACK");
  for (const auto& id : std::exchange(taken_, {})) command.add(id);
  const auto reply = co_await connection.call(std::move(command), kPatience);
  co_return refusal(reply);
}

}  // namespace forebay::tier
