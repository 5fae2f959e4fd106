#include "forebay/tier/redis_tier.hpp"

#include "redis_lookups.hpp"
#include "redis_writer.hpp"

namespace forebay::tier {

RedisTier::RedisTier(const RedisSettings& settings, const Dependencies& dependencies)
    : writer_(std::make_shared<RedisWriter>(settings, dependencies)),
      lookups_(std::make_shared<RedisLookups>(settings, dependencies,
                                              [writer = writer_](const Digest& key, std::string record) {
                                                writer->remove(key, std::move(record));
                                              })) {}

RedisTier::~RedisTier() {
  lookups_->close();
  writer_->close();
}

io::Awaitable<RedisTier::Lookup> RedisTier::find(cache::PrimaryKey key, const http::Fields& request,
                                                 Limits limits) {
  return lookups_->find(key, request, limits);
}

void RedisTier::store(cache::StoredResponsePtr response, std::optional<std::chrono::seconds> keep,
                      std::shared_ptr<Writing> writing) {
  writer_->store(std::move(response), keep, std::move(writing));
}

void RedisTier::erase(const cache::PrimaryKey& key) { writer_->erase(key); }

bool RedisTier::is_idle() const noexcept { return writer_->is_idle(); }

}  // namespace forebay::tier
