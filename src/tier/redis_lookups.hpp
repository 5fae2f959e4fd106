// What the Redis tier reads: a key's record, the variant that a request selects, and bodies.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "forebay/cache/key.hpp"
#include "forebay/tier/redis_tier.hpp"
#include "redis_keys.hpp"
#include "redis_reads.hpp"
#include "redis_report.hpp"

namespace forebay::tier {

/// Lives on one worker; shared with the reads under way. After close() it asks Redis nothing more.
class RedisLookups : public std::enable_shared_from_this<RedisLookups> {
 public:
  /// `remove(key, record)`: has a record of a key removed, some time.
  using Remove = std::function<void(const Digest&, std::string)>;
  RedisLookups(const RedisSettings& settings, const RedisTier::Dependencies& dependencies, Remove remove);

  io::Awaitable<RedisTier::Lookup> find(cache::PrimaryKey key, const http::Fields& request,
                                        RedisTier::Limits limits);
  void close() { reads_->close(); }

 private:
  /// A variant that a request may have.
  struct Variant {
    std::string record;  // its name in Redis
    std::string vary_names;
    std::string variant_key;
  };
  using Replies = Result<std::vector<RedisReply>>;

  io::Awaitable<RedisRead> read_key(std::string key, RedisKeys keys, io::Cancel& cancel);
  io::Awaitable<RedisRead> read_variants(std::string key, RedisKeys keys, std::vector<Variant> variants,
                                         io::Cancel& cancel);
  io::Awaitable<RedisRead> with_body(Entry entry, RedisKeys keys, io::Cancel& cancel);
  io::Awaitable<Replies> get(std::vector<std::string> records, io::Cancel& cancel);

  std::vector<Variant> selected(const RedisKeys& keys, const Variants& variants,
                                const http::Fields& request) const;
  Entry newest(std::string_view key, std::span<const Variant> variants, std::span<const RedisReply> replies,
               RedisRead& read);
  observe::RedisLookup append_chunks(const Digest& key, const ChunkedBody& layout, std::uint32_t first,
                                     std::span<const std::string> records,
                                     std::span<const RedisReply> replies, BodyBuilder& body);
  bool is_too_large(std::uint64_t body_length) const noexcept;
  void report(std::string_view record, EntryFault fault);

  const RedisSettings settings_;
  const RedisTier::Dependencies dependencies_;
  const Remove remove_;
  RedisReport report_;
  const std::shared_ptr<RedisReads> reads_;
};

}  // namespace forebay::tier
