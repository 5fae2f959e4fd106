#include "worker_thread.hpp"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

namespace forebay::app {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds kLook{10};
/// How long closed connections may take to unwind: they wait for nothing but their own completion handlers.
constexpr std::chrono::milliseconds kUnwind{5000};

}  // namespace

WorkerThread::WorkerThread(unsigned index, const proxy::Shared& shared,
                           std::shared_ptr<const proxy::Snapshot> snapshot,
                           std::shared_ptr<const server::ServiceSettings> settings)
    : index_(index),
      worker_(context_.get_executor(), shared, metrics_, std::move(snapshot)),
      service_(worker_, std::move(settings)) {}

WorkerThread::~WorkerThread() { join(); }

void WorkerThread::run() {
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), ("worker-" + std::to_string(index_)).c_str());
    worker_.sweep.start();
    worker_.readiness.start();
    context_.run();
  });
}

void WorkerThread::join() {
  if (!thread_.joinable()) return;
  work_.reset();
  context_.stop();
  thread_.join();
}

void WorkerThread::listen(std::shared_ptr<server::ListenPoint> point) {
  asio::post(context_, [this, point = std::move(point)] { service_.listen(point, index_); });
}

void WorkerThread::adopt(std::shared_ptr<const proxy::Snapshot> snapshot,
                         std::shared_ptr<const server::ServiceSettings> settings,
                         std::vector<std::shared_ptr<server::ListenPoint>> points) {
  asio::post(context_, [this, snapshot = std::move(snapshot), settings = std::move(settings),
                        points = std::move(points)]() mutable {
    worker_.adopt(std::move(snapshot));
    service_.adopt(std::move(settings));
    service_.keep_only(points);
    for (const auto& point : points) service_.listen(point, index_);  // those that were not taken yet
  });
}

std::future<bool> WorkerThread::leave(std::chrono::milliseconds limit) {
  std::promise<bool> done;
  auto left = done.get_future();
  asio::co_spawn(context_.get_executor(), wait_until_empty(limit, std::move(done)), asio::detached);
  return left;
}

io::Awaitable<void> WorkerThread::wait_until_empty(std::chrono::milliseconds limit, std::promise<bool> done) {
  service_.drain();
  worker_.close_idle_upstream_connections();
  io::Timer timer(context_.get_executor());
  const auto look = [&]() { timer.expires_after(kLook); };
  const auto end = std::chrono::steady_clock::now() + limit;
  const auto is_written = [&] { return !worker_.shared_tier || worker_.shared_tier->is_idle(); };
  while (!(is_empty() && is_written()) && std::chrono::steady_clock::now() < end) {
    look();
    co_await timer.async_wait(io::kUse);
  }
  const bool by_itself = is_empty();
  service_.close_all();
  worker_.cancel_shared_fetches();
  const auto unwound = std::chrono::steady_clock::now() + kUnwind;
  // What other nodes follow is given back.
  const auto leads = [&] { return worker_.shared_tier && !worker_.shared_tier->flights().is_idle(); };
  while ((!is_empty() || leads()) && std::chrono::steady_clock::now() < unwound) {
    look();
    co_await timer.async_wait(io::kUse);
  }
  worker_.close_idle_upstream_connections();
  worker_.shared_tier.reset();
  const auto unwinds = [&] {
    return metrics_.redis_connections.value() > 0 || metrics_.redis_flights_led.value() > 0;
  };
  while (unwinds() && std::chrono::steady_clock::now() < unwound) {
    look();
    co_await timer.async_wait(io::kUse);
  }
  worker_.sweep.stop();
  worker_.readiness.stop();
  work_.reset();
  done.set_value(by_itself);
}

}  // namespace forebay::app
