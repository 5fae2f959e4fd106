#include "config/defaults.hpp"

namespace forebay::config {

Config initial_config() {
  Config config;
  config.admin.address = kDefaultAdmin;
  return config;
}

void fill_in(Config& config) {
  if (config.listen.empty()) config.listen.push_back({.address = std::string(kDefaultListen)});
  if (config.proxy.routes.empty() && config.upstreams.size() == 1) {
    config.proxy.routes.push_back({.upstream = config.upstreams.front().name});
  }
}

}  // namespace forebay::config
