#include "support/test_daemon.hpp"

#include <stdexcept>
#include <utility>

namespace forebay::test {

config::Config simple_config(const std::string& upstream) {
  config::Config config;
  config.listen.push_back({.address = "127.0.0.1:0"});
  config.workers = 2;
  upstream::UpstreamSettings origin;
  origin.name = "origin";
  origin.servers = {upstream};
  config.upstreams.push_back(std::move(origin));
  proxy::RouteSettings route;
  route.upstream = "origin";
  config.proxy.routes.push_back(std::move(route));
  config.memory.size = 64ULL << 20;
  config.log.level = observe::Level::error;
  return config;
}

TestDaemon::TestDaemon(const std::string& upstream, const Change& change) : config_(simple_config(upstream)) {
  if (change) change(config_);
  auto started = app::Daemon::start(config_, clock_);
  if (!started) throw std::runtime_error("forebay does not start: " + describe(started.error()));
  daemon_ = std::move(*started);
}

double TestDaemon::metric(const std::string& series) const {
  const auto text = "\n" + daemon_->metrics();
  const auto at = text.find("\n" + series + " ");
  if (at == std::string::npos) throw std::runtime_error("there is no metric " + series + " in\n" + text);
  return std::stod(text.substr(at + series.size() + 2));
}

bool TestDaemon::wait_for_metric(const std::string& series, double at_least) const {
  return eventually([&] { return metric(series) >= at_least; });
}

bool TestDaemon::wait_until_metric_is(const std::string& series, double value) const {
  return eventually([&] { return metric(series) == value; });
}

bool TestDaemon::wait_for_no_flights() const {
  return eventually([&] { return daemon_->flights() == 0; });
}

OriginResponse with(std::string body, OriginFields fields) {
  OriginResponse response;
  response.fields = std::move(fields);
  response.body = std::move(body);
  return response;
}

OriginResponse fresh(std::string body, OriginFields more) {
  more.emplace_back("Cache-Control", "max-age=60");
  return with(std::move(body), std::move(more));
}

}  // namespace forebay::test
