// A master, a replica and three sentinels, for tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/redis_server.hpp"

namespace forebay::test {

/// All of them know each other once it is made; throws when that does not come about. The master is called
/// `mymaster`.
class RedisSentinels {
 public:
  explicit RedisSentinels(const std::string& password = {});

  RedisServer& master() { return *data_[0]; }  // as it began
  RedisServer& replica() { return *data_[1]; }
  RedisServer& sentinel(std::size_t i) { return *sentinels_.at(i); }
  /// "redis+sentinel://s1,s2,s3/mymaster".
  std::string url() const;
  /// The port that a sentinel names.
  std::string named_port() const;

 private:
  std::vector<std::unique_ptr<RedisServer>> data_;
  std::vector<std::unique_ptr<RedisServer>> sentinels_;
};

}  // namespace forebay::test
