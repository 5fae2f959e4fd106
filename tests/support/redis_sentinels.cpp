#include "support/redis_sentinels.hpp"

#include <stdexcept>

#include "support/eventually.hpp"

namespace forebay::test {
namespace {

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("Redis Sentinel: ") + what);
}

/// The value behind a name in a flat list of both.
std::string value_of(const tier::RedisReply& list, std::string_view name) {
  for (std::size_t i = 0; i + 1 < list.elements.size(); i += 2)
    if (list.elements[i].text == name) return list.elements[i + 1].text;
  return {};
}

}  // namespace

RedisSentinels::RedisSentinels(const std::string& password) {
  std::vector<std::string> arguments;
  if (!password.empty())
    for (const auto* option : {"--requirepass", "--masterauth"}) {
      arguments.emplace_back(option);
      arguments.push_back(password);
    }
  for (int i = 0; i < 2; ++i)
    data_.push_back(
        std::make_unique<RedisServer>(RedisServer::Options{.arguments = arguments, .password = password}));
  const auto port = std::to_string(master().port());
  require(replica().ask({"REPLICAOF", "127.0.0.1", port}).is_status("OK"), "no replica");
  require(replica().wait_for_info("master_link_status", "up"), "the replica does not follow");
  std::string file = "sentinel monitor mymaster 127.0.0.1 " + port + " 2\n";
  file += "sentinel down-after-milliseconds mymaster 500\nsentinel failover-timeout mymaster 2000\n";
  if (!password.empty()) file += "sentinel auth-pass mymaster " + password + "\n";
  for (int i = 0; i < 3; ++i)
    sentinels_.push_back(std::make_unique<RedisServer>(RedisServer::Options{.file = file, .sentinel = true}));
  for (const auto& sentinel : sentinels_) {
    const bool ready = eventually([&] {
      const auto about = sentinel->ask({"SENTINEL", "MASTER", "mymaster"});
      return value_of(about, "num-slaves") == "1" && value_of(about, "num-other-sentinels") == "2";
    });
    require(ready, "they do not find each other");
  }
}

std::string RedisSentinels::url() const {
  std::string url = "redis+sentinel://";
  for (const auto& sentinel : sentinels_) url += (url.ends_with('/') ? "" : ",") + sentinel->address();
  return url + "/mymaster";
}

std::string RedisSentinels::named_port() const {
  return sentinels_.front()->ask({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster"}).elements.at(1).text;
}

}  // namespace forebay::test
