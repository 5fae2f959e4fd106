// Timeouts without a timer per operation: each worker sweeps its deadlines once per period.
#pragma once

#include <boost/intrusive/list.hpp>
#include <chrono>
#include <functional>

#include "forebay/base/clock.hpp"
#include "forebay/io/asio.hpp"

namespace forebay::io {

class Sweep;

/// A point in time after which something is to be ended. Arming is one clock read and one store, so it may be
/// done for every request. Belongs to one worker; not thread-safe. Late by up to Sweep::kPeriod.
class Deadline
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  /// `on_expiry` runs in the sweep; it may cancel I/O but must not destroy any Deadline. `sweep` outlives
  /// this.
  Deadline(Sweep& sweep, std::function<void()> on_expiry);

  void arm(std::chrono::milliseconds from_now) noexcept;
  void disarm() noexcept { at_ = SteadyTime::max(); }
  /// True if it expired since it was last armed: tells a timeout from other failures.
  bool has_fired() const noexcept { return fired_; }

 private:
  friend class Sweep;
  Sweep& sweep_;
  std::function<void()> on_expiry_;
  SteadyTime at_ = SteadyTime::max();
  bool fired_ = false;
};

/// One worker's deadlines. Not thread-safe: runs on that worker.
class Sweep {
 public:
  static constexpr std::chrono::milliseconds kPeriod{100};

  Sweep(Executor executor, const Clock& clock);
  /// Starts the periodic sweep; stop() ends it so that the io_context can run out of work.
  void start();
  void stop();

  /// Expires what is due. Called by the period; public for tests.
  void expire_due();
  SteadyTime now() const noexcept { return clock_.steady_now(); }

 private:
  friend class Deadline;
  void schedule();

  using List = boost::intrusive::list<Deadline, boost::intrusive::constant_time_size<false>>;
  const Clock& clock_;
  Timer timer_;
  List deadlines_;
  bool stopped_ = true;
};

}  // namespace forebay::io
