#include "support/eventually.hpp"

#include <chrono>
#include <thread>

#include "support/gate.hpp"

namespace forebay::test {

bool eventually(const std::function<bool()>& is_so) {
  const auto end = std::chrono::steady_clock::now() + Gate::kPatience;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace forebay::test
