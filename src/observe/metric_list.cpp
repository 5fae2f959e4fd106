// The table of metrics, and their rendering. The text format itself is prometheus-cpp's business.
#include "forebay/observe/metric_list.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <unordered_map>
#include <utility>

#include "forebay/base/error.hpp"
#include "forebay/observe/escape.hpp"

namespace forebay::observe {

std::string_view name(CacheResult result) noexcept {
  switch (result) {
    case CacheResult::hit: return "hit";
    case CacheResult::stale: return "stale";
    case CacheResult::revalidated: return "revalidated";
    case CacheResult::miss: return "miss";
    case CacheResult::pass: return "pass";
    case CacheResult::error: return "error";
    case CacheResult::refused: return "refused";
  }
  return "unknown";
}

std::string_view name(AbortReason reason) noexcept {
  switch (reason) {
    case AbortReason::header_timeout: return "header_timeout";
    case AbortReason::body_timeout: return "body_timeout";
    case AbortReason::write_timeout: return "write_timeout";
    case AbortReason::bad_request: return "bad_request";
    case AbortReason::incomplete_response: return "incomplete_response";
  }
  return "unknown";
}

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// ---- The table ------------------------------------------------------------------------------------------

/// One family of numbers. The i-th of its `series` has the label value label_value(i).
struct Row {
  std::string_view name;
  std::string_view help;
  MetricType type;
  std::string_view label;
  std::size_t series;
  std::string_view (*label_value)(std::size_t i);
  double (*read)(const WorkerMetrics& worker, std::size_t i);
};

struct HistogramRow {
  std::string_view name;
  std::string_view help;
  LatencyHistogram WorkerMetrics::*member;
};

template <auto Member>
double read_one(const WorkerMetrics& worker, std::size_t) {
  return static_cast<double>((worker.*Member).value());
}

template <auto Member, std::size_t First = 0>
double read_at(const WorkerMetrics& worker, std::size_t i) {
  return static_cast<double>((worker.*Member)[First + i].value());
}

template <class Enum>
std::string_view enum_name(std::size_t i) {
  return name(static_cast<Enum>(i));
}

std::string_view class_name(std::size_t i) {
  constexpr std::array<std::string_view, 5> kNames{"1xx", "2xx", "3xx", "4xx", "5xx"};
  return kNames[i];
}

std::string_view redis_error_name(std::size_t i) {
  return name(static_cast<ErrorKind>(static_cast<std::size_t>(ErrorKind::redis_unavailable) + i));
}

template <Counter WorkerMetrics::*Member>
constexpr Row counter(std::string_view name, std::string_view help) {
  return {name, help, MetricType::Counter, {}, 1, nullptr, read_one<Member>};
}

template <Gauge WorkerMetrics::*Member>
constexpr Row gauge(std::string_view name, std::string_view help) {
  return {name, help, MetricType::Gauge, {}, 1, nullptr, read_one<Member>};
}

using M = WorkerMetrics;

constexpr Row kRows[] = {
    // clients
    {"forebay_requests_total", "Requests by how they were answered.", MetricType::Counter, "result",
     kCacheResults, enum_name<CacheResult>, read_at<&M::requests>},
    {"forebay_responses_total", "Responses sent to clients by class of their status.", MetricType::Counter,
     "class", 5, class_name, read_at<&M::responses_by_class, 1>},
    counter<&M::sent_bytes>("forebay_sent_bytes_total", "Bytes sent to clients, heads and bodies."),
    counter<&M::received_bytes>("forebay_received_bytes_total",
                                "Bytes received from clients, heads and bodies."),
    counter<&M::connections_accepted>("forebay_connections_accepted_total",
                                      "Connections accepted from clients."),
    counter<&M::connections_refused>("forebay_connections_refused_total",
                                     "Connections closed at once because max_connections were open."),
    gauge<&M::connections>("forebay_connections", "Connections of clients open now."),
    gauge<&M::exchanges>("forebay_exchanges", "Requests being answered now, memory hits excepted."),
    {"forebay_connections_aborted_total", "Connections of clients ended before their time.",
     MetricType::Counter, "reason", kAbortReasons, enum_name<AbortReason>, read_at<&M::connections_aborted>},

    // collapsed forwarding
    counter<&M::collapsed>("forebay_collapsed_requests_total",
                           "Requests that waited for another request's fetch and were answered by it."),
    counter<&M::waiters_refused>("forebay_waiters_refused_total",
                                 "Requests that could not wait for a fetch because too many waited already."),
    counter<&M::waits_expired>("forebay_waits_expired_total",
                               "Requests that waited for a fetch longer than allowed."),
    gauge<&M::waiting>("forebay_waiting", "Requests waiting for another request's fetch now."),

    // refreshing
    counter<&M::refreshes>("forebay_refreshes_total", "Refreshes begun in the background."),
    counter<&M::refreshes_refused>("forebay_refreshes_refused_total",
                                   "Refreshes not begun because the upstream's budget was used up."),
    counter<&M::refreshes_failed>(
        "forebay_refreshes_failed_total",
        "Refreshes in the background that the upstream did not answer, or with an error."),

    // storing
    counter<&M::stored>("forebay_stored_total", "Upstream responses that were stored."),
    counter<&M::not_stored>("forebay_not_stored_total", "Upstream responses that were not stored."),
    counter<&M::invalidated_in_flight>("forebay_invalidated_in_flight_total",
                                       "Upstream responses invalidated while they were being fetched."),

    // content codings
    counter<&M::recodings>("forebay_recodings_total", "Contents of responses coded or decoded."),
    counter<&M::recoding_failures>(
        "forebay_recoding_failures_total",
        "Contents of responses that turned out malformed while they were decoded."),

    // upstream
    counter<&M::upstream_requests>("forebay_upstream_requests_total", "Requests sent to upstreams."),
    counter<&M::upstream_errors>("forebay_upstream_errors_total", "Requests to upstreams that failed."),
    counter<&M::upstream_retries>("forebay_upstream_retries_total", "Requests sent to an upstream again."),
    counter<&M::upstream_connections_opened>("forebay_upstream_connections_opened_total",
                                             "Connections opened to upstreams."),
    gauge<&M::upstream_connections>("forebay_upstream_connections", "Connections to upstreams open now."),
    gauge<&M::upstream_queued>("forebay_upstream_queued",
                               "Requests waiting for a connection to an upstream now."),
    counter<&M::upstream_received_bytes>("forebay_upstream_received_bytes_total",
                                         "Bytes received from upstreams."),
    counter<&M::upstream_sent_bytes>("forebay_upstream_sent_bytes_total", "Bytes sent to upstreams."),

    // Redis
    counter<&M::redis_calls>("forebay_redis_calls_total", "Calls to Redis, however they ended."),
    {"forebay_redis_errors_total", "Calls to Redis that failed.", MetricType::Counter, "kind", kRedisErrors,
     redis_error_name, read_at<&M::redis_errors>},
    counter<&M::redis_redirections>("forebay_redis_redirections_total",
                                    "Calls sent again because another node of the cluster has the key."),
    counter<&M::redis_connections_opened>("forebay_redis_connections_opened_total",
                                          "Connections opened to Redis."),
    gauge<&M::redis_connections>("forebay_redis_connections", "Connections to Redis open now."),
    gauge<&M::redis_in_flight>("forebay_redis_in_flight", "Calls waiting for an answer of Redis now."),
    gauge<&M::redis_nodes_open>("forebay_redis_nodes_open",
                                "Redis nodes left alone now because calls failed, counted by each worker."),
    counter<&M::redis_nodes_opened>("forebay_redis_nodes_opened_total",
                                    "Times that a worker began to leave a Redis node alone."),
    {"forebay_redis_lookups_total", "Lookups in Redis, by what they came to.", MetricType::Counter, "result",
     kRedisLookups, enum_name<RedisLookup>, read_at<&M::redis_lookups>},
    {"forebay_redis_stores_total", "Responses to be written to Redis, by what became of them.",
     MetricType::Counter, "result", kRedisStores, enum_name<RedisStore>, read_at<&M::redis_stores>},
    {"forebay_redis_unusable_total", "Records in Redis that could not be used.", MetricType::Counter,
     "reason", kEntryFaults, enum_name<EntryFault>, read_at<&M::redis_unusable>},
    counter<&M::redis_read_bytes>("forebay_redis_read_bytes_total", "Bytes of records read from Redis."),
    counter<&M::redis_written_bytes>("forebay_redis_written_bytes_total",
                                     "Bytes of records written to Redis."),
    gauge<&M::redis_queued_bytes>("forebay_redis_queued_bytes",
                                  "Bytes of responses waiting to be written to Redis now."),
    {"forebay_redis_flights_total", "Fetches that nodes share, by what became of them on this node.",
     MetricType::Counter, "event", kClusterFlights, enum_name<ClusterFlight>, read_at<&M::redis_flights>},
    gauge<&M::redis_flights_led>("forebay_redis_flights_led",
                                 "Fetches of this node that others may follow now."),
    gauge<&M::redis_flights_followed>("forebay_redis_flights_followed",
                                      "Fetches of other nodes that this one follows now."),
};

constexpr HistogramRow kHistograms[] = {
    {"forebay_upstream_latency_seconds",
     "Time from a request sent to an upstream to the head of its response.", &M::upstream_latency},
    {"forebay_redis_latency_seconds", "Time from a call to Redis to its answer.", &M::redis_latency},
};

// ---- Workers to families --------------------------------------------------------------------------------

using Workers = std::span<const WorkerMetrics* const>;

void set_value(ClientMetric& metric, MetricType type, double value) {
  if (type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

MetricFamily make_family(std::string_view name, std::string_view help, MetricType type) {
  return {std::string(name), std::string(help), type, {}};
}

MetricFamily collect(const Row& row, Workers workers) {
  auto family = make_family(row.name, row.help, row.type);
  for (std::size_t i = 0; i < row.series; ++i) {
    double sum = 0;
    for (const auto* worker : workers) sum += row.read(*worker, i);
    auto& metric = family.metric.emplace_back();
    if (!row.label.empty()) metric.label.push_back({std::string(row.label), std::string(row.label_value(i))});
    set_value(metric, row.type, sum);
  }
  return family;
}

/// The count is the sum of the buckets as they were read, so that the two agree while workers go on
/// recording.
MetricFamily collect(const HistogramRow& row, Workers workers) {
  auto family = make_family(row.name, row.help, MetricType::Histogram);
  auto& histogram = family.metric.emplace_back().histogram;
  for (std::size_t i = 0; i < LatencyHistogram::kBuckets; ++i) {
    for (const auto* worker : workers) histogram.sample_count += (worker->*row.member).bucket(i);
    const bool last = i + 1 == LatencyHistogram::kBuckets;  // +Inf, which the serializer adds
    if (!last)
      histogram.bucket.push_back({histogram.sample_count, static_cast<double>(std::uint64_t{1} << i) / 1000});
  }
  for (const auto* worker : workers) {
    histogram.sample_sum += static_cast<double>((worker->*row.member).sum_milliseconds()) / 1000;
  }
  return family;
}

// ---- Readings to families -------------------------------------------------------------------------------

/// Readings of one name make one family, where the first of them stood; its help text and type count.
void append_readings(std::vector<MetricFamily>& families, std::span<const Reading> readings) {
  std::unordered_map<std::string_view, std::size_t> positions;
  for (const auto& reading : readings) {
    const auto [position, is_new] = positions.try_emplace(reading.name, families.size());
    if (is_new) {
      const auto type = reading.counter ? MetricType::Counter : MetricType::Gauge;
      families.push_back(make_family(reading.name, one_line(reading.help), type));
    }
    auto& family = families[position->second];
    auto& metric = family.metric.emplace_back();
    if (!reading.label_name.empty()) {
      metric.label.push_back({reading.label_name, valid_utf8(reading.label_value)});
    }
    if (!reading.second_label_name.empty()) {
      metric.label.push_back({reading.second_label_name, valid_utf8(reading.second_label_value)});
    }
    set_value(metric, family.type, reading.value);
  }
}

}  // namespace

std::string render_metrics(std::span<const WorkerMetrics* const> workers, std::span<const Reading> readings) {
  std::vector<MetricFamily> families;
  families.reserve(std::size(kRows) + std::size(kHistograms) + readings.size());
  for (const auto& row : kRows) families.push_back(collect(row, workers));
  for (const auto& row : kHistograms) families.push_back(collect(row, workers));
  append_readings(families, readings);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace forebay::observe
