#include "forebay/app/daemon.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <thread>
#include <utility>

#include "forebay/admin/admin_server.hpp"
#include "forebay/tier/cluster.hpp"
#include "purge_sweep.hpp"
#include "readings.hpp"
#include "redis_events.hpp"
#include "worker_thread.hpp"

namespace forebay::app {

namespace asio = boost::asio;

namespace {

/// How long what is closed may take to unwind.
constexpr std::chrono::milliseconds kUnwind{1000};
constexpr std::chrono::milliseconds kLastPurges{2000};

}  // namespace

class Daemon::Impl {
 public:
  Impl(const config::Config& config, const Clock& clock)
      : config_(config),
        clock_(clock),
        log_(config.log),
        worker_count_(config.workers > 0 ? config.workers : available_cpus()),
        memory_(config.memory, worker_count_) {}
  ~Impl() { stop(std::chrono::milliseconds(0)); }

  Result<void> start();
  Result<std::vector<std::string>> reload(const config::Config& config);
  bool stop(std::chrono::milliseconds limit);

  config::Config config_;
  const Clock& clock_;
  observe::Log log_;
  const unsigned worker_count_;
  tier::MemoryTier memory_;
  proxy::EventSink events_{memory_};
  flight::FlightTable flights_;
  flight::KeyMemo uncacheable_;
  flight::KeyMemo failed_;
  flight::KeyMemo unsliced_;
  flight::SearchRuleMemo search_rules_;
  std::unique_ptr<tier::Cluster> cluster_;     // nothing without Redis
  std::unique_ptr<RedisEvents> redis_events_;  // nothing unless events arrive by Redis
  asio::io_context control_{1};
  asio::executor_work_guard<asio::io_context::executor_type> control_work_{control_.get_executor()};
  std::vector<std::shared_ptr<upstream::Upstream>> upstreams_;
  std::vector<std::shared_ptr<server::ListenPoint>> points_;
  std::vector<std::unique_ptr<WorkerThread>> workers_;
  std::mutex snapshot_mutex_;
  std::shared_ptr<const proxy::Snapshot> snapshot_;  // guarded by snapshot_mutex_
  std::unique_ptr<admin::AdminServer> admin_;
  std::thread control_thread_;
  std::atomic<bool> leaving_{false};
  bool running_ = false;

  std::string metrics() const;

 private:
  using Upstreams = std::vector<std::shared_ptr<upstream::Upstream>>;
  using Points = std::vector<std::shared_ptr<server::ListenPoint>>;

