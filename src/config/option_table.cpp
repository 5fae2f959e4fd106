#include "config/option_table.hpp"

#include <chrono>
#include <utility>

#include "config/option_fields.hpp"
#include "config/purge_options.hpp"
#include "config/redis_options.hpp"
#include "config/route_options.hpp"

namespace forebay::config {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kGiB = 1024 * kMiB;
constexpr std::uint64_t kTiB = 1024 * kGiB;
constexpr std::uint64_t in_ms(milliseconds duration) { return static_cast<std::uint64_t>(duration.count()); }
constexpr std::uint64_t kHour = in_ms(hours{1});
constexpr std::uint64_t kDay = in_ms(hours{24});
constexpr std::uint64_t kMany = 1'000'000;

using Table = std::vector<Option>;

// Each names one struct of settings; given a member, it makes the way from a draft to that field.
auto in_config(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config; });
}
auto in_listen(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return *d.listen; });
}
auto in_admin(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config.admin; });
}
auto in_limits(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config.limits; });
}
auto in_timeouts(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config.timeouts; });
}
auto in_log(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config.log; });
}
auto in_memory(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config.memory; });
}
auto in_flights(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config.flights; });
}
auto in_proxy(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config.proxy; });
}
auto in_upstream(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return *d.upstream; });
}
auto in_tls(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.upstream->tls; });
}
void add_listen(Table& t) {
  using L = server::ListenSettings;
  t.push_back(section(Kind::items, "listen",
                      {.help = "Where clients connect; an element may also be an address alone.",
                       .shorthand = "listen[].address"},
                      [](Draft& d, const Value&) { d.listen = &d.config.listen.emplace_back(); }));
  t.push_back(leaf(Kind::text, "listen[].address", in_listen(&L::address),
                   {.help = "IP address and port, `[::]:8080` for IPv6, or `unix:/run/forebay/http.sock`.",
                    .noun = "an address",
                    .required = true}));
  t.push_back(
      leaf(Kind::count, "listen[].max_connections", in_listen(&L::max_connections),
           {.help = "Connections open at once, over all workers; more are accepted and closed at once.",
            .min = 1,
            .max = kMany}));
  t.push_back(
      leaf(Kind::count, "listen[].backlog", in_listen(&L::backlog),
           {.help = "Connections that the kernel keeps waiting to be accepted.", .min = 1, .max = 65'535}));
}

void add_admin(Table& t) {
  using A = admin::AdminSettings;
  t.push_back(section(Kind::map, "admin",
                      {.help = "The operator's side: /metrics, /livez, /readyz, /purge, /events."}));
  t.push_back(leaf(Kind::text, "admin.address", in_admin(&A::address),
                   {.help = "IP address and port, or `unix:/path`; `off` for no admin listener.",
                    .word = "off",
                    .noun = "an address",
                    .needs_restart = true}));
  t.push_back(
      leaf(Kind::text, "admin.token", in_admin(&A::token),
           {.help = "Bearer token for everything that changes state; without one only loopback may do that.",
            .example = "${FOREBAY_ADMIN_TOKEN:-}",
            .excludes = "admin.token_file"}));
  t.push_back(leaf(Kind::secret, "admin.token_file", in_admin(&A::token),
                   {.help = "A file that holds the token, instead of `token`; a trailing newline is dropped.",
                    .example = "/run/secrets/forebay_admin_token",
                    .excludes = "admin.token"}));
}

void add_process(Table& t) {
  t.push_back(
      leaf(Kind::count, "workers", in_config(&Config::workers),
           {.help = "Threads that serve requests; `auto`: as many as the CPUs that the cgroup allows.",
            .min = 1,
            .max = 1024,
            .word = "auto",
            .needs_restart = true}));
  t.push_back(leaf(
      Kind::duration, "drain_timeout", in_config(&Config::drain_timeout),
      {.help = "How long requests under way may take to finish when forebay is told to stop.", .max = kDay}));
}

void add_limits(Table& t) {
  using L = server::Limits;
  t.push_back(section(Kind::map, "limits", {.help = "What a client may send."}));
  t.push_back(leaf(Kind::size, "limits.request_line", in_limits(&L::request_line),
                   {.help = "A longer request line is answered with 414.", .min = 256, .max = kMiB}));
  t.push_back(leaf(Kind::size, "limits.request_head", in_limits(&L::request_head),
                   {.help = "A larger request head is answered with 431; at least `request_line`.",
                    .min = kKiB,
                    .max = kMiB}));
  t.push_back(leaf(Kind::count, "limits.request_fields", in_limits(&L::request_fields),
                   {.help = "A request with more fields is answered with 431.", .min = 1, .max = 1000}));
  t.push_back(leaf(Kind::size, "limits.request_body", in_limits(&L::request_body),
                   {.help = "A larger request body is answered with 413; 0: unlimited.", .max = kTiB}));
}

void add_timeouts(Table& t) {
  using T = server::Timeouts;
  t.push_back(section(Kind::map, "timeouts", {.help = "How long a client may take."}));
  t.push_back(leaf(
      Kind::duration, "timeouts.header", in_timeouts(&T::header),
      {.help = "From the first byte of a request to the end of its head; then 408.", .min = 1, .max = kDay}));
  t.push_back(leaf(Kind::duration, "timeouts.idle", in_timeouts(&T::idle),
                   {.help = "Between two requests on one connection.", .min = 1, .max = kDay}));
  t.push_back(leaf(Kind::duration, "timeouts.body", in_timeouts(&T::body),
                   {.help = "Between two reads of a request body.", .min = 1, .max = kDay}));
  t.push_back(leaf(Kind::duration, "timeouts.write", in_timeouts(&T::write),
                   {.help = "A write that makes no progress.", .min = 1, .max = kDay}));
  t.push_back(leaf(Kind::duration, "timeouts.tunnel", in_timeouts(&T::tunnel),
                   {.help = "An upgraded connection on which nothing moves.", .min = 1, .max = kDay}));
}

void add_partition_key(Table& t) {
  using P = proxy::ProxySettings;
  t.push_back(
      leaf(Kind::text, "partition_key", in_proxy(&P::partition_key),
           {.help = "A secret of at least 16 bytes that the names of partitions are hashed with; left "
                    "out: a random one for each process.",
            .example = "${FOREBAY_PARTITION_KEY:-}",
            .excludes = "partition_key_file"}));
  t.push_back(leaf(Kind::secret, "partition_key_file", in_proxy(&P::partition_key),
                   {.help = "A file that holds it, instead of `partition_key`.",
                    .example = "/run/secrets/forebay_partition_key",
                    .excludes = "partition_key"}));
}

void add_log(Table& t) {
  using L = observe::LogSettings;
  t.push_back(leaf(Kind::texts, "trusted_proxies", in_proxy(&proxy::ProxySettings::trusted_proxies),
                   {.help = "Proxies in front of forebay whose forwarding fields are believed and extended.",
                    .noun = "addresses and networks",
                    .example = "10.0.0.0/8"}));
  t.push_back(section(Kind::map, "log", {.help = "What is written, and where to."}));
  t.push_back(leaf(Kind::choice, "log.level", in_log(&L::level),
                   {.help = "The least severe messages that are written.",
                    .choices = {"debug", "info", "warning", "error"}}));
  t.push_back(leaf(Kind::choice, "log.access", in_log(&L::access),
                   {.help = "One line a request: none, in the combined format, or as JSON.",
                    .choices = {"off", "combined", "json"}}));
  t.push_back(leaf(Kind::path, "log.access_file", in_log(&L::access_file),
                   {.help = "Where access lines go; left out: standard output.",
                    .example = "/var/log/forebay/access.log"}));
  t.push_back(
      leaf(Kind::count, "log.access_queue", in_log(&L::access_queue),
           {.help = "Access lines that wait to be written; when full the oldest is dropped and counted.",
            .min = 1,
            .max = kMany}));
}

void add_upstream_tls(Table& t) {
  using T = upstream::TlsSettings;
  t.push_back(section(Kind::map, "upstreams.*.tls", {.help = "For servers with `https://`."}));
  t.push_back(leaf(Kind::flag, "upstreams.*.tls.verify", in_tls(&T::verify),
                   {.help = "Whether the server's certificate is verified."}));
  t.push_back(leaf(Kind::file, "upstreams.*.tls.ca_file", in_tls(&T::ca_file),
                   {.help = "Certificates to trust, as PEM; left out: the system's.",
                    .example = "/etc/forebay/upstream-ca.pem"}));
  t.push_back(leaf(Kind::text, "upstreams.*.tls.server_name", in_tls(&T::server_name),
                   {.help = "The name that is asked for (SNI) and verified; left out: the server's host.",
                    .noun = "a host name",
                    .example = "app.internal"}));
}

void add_upstream_timeouts(Table& t) {
  using U = upstream::UpstreamSettings;
  t.push_back(section(Kind::map, "upstreams.*.timeouts", {.help = "How long a server may take."}));
  t.push_back(leaf(Kind::duration, "upstreams.*.timeouts.connect", in_upstream(&U::connect_timeout),
                   {.help = "To accept a connection, TLS included.", .min = 1, .max = kHour}));
  t.push_back(leaf(Kind::duration, "upstreams.*.timeouts.first_byte", in_upstream(&U::first_byte_timeout),
                   {.help = "From the request sent to the response head received.", .min = 1, .max = kDay}));
  t.push_back(leaf(Kind::duration, "upstreams.*.timeouts.between_bytes",
                   in_upstream(&U::between_bytes_timeout),
                   {.help = "Between two reads of a response body, or two writes of a request body.",
                    .min = 1,
                    .max = kDay}));
  t.push_back(leaf(Kind::duration, "upstreams.*.timeouts.idle", in_upstream(&U::idle_timeout),
                   {.help = "How long a connection is kept unused; less than the server keeps it.",
                    .min = 1,
                    .max = kDay}));
  t.push_back(
      leaf(Kind::duration, "upstreams.*.timeouts.queue", in_upstream(&U::queue_timeout),
           {.help = "How long a request waits for one of `max_connections`.", .min = 1, .max = kHour}));
}

void add_upstreams(Table& t) {
  using U = upstream::UpstreamSettings;
  t.push_back(section(Kind::named, "upstreams",
                      {.help = "Where requests are forwarded to, by a name of your choice.",
                       .example = "app",
                       .required = true},
                      [](Draft& d, Value name) {
                        d.upstream = &d.config.upstreams.emplace_back();
                        d.upstream->name = std::move(name.text);
                      }));
  t.push_back(leaf(
      Kind::texts, "upstreams.*.servers", in_upstream(&U::servers),
      {.help = "The servers that share the load: `http://host:port`, `https://host:port` or `unix:/path`.",
       .noun = "servers",
       .example = "http://127.0.0.1:3000",
       .required = true}));
  add_upstream_tls(t);
  add_upstream_timeouts(t);
  t.push_back(
      leaf(Kind::count, "upstreams.*.max_connections", in_upstream(&U::max_connections),
           {.help = "Requests under way to one server, over all workers; 0: unlimited.", .max = kMany}));
  t.push_back(leaf(Kind::count, "upstreams.*.max_idle", in_upstream(&U::max_idle),
                   {.help = "Unused connections kept per server and worker.", .max = 10'000}));
  t.push_back(
      leaf(Kind::count, "upstreams.*.queue", in_upstream(&U::queue),
           {.help = "Requests that may wait for one of `max_connections`; more are refused.", .max = kMany}));
  t.push_back(section(Kind::map, "upstreams.*.refresh",
                      {.help = "How much is asked for in the background, over all workers; what is over that "
                               "is left for later."}));
  t.push_back(leaf(Kind::count, "upstreams.*.refresh.at_once", in_upstream(&U::refreshes_at_once),
                   {.help = "Refreshes under way; 0: none.", .max = kMany}));
  t.push_back(leaf(Kind::count, "upstreams.*.refresh.per_second", in_upstream(&U::refreshes_per_second),
                   {.help = "Refreshes begun in a second; 0: none.", .max = kMany}));
  t.push_back(
      leaf(Kind::duration, "upstreams.*.resolve_interval", in_upstream(&U::resolve_interval),
           {.help = "How often names are looked up again, in the background.", .min = 100, .max = kDay}));
  t.push_back(leaf(Kind::size, "upstreams.*.max_head", in_upstream(&U::max_head),
                   {.help = "A larger response head is an error.", .min = kKiB, .max = kMiB}));
}

void add_cache(Table& t) {
  using M = tier::MemorySettings;
  using F = flight::FlightSettings;
  t.push_back(section(Kind::map, "cache", {.help = "Where responses are kept, and how they are fetched."}));
  t.push_back(section(Kind::map, "cache.memory", {.help = "The memory tier."}));
  t.push_back(leaf(Kind::size, "cache.memory.size", in_memory(&M::size),
                   {.help = "Budget for everything that the cache holds or is about to hold.",
                    .min = kMiB,
                    .max = 64 * kTiB}));
  t.push_back(leaf(Kind::size, "cache.memory.max_body", in_memory(&M::max_body),
                   {.help = "A response with a larger body is passed on and not stored; at most `size`.",
                    .max = 64 * kTiB}));
  t.push_back(
      leaf(Kind::flag, "cache.memory.store", in_memory(&M::store),
           {.help = "`false`: memory keeps no responses, only `cache.redis` does, which every request "
                    "asks then. What is under way is bounded by `size` all the same."}));
  t.push_back(leaf(
      Kind::choice, "cache.memory.eviction", in_memory(&M::eviction),
      {.help =
           "Which stored response makes room. `lru`: the one unused for longest. `balanced`: what is new and "
           "not used again soon (S3-FIFO); a body larger than a tenth of a shard is stored at its second "
           "miss. `size_aware`: the same, then what is large and little used.",
       .choices = {"lru", "balanced", "size_aware"},
       .needs_restart = true}));
  t.push_back(leaf(
      Kind::count, "cache.memory.size_weight", in_memory(&M::size_weight),
      {.help = "How much the size counts with `size_aware`, in percent: the exponent k of uses / size^k. 0: "
               "uses alone; 100: uses for each byte.",
       .max = 100,
       .needs_restart = true}));
  t.push_back(
      section(Kind::map, "cache.collapsing", {.help = "One fetch for many clients that ask for the same."}));
  t.push_back(leaf(Kind::count, "cache.collapsing.max_waiters", in_flights(&F::max_waiters),
                   {.help = "Requests that may wait for one fetch; more are forwarded.", .max = kMany}));
  t.push_back(leaf(Kind::duration, "cache.collapsing.max_wait", in_flights(&F::max_wait),
                   {.help = "How long a request waits before it is forwarded.", .min = 1, .max = kHour}));
  t.push_back(
      leaf(Kind::duration, "cache.collapsing.uncacheable_memo", in_flights(&F::uncacheable_memo),
           {.help = "How long requests do not wait for each other after a response could not be stored.",
            .max = kDay}));
}

Table build() {
  Table table;
  add_listen(table);
  add_admin(table);
  add_process(table);
  add_limits(table);
  add_timeouts(table);
  add_log(table);
  add_upstreams(table);
  add_cache(table);
  add_redis_options(table);
  add_partition_key(table);
  add_purge_options(table);
  add_route_options(table);
  return table;
}

}  // namespace

const std::vector<Option>& option_table() {
  static const Table table = build();
  return table;
}

const Option* find_option(std::string_view path) {
  for (const Option& option : option_table()) {
    if (option.path == path) return &option;
  }
  return nullptr;
}

std::vector<const Option*> options_in(std::string_view path) {
  std::vector<const Option*> found;
  for (const Option& option : option_table()) {
    if (parent(option.path) == path) found.push_back(&option);
  }
  return found;
}

}  // namespace forebay::config
