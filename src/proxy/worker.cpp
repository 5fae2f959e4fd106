#include "forebay/proxy/worker.hpp"

#include <algorithm>

namespace forebay::proxy {

void Worker::adopt(std::shared_ptr<const Snapshot> snapshot) {
  snapshot_ = std::move(snapshot);
  const auto& kept = snapshot_->upstreams;
  std::erase_if(fetchers_, [&](const auto& entry) {
    const bool gone = std::none_of(kept.begin(), kept.end(),
                                   [&](const auto& upstream) { return upstream.get() == entry.first; });
    if (gone) entry.second->close_idle();
    return gone;
  });
}

upstream::Fetcher& Worker::fetcher(const std::shared_ptr<upstream::Upstream>& upstream) {
  auto& fetcher = fetchers_[upstream.get()];
  if (!fetcher) {
    const upstream::Fetcher::Dependencies dependencies{executor, sweep, shared.clock, metrics};
    fetcher = std::make_shared<upstream::Fetcher>(upstream, dependencies);
  }
  return *fetcher;
}

void Worker::cancel_shared_fetches() {
  for (auto* fetch : shared_fetches) fetch->request();
}

void Worker::close_idle_upstream_connections() {
  for (const auto& [upstream, fetcher] : fetchers_) fetcher->close_idle();
}

}  // namespace forebay::proxy
