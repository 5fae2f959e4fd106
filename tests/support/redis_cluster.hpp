// A Redis Cluster of masters, and of replicas if wanted, for tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/redis_server.hpp"

namespace forebay::test {

/// Three masters that share the slots, and so many replicas of the first. Complete once it is made; throws
/// when it does not come about.
class RedisClusterServers {
 public:
  static constexpr std::size_t kMasters = 3;

  explicit RedisClusterServers(std::size_t replicas = 0);

  RedisServer& server(std::size_t i) { return *servers_.at(i); }
  std::size_t size() const noexcept { return servers_.size(); }
  /// "redis+cluster://..." with the first master alone.
  std::string url() const;
  /// The index of the master that has the slot now.
  std::size_t owner(std::uint16_t slot) const;
  /// "b4a7...", as in CLUSTER commands.
  std::string id(std::size_t i) const;
  /// Moves a slot without keys from its owner to another, as far as both of them know.
  void move(std::uint16_t slot, std::size_t to);

 private:
  void share_slots();
  void introduce();

  std::vector<std::unique_ptr<RedisServer>> servers_;
};

}  // namespace forebay::test
