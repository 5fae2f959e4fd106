#include "config/redis_options.hpp"

#include "config/option_fields.hpp"

namespace forebay::config {
namespace {

constexpr std::uint64_t kMinute = 60ULL * 1000;  // in ms, as durations are read
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;
constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kGiB = 1024 * kMiB;

using Table = std::vector<Option>;

auto in_redis(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config.redis; });
}
auto in_redis_tls(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config.redis.tls; });
}
auto in_breaker(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config.redis.breaker; });
}

void add_connection(Table& t) {
  using R = tier::RedisSettings;
  t.push_back(section(Kind::map, "cache.redis",
                      {.help = "Redis, which nodes share. Left out: every node keeps to its own memory."}));
  t.push_back(leaf(
      Kind::text, "cache.redis.url", in_redis(&R::url),
      {.help = "One server: `redis://host:port/database` or `unix:/path?db=database`. Behind sentinels: "
               "`redis+sentinel://host,host/master/database`. A cluster: `redis+cluster://host,host`. With "
               "`rediss` instead of `redis`: over TLS. Before the hosts `user:password@` may stand, with "
               "special characters percent-encoded.",
       .noun = "a URL",
       .example = "redis://127.0.0.1:6379/0",
       .excludes = "cache.redis.url_file"}));
  t.push_back(leaf(Kind::secret, "cache.redis.url_file", in_redis(&R::url),
                   {.help = "A file that holds it, instead of `url`.",
                    .example = "/run/secrets/forebay_redis_url",
                    .excludes = "cache.redis.url"}));
  t.push_back(leaf(
      Kind::text, "cache.redis.namespace", in_redis(&R::name_space),
      {.help = "What every key begins with. Nodes that share it share what they store.", .noun = "a name"}));
  t.push_back(leaf(Kind::text, "cache.redis.user", in_redis(&R::user),
                   {.help = "Instead of the URL's; left out: the default user.",
                    .noun = "a user name",
                    .example = "forebay"}));
  t.push_back(leaf(Kind::text, "cache.redis.password", in_redis(&R::password),
                   {.help = "Instead of the URL's.",
                    .noun = "a password",
                    .example = "${FOREBAY_REDIS_PASSWORD:-}",
                    .excludes = "cache.redis.password_file"}));
  t.push_back(leaf(Kind::secret, "cache.redis.password_file", in_redis(&R::password),
                   {.help = "A file that holds it, instead of `password`.",
                    .example = "/run/secrets/forebay_redis_password",
                    .excludes = "cache.redis.password"}));
  t.push_back(
      leaf(Kind::duration, "cache.redis.connect_timeout", in_redis(&R::connect_timeout),
           {.help = "To look a host up, connect and log in, TLS included.", .min = 1, .max = kMinute}));
  t.push_back(leaf(Kind::duration, "cache.redis.timeout", in_redis(&R::timeout),
                   {.help = "What one call to Redis may take of a request's time, waiting for a connection "
                            "included; then the request goes on without it.",
                    .min = 1,
                    .max = kMinute}));
}

/// What holds of stored responses while Redis is away.
void add_cut_off(Table& t) {
  using R = tier::RedisSettings;
  t.push_back(
      leaf(Kind::duration, "cache.redis.max_unverified", in_redis(&R::max_unverified),
           {.help = "How long a node may hear nothing of what others purge before it counts as cut off.",
            .min = 3'000,
            .max = kDay}));
  t.push_back(
      leaf(Kind::choice, "cache.redis.when_cut_off", in_redis(&R::when_cut_off),
           {.help = "What a node that is cut off does with stored responses: use them as ever, validate "
                    "them first, or forward all requests.",
            .choices = {"serve", "revalidate", "bypass"}}));
  t.push_back(
      leaf(Kind::duration, "cache.redis.log_retention", in_redis(&R::log_retention),
           {.help = "How long entries of the shared invalidation log are kept. Responses live in Redis "
                    "for at most half of it.",
            .min = kHour,
            .max = 365 * kDay}));
}

