#include "compile.hpp"

#include <utility>
#include <vector>

namespace forebay::app {

Result<std::shared_ptr<const proxy::Snapshot>> compile(const config::Config& config) {
  std::vector<std::shared_ptr<upstream::Upstream>> upstreams;
  for (const auto& settings : config.upstreams) {
    auto made = upstream::Upstream::make(settings);
    if (!made) return made.error();
    upstreams.push_back(std::move(*made));
  }
  return proxy::Snapshot::make(config.proxy, config.flights, std::move(upstreams));
}

}  // namespace forebay::app
