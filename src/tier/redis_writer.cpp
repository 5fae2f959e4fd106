#include "redis_writer.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <random>
#include <utility>

#include "redis_groups.hpp"
#include "useful_time.hpp"

namespace forebay::tier {

using observe::RedisStore;

namespace {

/// What a task takes besides the response.
constexpr std::uint64_t kTaskBytes = 256;
/// Chunks stay a little longer than the record that names them, for whoever has just read it.
constexpr milliseconds kChunksLonger{30'000};

std::uint64_t random_word() {
  std::random_device source;
  return (std::uint64_t{source()} << 32) | source();
}

bool all_ok(const std::vector<RedisReply>& replies) noexcept {
  return std::all_of(replies.begin(), replies.end(), [](const RedisReply& r) { return r.is_status("OK"); });
}

}  // namespace

/// In the queue as long as it lives: what its body costs is charged to the budget by whoever holds it, what
/// else is held here has to be.
class RedisWriter::Task {
 public:
  /// A response that is of use until then. `bytes` have been charged to the queue.
  Task(const RedisTier::Dependencies& d, const Digest& k, std::uint64_t bytes, cache::StoredResponsePtr r,
       WallTime u, std::shared_ptr<Writing> w)
      : key(k), response(std::move(r)), until(u), writing(std::move(w)), dependencies_(d), bytes_(bytes) {
    dependencies_.metrics.redis_queued_bytes.add(static_cast<std::int64_t>(bytes_));
    if (response) dependencies_.memory.budget().charge(ChargeKind::buffers, response->charge());
  }
  /// A record that is to be removed.
  Task(const RedisTier::Dependencies& d, const Digest& k, std::uint64_t bytes, std::string record)
      : key(k), until(), removed(std::move(record)), dependencies_(d), bytes_(bytes) {
    dependencies_.metrics.redis_queued_bytes.add(static_cast<std::int64_t>(bytes_));
  }
  ~Task() {
    dependencies_.queue.release(ChargeKind::buffers, bytes_);
    dependencies_.metrics.redis_queued_bytes.add(-static_cast<std::int64_t>(bytes_));
    if (response) dependencies_.memory.budget().release(ChargeKind::buffers, response->charge());
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  const Digest key;
  const cache::StoredResponsePtr response;
  const WallTime until;
  const std::string removed;
  const std::shared_ptr<Writing> writing;

 private:
  const RedisTier::Dependencies dependencies_;
  const std::uint64_t bytes_;
};

RedisWriter::RedisWriter(const RedisSettings& settings, const RedisTier::Dependencies& dependencies)
    : settings_(settings),
      dependencies_(dependencies),
      packing_(settings.compress ? Packing::zstd : Packing::plain) {}

void RedisWriter::count(RedisStore result) {
  dependencies_.metrics.redis_stores[static_cast<std::size_t>(result)].add();
}

// ---- The queue -------------------------------------------------------------------------------------------

void RedisWriter::store(cache::StoredResponsePtr response, std::optional<seconds> keep,
                        std::shared_ptr<Writing> writing) {
  if (response->body_size() > settings_.max_body) return count(RedisStore::too_large);
  const auto now = dependencies_.clock.now();
  // Whoever reads it knows all of the log since then.
  const auto useful = std::min(useful_time(*response, keep, now), settings_.log_retention / 2);
  if (useful <= milliseconds{0}) return count(RedisStore::expired);
  const auto bytes = response->charge() + response->body_size() + kTaskBytes;
  if (!dependencies_.queue.try_charge(ChargeKind::buffers, bytes)) return count(RedisStore::dropped);
  const auto key = digest(response->key());
  add(std::make_shared<Task>(dependencies_, key, bytes, std::move(response), now + useful,
                             std::move(writing)));
}

/// What the record named expires by itself, and is found by nobody.
void RedisWriter::erase(const cache::PrimaryKey& key) {
  remove(key.digest, RedisKeys(settings_.name_space, key.digest).record());
}

void RedisWriter::remove(const Digest& key, std::string record) {
  if (!dependencies_.queue.try_charge(ChargeKind::buffers, kTaskBytes)) return count(RedisStore::dropped);
  add(std::make_shared<Task>(dependencies_, key, kTaskBytes, std::move(record)));
}

void RedisWriter::add(TaskPtr task) {
  auto& lane = lanes_[spread(task->key) % kLanes];
  lane.tasks.push_back(std::move(task));
  start(lane);
}

/// A task that found no memory is lost, the others are not.
void RedisWriter::start(Lane& lane) {
  if (lane.tasks.empty() || std::exchange(lane.running, true)) return;
  boost::asio::co_spawn(dependencies_.executor, run(lane),
                        [self = shared_from_this(), &lane](const std::exception_ptr&) {
                          lane.running = false;
                          self->start(lane);
                        });
}

bool RedisWriter::is_idle() const noexcept {
  return std::none_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.running; });
}

void RedisWriter::close() {
  stop_.request();
  for (auto& lane : lanes_) lane.tasks.clear();
}

io::Awaitable<void> RedisWriter::run(Lane& lane) {
  const auto self = shared_from_this();
  while (!lane.tasks.empty()) {
    const auto task = std::move(lane.tasks.front());
    lane.tasks.pop_front();
    const auto result = co_await write(task);
    if (task->writing) task->writing->is_done = result == RedisStore::written;
    if (task->response) count(result);
  }
}

// ---- Writing ---------------------------------------------------------------------------------------------

io::Awaitable<RedisStore> RedisWriter::write(TaskPtr task) {
  const RedisKeys keys(settings_.name_space, task->key);
  if (!task->response) {
    co_await unlink(task->removed);
    co_return RedisStore::written;
  }
  if (left(*task) <= milliseconds{0}) co_return RedisStore::expired;
  const auto& stored = *task->response;
  const auto layout = layout_of(stored);
  auto record = layout ? encode_entry(stored, *layout) : encode_entry(stored, packing_for(stored, packing_));
  if (!record) co_return RedisStore::too_large;
  // The record last: whoever finds it finds what it names.
  if (layout) {
    const auto written = co_await write_chunks(stored, *layout, keys, left(*task) + kChunksLonger);
    if (!written) co_return RedisStore::failed;
  }
  const auto written = co_await write_record(task, keys, std::move(*record));
  co_return written ? RedisStore::written : RedisStore::failed;
}

io::Awaitable<bool> RedisWriter::write_record(TaskPtr task, RedisKeys keys, std::string record) {
  const auto& stored = *task->response;
  std::vector<Write> writes;
  if (stored.vary_names().empty()) {
    writes.push_back({keys.record(), std::move(record), left(*task)});
  } else {
    auto variants = co_await variants_of(std::string(stored.key()), keys);
    if (!variants) co_return false;
    variants->add(stored.vary_names());
    variants->expires = std::max(variants->expires, task->until);
    writes.push_back({keys.variant(variants->generation, stored.vary_names(), stored.variant_key()),
                      std::move(record), left(*task)});
    writes.push_back({keys.record(), encode_variants(stored.key(), *variants),
                      variants->expires - dependencies_.clock.now()});
  }
  const auto written = co_await set(std::move(writes));
  co_return written;
}

io::Awaitable<void> RedisWriter::unlink(std::string record) {
  std::vector<RedisCommand> commands;
  commands.push_back(RedisCommand{"UNLINK"}.key(record));
  co_await call(std::move(commands));
}

std::optional<ChunkedBody> RedisWriter::layout_of(const cache::StoredResponse& stored) const {
  if (stored.body_size() <= kMaxInlineBody) return std::nullopt;
  return in_chunks(stored, settings_.chunk);
}

milliseconds RedisWriter::left(const Task& task) const noexcept {
  return task.until - dependencies_.clock.now();
}

/// What the key's responses vary on so far. Another node may add to it at the same time, and one of both be
/// lost: its variant is not found, and fetched again.
io::Awaitable<std::optional<Variants>> RedisWriter::variants_of(std::string key, RedisKeys keys) {
  std::vector<RedisCommand> get;
  get.push_back(RedisCommand{"GET"}.key(keys.record()));
  const auto replies = co_await call(std::move(get));
  if (!replies) co_return std::nullopt;
  Variants fresh;
  fresh.generation = random_word();
  const auto& reply = replies->front();
  if (!reply.is_string()) co_return fresh;
  auto record = decode_key_record(reply.text, key);
  if (record.has_error()) co_return fresh;
  auto* const variants = std::get_if<Variants>(&*record);
  co_return variants ? std::move(*variants) : fresh;
}

io::Awaitable<bool> RedisWriter::write_chunks(const cache::StoredResponse& stored, ChunkedBody layout,
                                              RedisKeys keys, milliseconds expiry) {
  for (std::uint32_t first = 0; first < layout.chunks(); first += group_size(layout)) {
    const auto written = co_await write_missing(stored, layout, keys, first, expiry);
    if (!written) co_return false;
  }
  co_return true;
}

/// One group: those that are there only get their expiry.
io::Awaitable<bool> RedisWriter::write_missing(const cache::StoredResponse& stored, ChunkedBody layout,
                                               RedisKeys keys, std::uint32_t first, milliseconds expiry) {
  const auto names = group_of(keys, layout, first);
  std::vector<RedisCommand> extend;
  for (const auto& name : names)
    extend.push_back(RedisCommand{"PEXPIRE"}.key(name).add(std::int64_t{expiry.count()}));
  const auto replies = co_await call(std::move(extend));
  if (!replies) co_return false;
  auto& memory = dependencies_.memory;
  Reservation reserved(memory.budget(), ChargeKind::buffers);
  memory.insist(reserved, group_bytes(layout));
  std::vector<Write> writes;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if ((*replies)[i].integer == 1) continue;
    const auto number = first + static_cast<std::uint32_t>(i);
    writes.push_back(
        {names[i], encode_chunk(*stored.body(), layout, number, packing_for(stored, packing_)), expiry});
  }
  if (writes.empty()) co_return true;
  const auto written = co_await set(std::move(writes));
  co_return written;
}

io::Awaitable<bool> RedisWriter::set(std::vector<Write> writes) {
  std::vector<RedisCommand> commands;
  std::uint64_t bytes = 0;
  for (auto& write : writes) {
    const auto record = std::move(write.record);  // the command has a copy: no two of all at once
    bytes += record.size();
    // One that has just expired is written all the same: 0 would be refused.
    const auto expiry = std::max(write.expiry, milliseconds{1});
    commands.push_back(
        RedisCommand{"SET"}.key(write.name).add(record).add("PX").add(std::int64_t{expiry.count()}));
  }
  const auto replies = co_await call(std::move(commands));
  if (!replies || !all_ok(*replies)) co_return false;
  dependencies_.metrics.redis_written_bytes.add(bytes);
  co_return true;
}

io::Awaitable<RedisWriter::Replies> RedisWriter::call(std::vector<RedisCommand> commands) {
  // After close() the client may be gone.
  if (stop_.requested()) co_return fail(ErrorKind::cancelled);
  auto replies = co_await dependencies_.client.call_all(std::move(commands), {});
  co_return replies;
}

}  // namespace forebay::tier
