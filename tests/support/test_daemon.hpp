// A whole forebay within the test: two workers, listening on a free port, in front of the origins the test
// has made.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "forebay/app/daemon.hpp"
#include "support/client.hpp"
#include "support/eventually.hpp"
#include "support/manual_clock.hpp"
#include "support/scripted_origin.hpp"

namespace forebay::test {

/// For one thread. Its clock stands still unless the test moves it.
class TestDaemon {
 public:
  using Change = std::function<void(config::Config&)>;

  /// Everything goes to `upstream` (a URL as in the configuration), under the default settings as `change`
  /// leaves them.
  explicit TestDaemon(const std::string& upstream, const Change& change = {});
  explicit TestDaemon(const ScriptedOrigin& origin, const Change& change = {})
      : TestDaemon(origin.url(), change) {}

  ManualClock& clock() noexcept { return clock_; }
  app::Daemon& operator*() noexcept { return *daemon_; }
  app::Daemon* operator->() noexcept { return daemon_.get(); }

  std::uint16_t port() const { return daemon_->ports().at(0); }
  /// A new connection.
  Client client() const { return Client(port()); }
  /// One request on a connection of its own.
  Response get(const std::string& target, const FieldLines& fields = {}) const {
    return client().get(target, fields);
  }

  /// The configuration it was started with, to reload a changed one.
  const config::Config& config() const noexcept { return config_; }

  /// A line of the metrics by its name and labels as they are written:
  /// `forebay_requests_total{result="hit"}`.
  double metric(const std::string& series) const;
  /// Waits until it is at least, or exactly, so much; false when that takes longer than a test should.
  bool wait_for_metric(const std::string& series, double at_least) const;
  bool wait_until_metric_is(const std::string& series, double value) const;
  /// Waits until no fetch for the store is under way.
  bool wait_for_no_flights() const;

 private:
  ManualClock clock_;
  config::Config config_;
  std::unique_ptr<app::Daemon> daemon_;
};

/// An upstream named "origin" with one server, a route for everything, a listener on a free port.
config::Config simple_config(const std::string& upstream);

/// What most scenarios begin with.
struct Scenario {
  explicit Scenario(const TestDaemon::Change& change = {})
      : forebay(origin, change), client(forebay.client()) {}

  ScriptedOrigin origin;
  TestDaemon forebay;
  Client client;
};

/// 200 with a body that is fresh for a minute.
OriginResponse fresh(std::string body, OriginFields more = {});
OriginResponse with(std::string body, OriginFields fields);

}  // namespace forebay::test
