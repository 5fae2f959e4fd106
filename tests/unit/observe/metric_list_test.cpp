#include "forebay/observe/metric_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <thread>

namespace forebay::observe {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

std::string render(std::initializer_list<const WorkerMetrics*> workers, std::vector<Reading> readings = {}) {
  return render_metrics({workers.begin(), workers.size()}, readings);
}

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(CacheResultName, IsDistinctForEachValue) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kCacheResults; ++i) names.insert(name(static_cast<CacheResult>(i)));
  EXPECT_EQ(names.size(), kCacheResults);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(AbortReasonName, IsDistinctForEachValue) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kAbortReasons; ++i) names.insert(name(static_cast<AbortReason>(i)));
  EXPECT_EQ(names.size(), kAbortReasons);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(WorkerMetrics, ShareNoCacheLine) {
  static_assert(alignof(WorkerMetrics) == 64);
  static_assert(sizeof(WorkerMetrics) % 64 == 0);
}

TEST(RenderMetrics, SumsWorkers) {
  WorkerMetrics a;
  WorkerMetrics b;
  a.requests[static_cast<std::size_t>(CacheResult::hit)].add(3);
  b.requests[static_cast<std::size_t>(CacheResult::hit)].add(4);
  a.connections.add(5);
  b.connections.add(-2);
  const auto text = render({&a, &b});
  EXPECT_THAT(text, HasSubstr("# TYPE forebay_requests_total counter\n"));
  EXPECT_THAT(text, HasSubstr("\nforebay_requests_total{result=\"hit\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("\nforebay_requests_total{result=\"miss\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE forebay_connections gauge\n"));
  EXPECT_THAT(text, HasSubstr("\nforebay_connections 3\n"));
}

TEST(RenderMetrics, RendersEveryMetricWithoutWorkers) {
  const auto text = render({});
  EXPECT_THAT(text, HasSubstr("\nforebay_sent_bytes_total 0\n"));
  EXPECT_THAT(text, HasSubstr("\nforebay_upstream_latency_seconds_count 0\n"));
}

TEST(RenderMetrics, LabelsResponsesByClass) {
  WorkerMetrics worker;
  for (std::size_t i = 0; i < worker.responses_by_class.size(); ++i)
    worker.responses_by_class[i].add(100 + i);
  const auto text = render({&worker});
  for (const char* line : {"{class=\"1xx\"} 101\n", "{class=\"2xx\"} 102\n", "{class=\"5xx\"} 105\n"}) {
    EXPECT_THAT(text, HasSubstr(std::string("forebay_responses_total") + line));
  }
  EXPECT_THAT(text, Not(HasSubstr(" 100\n")));
}

TEST(RenderMetrics, LabelsAbortsByReason) {
  WorkerMetrics worker;
  worker.connections_aborted[static_cast<std::size_t>(AbortReason::incomplete_response)].add(2);
  EXPECT_THAT(render({&worker}),
              HasSubstr("forebay_connections_aborted_total{reason=\"incomplete_response\"} 2\n"));
}

TEST(RenderMetrics, KeepsLargeCountersExact) {
  WorkerMetrics worker;
  worker.sent_bytes.add(1'234'567'890'123'456);
  EXPECT_THAT(render({&worker}), HasSubstr("\nforebay_sent_bytes_total 1234567890123456\n"));
}

TEST(RenderMetrics, AccumulatesBucketsOverWorkers) {
  WorkerMetrics a;
  WorkerMetrics b;
  a.upstream_latency.record(milliseconds(1));
  b.upstream_latency.record(milliseconds(2));
  b.upstream_latency.record(milliseconds(70'000));
  const auto text = render({&a, &b});
  const std::string name = "forebay_upstream_latency_seconds";
  EXPECT_THAT(text, HasSubstr("# TYPE " + name + " histogram\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{le=\"0.001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{le=\"0.002\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{le=\"65.536\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr(name + "_count 3\n"));
  EXPECT_THAT(text, HasSubstr(name + "_sum 70.003"));
  EXPECT_EQ(occurrences(text, name + "_bucket"), LatencyHistogram::kBuckets);
}

TEST(RenderMetrics, GroupsReadingsByName) {
  const auto text = render({}, {{"forebay_memory_bytes", "Charge by kind.", false, "kind", "body", 10},
                                {"forebay_evictions_total", "Evictions.", true, "", "", 4},
                                {"forebay_memory_bytes", "Charge by kind.", false, "kind", "head", 2.5}});
  EXPECT_EQ(occurrences(text, "# TYPE forebay_memory_bytes gauge\n"), 1U);
  EXPECT_THAT(text,
              HasSubstr("forebay_memory_bytes{kind=\"body\"} 10\nforebay_memory_bytes{kind=\"head\"} 2.5\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE forebay_evictions_total counter\nforebay_evictions_total 4\n"));
}

TEST(RenderMetrics, StaysOneLinePerSampleWithHostileReadings) {
  const auto text = render({}, {{"forebay_x", "two\nlines", false, "upstream", "a\"b\\c\nd\xff", 1}});
  EXPECT_THAT(text, HasSubstr("# HELP forebay_x two\\x0Alines\n"));
  EXPECT_THAT(text, HasSubstr("forebay_x{upstream=\"a\\\"b\\\\c\\nd\xEF\xBF\xBD\"} 1\n"));
}

TEST(RenderMetrics, NamesFollowTheConventions) {
  std::istringstream lines(render({}));
  std::set<std::string> names;
  std::string hash, keyword, name, rest;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# ")) continue;
    std::istringstream words(line);
    words >> hash >> keyword >> name;
    std::getline(words, rest);
    EXPECT_TRUE(name.starts_with("forebay_")) << line;
    if (keyword == "HELP") {
      EXPECT_TRUE(rest.ends_with('.')) << line;
      EXPECT_TRUE(names.insert(name).second) << line;
    } else {
      EXPECT_EQ(rest == " counter", name.ends_with("_total")) << line;
    }
  }
  EXPECT_GE(names.size(), 25U);
}

TEST(RenderMetrics, IsSafeWhileWorkersWrite) {
  WorkerMetrics worker;
  std::atomic<bool> done{false};
  std::thread writer([&] {
    while (!done) {
      worker.requests[0].add();
      worker.exchanges.add(1);
      worker.upstream_latency.record(milliseconds(5));
    }
  });
  for (int i = 0; i < 20; ++i) EXPECT_THAT(render({&worker}), HasSubstr("forebay_exchanges"));
  done = true;
  writer.join();
}

}  // namespace
}  // namespace forebay::observe
