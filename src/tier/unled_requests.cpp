#include "forebay/tier/unled_requests.hpp"

#include <utility>

namespace forebay::tier {

std::unique_ptr<UnledRequests::Permit> UnledRequests::take(std::string_view upstream) {
  std::string name(upstream);
  {
    const std::lock_guard lock(mutex_);
    auto& taken = taken_[name];
    if (taken >= most_) return nullptr;
    ++taken;
  }
  return std::make_unique<Permit>(*this, std::move(name));
}

void UnledRequests::give_back(const std::string& upstream) {
  const std::lock_guard lock(mutex_);
  const auto at = taken_.find(upstream);
  if (--at->second == 0) taken_.erase(at);
}

}  // namespace forebay::tier
