#include <atomic>

#include "forebay/upstream/origin.hpp"

namespace forebay::upstream {
namespace {

class RoundRobin final : public Balancer {
 public:
  std::size_t choose(std::size_t servers, std::size_t attempt) override {
    // Only first attempts move the ring on, so that a dead server's share is spread over all the others.
    const auto turn = attempt == 0 ? next_.fetch_add(1, std::memory_order_relaxed)
                                   : next_.load(std::memory_order_relaxed) + attempt - 1;
    return servers == 0 ? 0 : turn % servers;
  }

 private:
  std::atomic<std::size_t> next_{0};
};

}  // namespace

std::unique_ptr<Balancer> round_robin() { return std::make_unique<RoundRobin>(); }

}  // namespace forebay::upstream
