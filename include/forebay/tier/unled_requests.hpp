// How many requests may be under way to an upstream for what another node has been fetching for too long.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace forebay::tier {

/// Thread-safe. Outlives its permits.
class UnledRequests {
 public:
  explicit UnledRequests(std::uint32_t most) : most_(most) {}

  /// A place among those of one upstream, as long as it lives.
  class Permit {
   public:
    Permit(UnledRequests& of, std::string upstream) : of_(of), upstream_(std::move(upstream)) {}
    ~Permit() { of_.give_back(upstream_); }
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;

   private:
    UnledRequests& of_;
    const std::string upstream_;
  };
  /// Nothing when all are taken.
  std::unique_ptr<Permit> take(std::string_view upstream);

 private:
  void give_back(const std::string& upstream);

  const std::uint32_t most_;
  std::mutex mutex_;
  std::map<std::string, std::uint32_t, std::less<>> taken_;  // guarded by mutex_
};

}  // namespace forebay::tier
