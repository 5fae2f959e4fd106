#include "support/redis_cluster.hpp"

#include <stdexcept>

#include "support/eventually.hpp"

namespace forebay::test {
namespace {

constexpr unsigned kSlots = 16'384;

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("a Redis Cluster: ") + what);
}

}  // namespace

RedisClusterServers::RedisClusterServers(std::size_t replicas) {
  for (std::size_t i = 0; i < kMasters + replicas; ++i)
    servers_.push_back(std::make_unique<RedisServer>(RedisServer::Options{
        .arguments = {"--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port",
                      std::to_string(free_port()), "--appendonly", "no"}}));
  share_slots();
  introduce();
  const auto knows_all = [&](const auto& server) {
    const auto info = server->ask({"CLUSTER", "INFO"}).text;
    return info.find("cluster_state:ok") != info.npos &&
           info.find("cluster_known_nodes:" + std::to_string(servers_.size()) + "\r") != info.npos;
  };
  for (const auto& server : servers_)
    require(eventually([&] { return knows_all(server); }), "its nodes do not find each other");
  for (std::size_t i = kMasters; i < servers_.size(); ++i) {
    require(server(i).ask({"CLUSTER", "REPLICATE", id(0)}).is_status("OK"), "no replica");
    require(server(i).wait_for_info("master_link_status", "up"), "a replica does not follow");
  }
}

void RedisClusterServers::share_slots() {
  for (std::size_t i = 0; i < kMasters; ++i) {
    const auto first = std::to_string(kSlots * i / kMasters);
    const auto last = std::to_string(kSlots * (i + 1) / kMasters - 1);
    require(server(i).ask({"CLUSTER", "ADDSLOTSRANGE", first, last}).is_status("OK"), "no slots");
    require(server(i).ask({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)}).is_status("OK"),
            "no epoch");
  }
}

void RedisClusterServers::introduce() {
  for (std::size_t i = 1; i < servers_.size(); ++i) {
    const auto port = std::to_string(server(i).port());
    const auto bus = server(i).ask({"CONFIG", "GET", "cluster-port"}).elements.at(1).text;
    require(server(0).ask({"CLUSTER", "MEET", "127.0.0.1", port, bus}).is_status("OK"), "no meeting");
  }
}

std::string RedisClusterServers::url() const { return "redis+cluster://" + servers_.front()->address(); }

std::string RedisClusterServers::id(std::size_t i) const {
  return servers_.at(i)->ask({"CLUSTER", "MYID"}).text;
}

std::size_t RedisClusterServers::owner(std::uint16_t slot) const {
  for (const auto& range : servers_.front()->ask({"CLUSTER", "SLOTS"}).elements) {
    if (slot < range.elements.at(0).integer || slot > range.elements.at(1).integer) continue;
    const auto port = range.elements.at(2).elements.at(1).integer;
    for (std::size_t i = 0; i < servers_.size(); ++i)
      if (servers_[i]->port() == port) return i;
  }
  throw std::runtime_error("nobody has the slot");
}

void RedisClusterServers::move(std::uint16_t slot, std::size_t to) {
  const auto from = owner(slot);
  const auto number = std::to_string(slot);
  for (const auto i : {to, from})
    require(server(i).ask({"CLUSTER", "SETSLOT", number, "NODE", id(to)}).is_status("OK"),
            "a slot does not move");
}

}  // namespace forebay::test