  /// Those of the running configuration that have not changed, new ones for the others.
  Result<Upstreams> make_upstreams(const config::Config& config) const;
  Result<Points> open_points(const config::Config& config) const;
  void resolve_new(const Upstreams& upstreams);
  std::vector<admin::Readiness> readiness() const;
  std::shared_ptr<const proxy::Snapshot> snapshot();
  void take(std::shared_ptr<const proxy::Snapshot> snapshot);
  void tell_of_few_shards();
  void write_last_purges(std::chrono::milliseconds limit);
  admin::AdminSources admin_sources();
  std::shared_ptr<const admin::Spread> spread(std::chrono::milliseconds limit);
  static std::shared_ptr<const server::ServiceSettings> service_settings(const config::Config& config) {
    return std::make_shared<const server::ServiceSettings>(
        server::ServiceSettings{config.limits, config.timeouts});
  }
};

Result<void> Daemon::Impl::start() {
  auto upstreams = make_upstreams(config_);
  if (!upstreams) return upstreams.error();
  auto snapshot = proxy::Snapshot::make(config_.proxy, config_.flights, *upstreams);
  if (!snapshot) return snapshot.error();
  auto points = open_points(config_);
  if (!points) return points.error();
  if (config_.redis.is_set()) {
    auto cluster = tier::Cluster::make(config_.redis, {control_.get_executor(), memory_, clock_, log_});
    if (!cluster) return cluster.error();
    cluster_ = std::move(*cluster);
    cluster_->start();
    if (config_.redis_events.is_set())
      redis_events_ = std::make_unique<RedisEvents>(
          *cluster_, config_.redis_events, events_, [this] { return this->snapshot(); }, clock_, log_);
  }
  upstreams_ = *upstreams;
  points_ = *points;
  take(*snapshot);
  if (redis_events_) redis_events_->start();

  if (!config_.admin.address.empty()) {
    auto admin = admin::AdminServer::start(control_, config_.admin, admin_sources(), log_);
    if (!admin) return admin.error();
    admin_ = std::move(*admin);
  }
  const proxy::Shared shared{clock_,  log_,      memory_,       flights_,      uncacheable_,
                             failed_, unsliced_, search_rules_, cluster_.get()};
  for (unsigned i = 0; i < worker_count_; ++i) {
    workers_.push_back(std::make_unique<WorkerThread>(i, shared, *snapshot, service_settings(config_)));
    for (const auto& point : points_) workers_.back()->listen(point);
  }
  resolve_new(upstreams_);
  tell_of_few_shards();
  keep_sweeping(control_, memory_);
  control_thread_ = std::thread([this] { control_.run(); });
  for (const auto& worker : workers_) worker->run();
  running_ = true;
  return {};
}

Result<std::vector<std::string>> Daemon::Impl::reload(const config::Config& config) {
  auto upstreams = make_upstreams(config);
  if (!upstreams) return upstreams.error();
  auto snapshot = proxy::Snapshot::make(config.proxy, config.flights, *upstreams);
  if (!snapshot) return snapshot.error();
  auto points = open_points(config);
  if (!points) return points.error();

  std::vector<std::string> notes;
  const auto wanted_workers = config.workers > 0 ? config.workers : available_cpus();
  if (wanted_workers != worker_count_) notes.emplace_back("`workers` takes effect after a restart");
  if (config.admin != config_.admin) notes.emplace_back("`admin` takes effect after a restart");
  if (config.log.access_file != config_.log.access_file ||
      config.log.access_queue != config_.log.access_queue)
    notes.emplace_back("`log.access_file` and `log.access_queue` take effect after a restart");
  if (config.redis_events != config_.redis_events)
    notes.emplace_back("`events.redis` takes effect after a restart");
  if (config.redis != config_.redis) notes.emplace_back("`cache.redis` takes effect after a restart");
  if (config.memory.store != config_.memory.store)
    notes.emplace_back("`cache.memory.store` takes effect after a restart");
  if (config.memory.eviction != config_.memory.eviction ||
      config.memory.size_weight != config_.memory.size_weight)
    notes.emplace_back("`cache.memory.eviction` and `size_weight` take effect after a restart");

  for (const auto& listen : config.listen)
    for (const auto& running : config_.listen)
      if (running.address == listen.address && running.backlog != listen.backlog)
        notes.push_back("the backlog of `" + listen.address + "` takes effect after a restart");

  const auto before = std::exchange(upstreams_, *upstreams);
  const auto points_before = std::exchange(points_, *points);
  for (const auto& point : points_before)
    if (std::find(points_.begin(), points_.end(), point) == points_.end()) point->retire();
  for (std::size_t i = 0; i < points_.size(); ++i)
    points_[i]->set_max_connections(config.listen[i].max_connections);
  config_ = config;
  log_.reconfigure(config.log);
  memory_.reconfigure(config.memory);
  take(*snapshot);
  for (const auto& worker : workers_) worker->adopt(*snapshot, service_settings(config), points_);
  Upstreams added;
  for (const auto& upstream : upstreams_)
    if (std::find(before.begin(), before.end(), upstream) == before.end()) added.push_back(upstream);
  resolve_new(added);
  for (const auto& upstream : before)
    if (std::find(upstreams_.begin(), upstreams_.end(), upstream) == upstreams_.end())
      asio::post(control_, [upstream] { upstream->stop(); });
  return notes;
}

void Daemon::Impl::tell_of_few_shards() {
  const auto wanted = tier::MemoryTier::shards_for({.size = UINT64_MAX, .max_body = 1}, worker_count_).count;
  if (memory_.shards() < wanted)
    log_.write(observe::Level::info,
               "the memory tier has " + std::to_string(memory_.shards()) + " of " + std::to_string(wanted) +
                   " shards, so that each has room for 16 bodies of `cache.memory.max_body`");
}

/// Other nodes wait for what has been purged here; without Redis nobody learns of it any more.
void Daemon::Impl::write_last_purges(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + std::min<std::chrono::milliseconds>(limit, kLastPurges);
  const auto left = [&] { return cluster_->entries().unwritten_count(); };
  while (left() > 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  if (left() > 0)
    log_.write(observe::Level::error,
               std::to_string(left()) + " purges could not be written to the shared invalidation log");
}

bool Daemon::Impl::stop(std::chrono::milliseconds limit) {
  leaving_ = true;
  bool by_itself = true;
  if (running_) {
    std::vector<std::future<bool>> leaving;
    for (const auto& worker : workers_) leaving.push_back(worker->leave(limit));
    for (auto& left : leaving) by_itself = left.get() && by_itself;
  }
  if (running_ && cluster_) write_last_purges(limit);
  // The admin server asks the workers for their numbers: it ends before they do.
  if (control_thread_.joinable()) {
    asio::post(control_, [this] {
      if (admin_) admin_->stop();
      for (const auto& upstream : upstreams_) upstream->stop();
      if (redis_events_) redis_events_->stop();
      if (cluster_) cluster_->stop();
      control_work_.reset();
      control_.stop();
    });
    control_thread_.join();
    // What was under way with Redis has been closed, and unwinds here.
    const auto unwound = std::chrono::steady_clock::now() + kUnwind;
    control_.restart();
    const auto is_over = [&] {
      return (!cluster_ || cluster_->has_stopped()) && (!redis_events_ || redis_events_->has_stopped());
    };
    while (!is_over() && std::chrono::steady_clock::now() < unwound)
      control_.run_one_for(std::chrono::milliseconds(10));
    // So does what was finding out whether Redis is back: it counts in the cluster's numbers to its last.
    control_.restart();
    control_.poll();
  }
  admin_.reset();
  for (const auto& worker : workers_)
    worker->join();  // all before any io_context goes: they post to each other
  workers_.clear();
  redis_events_.reset();
  cluster_.reset();
  for (const auto& point : points_) point->retire();
  points_.clear();
  running_ = false;
  return by_itself;
}

Result<Daemon::Impl::Upstreams> Daemon::Impl::make_upstreams(const config::Config& config) const {
  Upstreams upstreams;
  for (const auto& settings : config.upstreams) {
    const auto same = std::find_if(upstreams_.begin(), upstreams_.end(),
                                   [&](const auto& running) { return running->settings() == settings; });
    if (same != upstreams_.end()) {
      upstreams.push_back(*same);
      continue;
    }
    auto made = upstream::Upstream::make(settings);
    if (!made) return fail(made.error().kind, "upstream \"" + settings.name + "\": " + made.error().detail);
    upstreams.push_back(std::move(*made));
  }
  return upstreams;
}

Result<Daemon::Impl::Points> Daemon::Impl::open_points(const config::Config& config) const {
  Points points;
  for (const auto& settings : config.listen) {
    const auto same = std::find_if(points_.begin(), points_.end(),
                                   [&](const auto& open) { return open->address() == settings.address; });
    if (same != points_.end()) {
      points.push_back(*same);
      continue;
    }
    auto opened = server::ListenPoint::open(settings, worker_count_);
    if (!opened) return opened.error();
    points.push_back(std::move(*opened));
  }
  return points;
}

void Daemon::Impl::resolve_new(const Upstreams& upstreams) {
  for (const auto& upstream : upstreams)
    asio::post(control_, [this, upstream] { upstream->keep_resolving(control_, log_); });
}

std::vector<admin::Readiness> Daemon::Impl::readiness() const {
  const bool leaving = leaving_;
  std::vector<admin::Readiness> states{{"listeners", !leaving, leaving ? "draining" : ""}};
  if (!cluster_) return states;
  // Without Redis it goes on: whoever balances load need not take it out.
  const auto unverified = std::chrono::duration_cast<seconds>(cluster_->follower().unverified());
  const bool cut_off = cluster_->follower().is_cut_off();
  const auto since = "nothing heard of the invalidation log for " + std::to_string(unverified.count()) + " s";
  states.push_back({"redis", true, cut_off ? since : ""});
  for (const auto& node : cluster_->nodes()) {
    const auto* state = node.connected ? "connected" : "not connected";
    if (node.breaker != tier::BreakerState::closed) state = "left alone: calls failed";
    states.push_back({"redis " + node.address, true, state});
  }
  return states;
}

std::shared_ptr<const proxy::Snapshot> Daemon::Impl::snapshot() {
  const std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

void Daemon::Impl::take(std::shared_ptr<const proxy::Snapshot> snapshot) {
  const std::lock_guard lock(snapshot_mutex_);
  snapshot_ = std::move(snapshot);
}

admin::AdminSources Daemon::Impl::admin_sources() {
  using proxy::Purging;
  const auto purge = [this](const proxy::PurgeOrder& order,
                            Purging::Run run) -> Result<std::unique_ptr<Purging>> {
    auto purges = proxy::entries_for(order, snapshot()->routes, clock_.now());
    if (!purges) return purges.error();
    return std::make_unique<Purging>(memory_, std::move(*purges), run);
  };
  const auto event = [this](const boost::json::value& said) {
    return events_.take(said, *snapshot(), clock_.now());
  };
  return {[this] { return metrics(); },
          [this] { return readiness(); },
          purge,
          event,
          [this](std::chrono::milliseconds limit) { return spread(limit); },
          [this] { return cluster_ && !cluster_->follower().is_in_touch(); }};
}

std::shared_ptr<const admin::Spread> Daemon::Impl::spread(std::chrono::milliseconds limit) {
  if (!cluster_) return nullptr;
  auto known = std::make_shared<admin::Spread>();
  const auto wait = [](tier::Cluster& cluster, std::chrono::milliseconds time,
                       std::shared_ptr<admin::Spread> to) -> io::Awaitable<void> {
    auto all = co_await cluster.follower().wait_for_all(cluster.entries().last_number(), time);
    *to = {true, all.written && all.missing.empty(), std::move(all.missing)};
  };
  asio::co_spawn(control_, wait(*cluster_, limit, known), asio::detached);
  return known;
}

std::string Daemon::Impl::metrics() const {
  std::vector<const observe::WorkerMetrics*> numbers;
  for (const auto& worker : workers_) numbers.push_back(&worker->metrics());
  if (cluster_) numbers.push_back(&cluster_->metrics());
  auto readings = shared_readings(memory_, flights_, events_, log_);
  if (cluster_) add_readings(readings, *cluster_);
  return observe::render_metrics(numbers, readings);
}

// ---- Daemon ---------------------------------------------------------------------------------------------

Daemon::Daemon(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::start(const config::Config& config, const Clock& clock) {
  std::unique_ptr<Impl> impl;
  try {
    impl = std::make_unique<Impl>(config, clock);
  } catch (const std::exception& error) {  // the access log's file, say
    return fail(ErrorKind::system_failure, error.what());
  }
  if (auto started = impl->start(); !started) return started.error();
  return std::unique_ptr<Daemon>(new Daemon(std::move(impl)));
}

Result<std::vector<std::string>> Daemon::reload(const config::Config& config) {
  return impl_->reload(config);
}
bool Daemon::drain() { return impl_->stop(impl_->config_.drain_timeout); }
void Daemon::reopen_logs() { impl_->log_.reopen(); }

std::vector<std::uint16_t> Daemon::ports() const {
  std::vector<std::uint16_t> ports;
  for (const auto& point : impl_->points_) ports.push_back(point->port());
  return ports;
}

std::uint16_t Daemon::admin_port() const { return impl_->admin_ ? impl_->admin_->port() : 0; }
std::string Daemon::metrics() const { return impl_->metrics(); }
unsigned Daemon::workers() const noexcept { return impl_->worker_count_; }
std::uint64_t Daemon::memory_used() const { return impl_->memory_.budget().used(); }
std::size_t Daemon::flights() const { return impl_->flights_.flights(); }

}  // namespace forebay::app
