#include "health_check.hpp"

#include <chrono>
#include <iostream>

#include "admin_client.hpp"

namespace forebay::app {

int health_check(const std::string& address) {
  constexpr std::chrono::seconds kLimit{5};
  const auto reply = ask_admin(address, {.target = "/readyz"}, kLimit);
  if (!reply) {
    std::cerr << "forebay at " << address << " does not answer: " << reply.error().detail << "\n";
    return 1;
  }
  if (reply->status == 200) return 0;
  std::cerr << "forebay at " << address << " is not ready:\n" << reply->body;
  return 1;
}

}  // namespace forebay::app
