#include "forebay/tier/log_follower.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "log_entry.hpp"
#include "redis_connection.hpp"

namespace forebay::tier {
namespace {

namespace asio = io::asio;
using cache::Position;
using observe::Level;
using std::chrono::milliseconds;

/// So many entries are read, or written, at a time.
constexpr std::int64_t kReadAtOnce = 512;
constexpr std::size_t kWriteAtOnce = 128;
/// Redis answers at least so often though there is nothing new: that is how it is known that there is not.
constexpr milliseconds kBlock{1'000};
constexpr milliseconds kPause{200};
constexpr milliseconds kReportEvery{2'000};
/// What was written so long ago has reached the replicas, if there are any.
constexpr milliseconds kReplicated{10'000};
constexpr milliseconds kPollNodes{10};
constexpr std::size_t kWrittenRemembered = 4'096;
/// The stream is cut to some million entries, however young: looked at after so many.
constexpr std::uint64_t kTrimEvery = 1'024;
constexpr std::int64_t kMaxEntries = 1'000'000;

Error unexpected(std::string_view command) {
  return fail(ErrorKind::redis_protocol, "an unexpected answer to " + std::string(command));
}

cache::Purge everything() { return {.kind = cache::PurgeKind::everything, .mode = cache::PurgeMode::hard}; }

}  // namespace

LogFollower::LogFollower(Settings settings, const Dependencies& dependencies)
    : settings_(std::move(settings)),
      to_(dependencies),
      stream_("{" + settings_.name_space + "}:log"),
      nodes_("{" + settings_.name_space + "}:nodes"),
      purged_(io::Signal::make(to_.executor)),
      read_(io::Signal::make(to_.executor)),
      follow_pause_(io::Signal::make(to_.executor)),
      write_pause_(io::Signal::make(to_.executor)),
      verified_(to_.clock.steady_now()) {}

void LogFollower::start() {
  const auto spawn = [&](io::Awaitable<void> work) {
    co_spawn(to_.executor, std::move(work), asio::detached);
  };
  spawn(follow());
  spawn(write());
  spawn(report());
}

void LogFollower::stop() {
  stopping_ = true;
  opening_.request();
  if (connection_) connection_->close();
  purged_->notify_here();
  read_->notify_here();
  follow_pause_->notify_here();
  write_pause_->notify_here();
}

milliseconds LogFollower::unverified() const noexcept {
  return to_.clock.steady_now() - verified_.load(std::memory_order_relaxed);
}

bool LogFollower::is_cut_off() const noexcept { return unverified() > settings_.max_unverified; }

void LogFollower::verified() noexcept { verified_.store(to_.clock.steady_now(), std::memory_order_relaxed); }

// ---- reading --------------------------------------------------------------------------------------------

io::Awaitable<void> LogFollower::follow() {
  const auto self = shared_from_this();
  while (!stopping_) {
    auto opened = co_await to_.client.open(stream_, {.cancel = &opening_});
    MaybeError error;
    if (opened) {
      connection_ = *opened;
      error = co_await read(*connection_);
      reads_ = false;
      connection_.reset();
    } else {
      error = opened.error();
    }
    if (error) say_once(*error, "the invalidation log cannot be read: ");
    if (!stopping_) co_await follow_pause_->wait(kPause);
  }
}

void LogFollower::say_once(const Error& error, const char* what) {
  auto text = what + describe(error);
  if (stopping_ || text == last_error_) return;
  to_.log.write(Level::warning, text);
  last_error_ = std::move(text);
}

/// Until the connection is lost.
io::Awaitable<LogFollower::MaybeError> LogFollower::read(RedisConnection& connection) {
  const auto info = co_await ask_for_info(connection);
  if (!info) co_return info.error();
  compare(*info);
  // What was written last may have been lost with the server that took it.
  to_.entries.write_again(safe_);
  ++rewrites_;
  written_.clear();
  purged_->notify_here();
  for (;;) {
    const auto more = co_await read_more(connection);
    if (!more) co_return more.error();
    if (*more) continue;
    verified();
    reads_ = true;
    last_error_.clear();
    if (!std::exchange(caught_up_, true)) to_.entries.begin(to_.entries.position());
    read_->notify_here();
  }
}

io::Awaitable<Result<LogFollower::StreamInfo>> LogFollower::ask_for_info(RedisConnection& connection) {
  auto question = RedisCommand{"XINFO", "STREAM"}.key(stream_);
  const auto reply = co_await connection.call(std::move(question), kBlock);
  if (!reply) co_return reply.error();
  StreamInfo info;
  bool counts = false;
  if (reply->is_error() && reply->text.find("no such key") != std::string::npos) co_return info;
  if (!reply->is_array() || reply->elements.size() % 2 != 0) co_return unexpected("XINFO STREAM");
  for (std::size_t i = 0; i < reply->elements.size(); i += 2) {
    const auto& name = reply->elements[i].text;
    const auto& value = reply->elements[i + 1];
    if (name == "length") info.length = static_cast<std::uint64_t>(value.integer);
    if (name == "entries-added") info.added = static_cast<std::uint64_t>(value.integer);
    counts = counts || name == "entries-added";
    if (name == "last-generated-id") info.last_id = value.text;
    if (name == "first-entry" && value.is_array() && !value.elements.empty())
      info.first = position_of(value.elements[0].text).value_or(0);
  }
  if (!counts) co_return fail(ErrorKind::redis_protocol, "Redis is older than 7.0");
  const auto last = position_of(info.last_id);
  if (!last) co_return unexpected("XINFO STREAM");
  info.last = *last;
  co_return info;
}

/// Whether all that was added since is still there.
void LogFollower::compare(const StreamInfo& info) {
  const bool lost_its_end = info.last < to_.entries.position() || info.added < added_;
  const bool trimmed = !lost_its_end && caught_up_ && info.added - added_ > info.length;
  if (lost_its_end || trimmed) {
    to_.log.write(Level::warning, std::string("the invalidation log ") +
                                      (trimmed ? "was trimmed too early" : "has lost its end") +
                                      ": what memory holds is dropped");
    to_.entries.lose_track(trimmed && info.length > 0 ? info.first : info.last);
    last_id_ = trimmed ? last_id_ : info.last_id;
    added_ = trimmed ? info.added - info.length : info.added;
  } else if (!caught_up_) {
    added_ = info.added - info.length;
    if (added_ > 0) to_.entries.know_from(info.length > 0 ? info.first : info.last);
  }
  if (lost_its_end || info.last == 0) to_.entries.purge_everything();
}

/// True if there may be still more.
io::Awaitable<Result<bool>> LogFollower::read_more(RedisConnection& connection) {
  const auto wait = caught_up_ ? kBlock : milliseconds{1};
  auto command = RedisCommand{"XREAD", "COUNT"}.add(kReadAtOnce).add("BLOCK").add(std::int64_t{wait.count()});
  command.add("STREAMS").key(stream_).add(last_id_);
  const auto reply = co_await connection.call(std::move(command), wait + kBlock);
  if (!reply) co_return reply.error();
  if (reply->is_nil()) co_return false;
  // One stream: its name and its entries.
  const bool is_one = reply->is_array() && reply->elements.size() == 1 && reply->elements[0].is_array() &&
                      reply->elements[0].elements.size() == 2 && reply->elements[0].elements[1].is_array();
  if (!is_one) co_return unexpected("XREAD");
  const auto& entries = reply->elements[0].elements[1].elements;
  for (const auto& entry : entries)
    if (!apply(entry)) co_return unexpected("XREAD");
  added_ += entries.size();
  read_->notify_here();
  co_return entries.size() >= static_cast<std::size_t>(kReadAtOnce);
}

/// False for what is no entry.
bool LogFollower::apply(const RedisReply& entry) {
  const bool is_entry = entry.is_array() && entry.elements.size() == 2 && entry.elements[0].is_string();
  const auto position = is_entry ? position_of(entry.elements[0].text) : std::nullopt;
  if (!position) return false;
  last_id_ = entry.elements[0].text;
  const auto read = read_fields(entry.elements[1]);
  if (read) {
    std::optional<std::uint64_t> own;
    if (read->node == to_.entries.node()) own = read->number;
    to_.entries.apply(read->purge, *position, own);
  } else {  // it may have named anything
    to_.log.write(Level::error, describe(read.error()) + "; everything is purged");
    to_.entries.apply(everything(), *position, std::nullopt);
  }
  return true;
}

// ---- writing --------------------------------------------------------------------------------------------

io::Awaitable<void> LogFollower::write() {
  const auto self = shared_from_this();
  while (!stopping_) {
    if (to_.entries.unwritten_count() == 0) {
      co_await purged_->wait(std::chrono::seconds(1));
      continue;
    }
    const bool done = co_await write_some();
    writes_ = done;
    if (!done && !stopping_) co_await write_pause_->wait(kPause);
  }
}

io::Awaitable<bool> LogFollower::write_some() {
  const auto purges = to_.entries.unwritten(kWriteAtOnce);
  const auto oldest = to_.clock.now().time_since_epoch() - settings_.retention;
  std::vector<RedisCommand> commands;
  for (const auto& [number, purge] : purges) {
    auto& command = commands.emplace_back(RedisCommand{"XADD"});
    command.key(stream_).add("MINID").add("~").add(std::int64_t{oldest.count()}).add("*");
    append_fields(command, {purge, to_.entries.node(), number});
  }
  since_trim_ += purges.size();
  if (since_trim_ >= kTrimEvery) {
    since_trim_ = 0;
    auto& trim = commands.emplace_back(RedisCommand{"XTRIM"});
    trim.key(stream_).add("MAXLEN").add("~").add(kMaxEntries);
  }
  const auto rewrites = rewrites_;
  const auto replies = co_await to_.client.call_all(std::move(commands));
  if (!replies) co_return false;
  if (rewrites != rewrites_) co_return true;  // they are to be written again, with others
  for (std::size_t i = 0; i < purges.size(); ++i) {
    const auto& reply = (*replies)[i];
    const auto position = position_of(reply.text);
    if (!reply.is_string() || !position) {
      say_once(fail(ErrorKind::redis_error, reply.text),
               "purges cannot be written to the invalidation log: ");
      co_return false;
    }
    to_.entries.written(purges[i].number);
    written_.push_back({purges[i].number, *position});
    if (written_.size() > kWrittenRemembered) written_.pop_front();
  }
  co_return true;
}

std::optional<Position> LogFollower::written_at(std::uint64_t number) const {
  for (const auto& written : written_)
    if (written.number >= number) return written.position;
  return std::nullopt;
}

// ---- who has read how far -------------------------------------------------------------------------------

io::Awaitable<void> LogFollower::report() {
  const auto self = shared_from_this();
  const auto name = nodes_ + ":" + to_.entries.node();
  SteadyTime marked{};
  // Whoever is not heard of for longer has stopped to use what it has, or has ended.
  const auto lease = settings_.max_unverified + kReportEvery + 2 * kBlock;
  while (!stopping_) {
    std::vector<RedisCommand> commands;
    commands.push_back(RedisCommand{"SET"}
                           .key(name)
                           .add(id_at(to_.entries.position()))
                           .add("PX")
                           .add(std::int64_t{lease.count()}));
    commands.push_back(RedisCommand{"SADD"}.key(nodes_).add(to_.entries.node()));
    co_await to_.client.call_all(std::move(commands));
    const auto now = to_.clock.steady_now();
    if (now - marked > kReplicated && unverified() < 2 * kBlock) {
      safe_ = std::exchange(next_safe_, to_.entries.last_written());
      marked = now;
    }
    co_await read_->wait(kReportEvery);
  }
}

/// The nodes that live and have not reported that they have read up to there.
io::Awaitable<Result<std::vector<std::string>>> LogFollower::nodes_before(Position position) {
  auto question = RedisCommand{"SMEMBERS"}.key(nodes_);
  const auto members = co_await to_.client.call(std::move(question));
  if (!members) co_return members.error();
  std::vector<std::string> behind;
  if (!members->is_array() || members->elements.empty() || stopping_) co_return behind;
  auto command = RedisCommand{"MGET"};
  for (const auto& member : members->elements) command.key(nodes_ + ":" + member.text);
  const auto reached = co_await to_.client.call(std::move(command));
  if (!reached) co_return reached.error();
  if (!reached->is_array() || reached->elements.size() != members->elements.size())
    co_return unexpected("MGET");
  auto gone = RedisCommand{"SREM"}.key(nodes_);
  bool any_gone = false;
  for (std::size_t i = 0; i < members->elements.size(); ++i) {
    const auto& node = members->elements[i].text;
    const auto& at = reached->elements[i];
    if (at.is_nil()) gone.add(node);
    any_gone = any_gone || at.is_nil();
    if (at.is_string() && position_of(at.text).value_or(0) < position) behind.push_back(node);
  }
  if (any_gone && !stopping_) co_await to_.client.call(std::move(gone));
  co_return behind;
}

io::Awaitable<LogFollower::Acknowledged> LogFollower::wait_for_all(std::uint64_t number, milliseconds limit) {
  const auto self = shared_from_this();
  const auto end = std::chrono::steady_clock::now() + limit;
  const auto pause = io::Signal::make(to_.executor);
  Acknowledged result;
  while (!stopping_) {
    if (const auto position = written_at(number)) {
      result.written = true;
      auto behind = co_await nodes_before(*position);
      if (behind) result.missing = *std::move(behind);
      if (behind && result.missing.empty()) co_return result;
    }
    if (std::chrono::steady_clock::now() >= end) break;
    co_await pause->wait(kPollNodes);
  }
  co_return result;
}

io::Awaitable<bool> LogFollower::wait_until_written(std::uint64_t number) {
  const auto self = shared_from_this();
  const auto pause = io::Signal::make(to_.executor);
  while (!stopping_) {
    if (to_.entries.last_written() >= number) co_return true;
    co_await pause->wait(kPollNodes);
  }
  co_return false;
}

}  // namespace forebay::tier