/// One fetch for all nodes.
void add_flights(Table& t) {
  using R = tier::RedisSettings;
  t.push_back(leaf(Kind::duration, "cache.redis.max_wait", in_redis(&R::max_wait),
                   {.help = "How long a node waits for the head of what another one fetches before it asks "
                            "the upstream itself, at most `cache.collapsing.max_wait`; 0: nodes do not wait "
                            "for each other, each fetches for itself.",
                    .max = kHour}));
  t.push_back(leaf(Kind::duration, "cache.redis.lease", in_redis(&R::lease),
                   {.help = "A node that has not been heard of for so long has lost its fetch to another, "
                            "which asks the upstream anew.",
                    .min = 300,
                    .max = kMinute}));
  t.push_back(leaf(Kind::count, "cache.redis.max_unled", in_redis(&R::max_unled),
                   {.help = "How many requests a node may have under way to an upstream for what it has "
                            "waited for longer than `max_wait`; others wait on, for four times that at most.",
                    .min = 1,
                    .max = 100'000}));
}

void add_sentinel(Table& t) {
  using R = tier::RedisSettings;
  t.push_back(
      section(Kind::map, "cache.redis.sentinel",
              {.help = "For URLs with `redis+sentinel`: how to log in to the sentinels themselves."}));
  t.push_back(leaf(Kind::text, "cache.redis.sentinel.user", in_redis(&R::sentinel_user),
                   {.help = "Left out: the default user.", .noun = "a user name", .example = "forebay"}));
  t.push_back(leaf(Kind::text, "cache.redis.sentinel.password", in_redis(&R::sentinel_password),
                   {.help = "Left out: they want none.",
                    .noun = "a password",
                    .example = "${FOREBAY_SENTINEL_PASSWORD:-}",
                    .excludes = "cache.redis.sentinel.password_file"}));
  t.push_back(leaf(Kind::secret, "cache.redis.sentinel.password_file", in_redis(&R::sentinel_password),
                   {.help = "A file that holds it, instead of `password`.",
                    .example = "/run/secrets/forebay_sentinel_password",
                    .excludes = "cache.redis.sentinel.password"}));
}

/// What is kept there, and how.
void add_entries(Table& t) {
  using R = tier::RedisSettings;
  // At most 65,536 chunks: 1 GiB of the smallest.
  t.push_back(leaf(Kind::size, "cache.redis.max_body", in_redis(&R::max_body),
                   {.help = "Larger bodies are not kept in Redis.", .max = kGiB}));
  t.push_back(leaf(Kind::size, "cache.redis.chunk", in_redis(&R::chunk),
                   {.help = "Bodies above 64 KiB are written and read in pieces of this size.",
                    .min = 16 * kKiB,
                    .max = 16 * kMiB}));
  t.push_back(leaf(Kind::flag, "cache.redis.compress", in_redis(&R::compress),
                   {.help = "Whether bodies from 1 KiB on that are not coded already are compressed by zstd. "
                            "Costs processor time, saves room and bandwidth."}));
  t.push_back(leaf(Kind::size, "cache.redis.write_queue", in_redis(&R::write_queue),
                   {.help = "What may wait to be written to Redis, at least `max_body`; responses that find "
                            "no room here are not written. They count towards `cache.memory.size`, too.",
                    .min = kMiB,
                    .max = 64 * kGiB}));
  t.push_back(leaf(Kind::duration, "cache.redis.memory_ttl", in_redis(&R::memory_ttl),
                   {.help = "How long a node uses a copy in its memory of what it found in Redis before it "
                            "asks Redis again; 0: as long as the response is fresh.",
                    .max = kDay}));
}

void add_tls(Table& t) {
  using T = tier::RedisTlsSettings;
  t.push_back(section(Kind::map, "cache.redis.tls", {.help = "For URLs with `rediss`."}));
  t.push_back(leaf(Kind::flag, "cache.redis.tls.verify", in_redis_tls(&T::verify),
                   {.help = "Whether certificates of Redis are verified."}));
  t.push_back(leaf(Kind::file, "cache.redis.tls.ca_file", in_redis_tls(&T::ca_file),
                   {.help = "Certificates to trust, as PEM; left out: the system's.",
                    .example = "/etc/forebay/redis-ca.pem"}));
  t.push_back(leaf(Kind::file, "cache.redis.tls.certificate_file", in_redis_tls(&T::certificate_file),
                   {.help = "The certificate that forebay proves itself by, with its chain, as PEM.",
                    .example = "/etc/forebay/redis-client.pem"}));
  t.push_back(leaf(
      Kind::file, "cache.redis.tls.key_file", in_redis_tls(&T::key_file),
      {.help = "Its private key, as PEM without a passphrase.", .example = "/etc/forebay/redis-client.key"}));
  t.push_back(leaf(Kind::text, "cache.redis.tls.server_name", in_redis_tls(&T::server_name),
                   {.help = "The name that is asked for (SNI) and verified; left out: each node's host.",
                    .noun = "a host name",
                    .example = "redis.internal"}));
}

void add_breaker(Table& t) {
  using B = tier::BreakerSettings;
  t.push_back(section(Kind::map, "cache.redis.breaker",
                      {.help = "When a node of Redis that fails is left alone, so that no request waits for "
                               "it. Each worker judges for itself."}));
  t.push_back(leaf(Kind::count, "cache.redis.breaker.failures", in_breaker(&B::failures),
                   {.help = "So many of the last `window` calls failed or were slow. A connection that "
                            "cannot be made is enough by itself.",
                    .min = 1,
                    .max = 64}));
  t.push_back(leaf(Kind::count, "cache.redis.breaker.window", in_breaker(&B::window),
                   {.help = "The calls that are looked back at.", .min = 1, .max = 64}));
  t.push_back(leaf(Kind::duration, "cache.redis.breaker.slow", in_breaker(&B::slow),
                   {.help = "A call that takes so long counts as failed.", .min = 1, .max = kMinute}));
  t.push_back(leaf(Kind::duration, "cache.redis.breaker.min_pause", in_breaker(&B::min_pause),
                   {.help = "How long it is left alone at first, at most; each further pause is up to twice "
                            "as long.",
                    .min = 10,
                    .max = kHour}));
  t.push_back(leaf(Kind::duration, "cache.redis.breaker.max_pause", in_breaker(&B::max_pause),
                   {.help = "The longest pause between two probes.", .min = 10, .max = kHour}));
  t.push_back(leaf(Kind::count, "cache.redis.breaker.probes", in_breaker(&B::probes),
                   {.help = "So many probes have to succeed, one after the other, before it is used again.",
                    .min = 1,
                    .max = 100}));
}

}  // namespace

void add_redis_options(Table& table) {
  add_connection(table);
  add_cut_off(table);
  add_flights(table);
  add_sentinel(table);
  add_entries(table);
  add_tls(table);
  add_breaker(table);
}

}  // namespace forebay::config
