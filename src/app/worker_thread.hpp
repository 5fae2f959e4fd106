// One worker: a thread, the io_context that only it runs, and what lives there.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "forebay/proxy/worker.hpp"
#include "forebay/server/service.hpp"

namespace forebay::app {

/// Its methods are called from the thread that owns the daemon; each takes effect on the worker by a post.
class WorkerThread {
 public:
  WorkerThread(unsigned index, const proxy::Shared& shared, std::shared_ptr<const proxy::Snapshot> snapshot,
               std::shared_ptr<const server::ServiceSettings> settings);
  ~WorkerThread();

  void run();
  void listen(std::shared_ptr<server::ListenPoint> point);
  void adopt(std::shared_ptr<const proxy::Snapshot> snapshot,
             std::shared_ptr<const server::ServiceSettings> settings,
             std::vector<std::shared_ptr<server::ListenPoint>> points);
  /// Stops accepting and lets what is under way end within `limit`, then closes it. The future tells when the
  /// worker has nothing left, true if all ended by itself. Once only.
  std::future<bool> leave(std::chrono::milliseconds limit);

  /// Ends the thread, after leave(): what has not unwound by then is dropped.
  void join();

  const observe::WorkerMetrics& metrics() const noexcept { return metrics_; }

 private:
  io::Awaitable<void> wait_until_empty(std::chrono::milliseconds limit, std::promise<bool> done);
  bool is_empty() const { return service_.connections() == 0 && worker_.shared_fetches.empty(); }

  const unsigned index_;
  boost::asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  boost::asio::executor_work_guard<io::Executor> work_{context_.get_executor()};
  observe::WorkerMetrics metrics_;
  proxy::Worker worker_;
  server::Service service_;
  std::thread thread_;
};

}  // namespace forebay::app
