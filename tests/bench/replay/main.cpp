// replay: what each eviction policy makes of a trace. It drives the real memory tier, not a model of it; the
// bodies are allocated, but not filled.
//
//   xz -dc trace.csv.xz | replay --trace - --size 2MiB --overhead 512
//   replay --preset scans --requests 4000000 --share 1 --shards 16 --threads 1,2,4
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "bounds.hpp"
#include "drive.hpp"
#include "forebay/base/quantity.hpp"
#include "synthetic.hpp"

namespace forebay::bench {
namespace {

struct Options {
  std::string trace;
  std::string preset;
  std::uint64_t requests = 4'000'000;
  std::uint32_t catalogue = 1'000'000;
  std::uint64_t seed = 1;
  std::string size;
  double share = 0;  // percent
  std::vector<std::string> policies{"lru", "balanced", "size_aware"};
  std::vector<unsigned> threads{1};
  std::size_t shards = 1;
  std::uint64_t overhead = 512;
  std::uint32_t size_weight = 50;
  bool bounds = false;
  bool write = false;
};

void declare(CLI::App& cli, Options& o) {
  auto* trace =
      cli.add_option("--trace", o.trace, "file of time_s,id,size_bytes[,ttl_s] lines; - for standard input");
  cli.add_option("--preset", o.preset, "synthetic trace: stationary, scans, drift or cdn")->excludes(trace);
  cli.add_option("--requests", o.requests, "of a synthetic trace");
  cli.add_option("--catalogue", o.catalogue, "objects of lasting popularity in a synthetic trace");
  cli.add_option("--seed", o.seed, "of a synthetic trace");
  auto* size = cli.add_option("--size", o.size, "bytes for stored responses, such as 8MiB");
  cli.add_option("--share", o.share, "the same in percent of the distinct bytes")->excludes(size);
  cli.add_option("--policies", o.policies, "of lru, balanced and size_aware")->delimiter(',');
  cli.add_option("--threads", o.threads, "such as 1,2,4")->delimiter(',');
  cli.add_option("--shards", o.shards, "a power of two");
  cli.add_option("--overhead", o.overhead, "bytes charged for a response besides its body");
  cli.add_option("--size-weight", o.size_weight, "as cache.memory.size_weight");
  cli.add_flag("--bounds", o.bounds, "also what Belady's rule reaches, and what nothing exceeds");
  cli.add_flag("--write", o.write, "write the trace to standard output and do nothing else");
}

Trace load(const Options& o) {
  if (o.trace == "-") return read_trace(std::cin);
  if (!o.trace.empty()) {
    std::ifstream in(o.trace);
    if (!in) throw std::runtime_error("cannot read " + o.trace);
    return read_trace(in);
  }
  for (const auto& mix : presets())
    if (mix.name == o.preset) return make_trace(mix, o.requests, o.catalogue, o.seed);
  throw std::runtime_error("a --trace, or a --preset of: stationary scans drift cdn");
}

std::uint64_t capacity_of(const Options& o, const Trace& trace) {
  if (!o.size.empty()) {
    const auto bytes = parse_size(o.size);
    if (!bytes) throw std::runtime_error("--size: expected bytes such as 8MiB");
    return *bytes;
  }
  const auto share = o.share > 0 ? o.share / 100 : 0.01;
  return static_cast<std::uint64_t>(share * static_cast<double>(trace.distinct_bytes(o.overhead)));
}

tier::Eviction policy_of(const std::string& name) {
  if (name == "lru") return tier::Eviction::lru;
  if (name == "balanced") return tier::Eviction::balanced;
  if (name == "size_aware") return tier::Eviction::size_aware;
  throw std::runtime_error("unknown policy " + name);
}

void print_bound(const char* name, const Ratios& ratios) {
  std::printf("| %s | | %.2f | %.2f | | | | | | |\n", name, 100 * ratios.requests, 100 * ratios.bytes);
}

void print(const std::string& policy, unsigned threads, const Driven& d, std::size_t requests) {
  std::printf("| %s | %u | %.2f | %.2f | %llu | %llu | %.2f | %llu | %.0f | %llu |\n", policy.c_str(),
              threads, 100 * d.hits.requests, 100 * d.hits.bytes,
              static_cast<unsigned long long>(d.evictions), static_cast<unsigned long long>(d.refused),
              100 * d.peak_share, static_cast<unsigned long long>(d.over_budget),
              1e9 * d.seconds / static_cast<double>(std::max<std::size_t>(requests, 1)),
              static_cast<unsigned long long>(d.lock_waits));
  std::fflush(stdout);
}

void write(const Trace& trace) {
  for (const auto& request : trace.requests)
    std::printf("%u,%u,%u\n", request.time_s, request.object, trace.sizes[request.object]);
}

void run(const Options& o) {
  const auto trace = load(o);
  if (o.write) return write(trace);
  const auto capacity = capacity_of(o, trace);
  const auto& name = o.trace.empty() ? o.preset : o.trace;
  std::printf("%s: %zu requests, %zu objects, %llu bytes with %llu each; room for %llu in %zu shards\n\n",
              name.c_str(), trace.requests.size(), trace.sizes.size(),
              static_cast<unsigned long long>(trace.distinct_bytes(o.overhead)),
              static_cast<unsigned long long>(o.overhead), static_cast<unsigned long long>(capacity),
              o.shards);
  std::printf(
      "| policy | threads | requests %% | bytes %% | evictions | refused | peak %% | over budget | "
      "ns/request | "
      "lock waits |\n|---|---|---|---|---|---|---|---|---|---|\n");
  const Keys keys(trace.sizes.size());
  for (const auto& policy : o.policies) {
    for (const auto threads : o.threads) {
      Drive how{.capacity = capacity, .overhead = o.overhead, .shards = o.shards, .threads = threads};
      how.settings.eviction = policy_of(policy);
      how.settings.size_weight = o.size_weight;
      print(policy, threads, drive(trace, keys, how), trace.requests.size());
    }
  }
  if (!o.bounds) return;
  print_bound("Belady", belady(trace, capacity, o.overhead));
  print_bound("upper bound", upper_bound(trace, capacity, o.overhead));
}

}  // namespace
}  // namespace forebay::bench

int main(int argc, char** argv) {
  CLI::App cli{"Replays a request trace through the memory tier."};
  forebay::bench::Options options;
  forebay::bench::declare(cli, options);
  CLI11_PARSE(cli, argc, argv);
  try {
    forebay::bench::run(options);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "replay: %s\n", e.what());
    return 1;
  }
  return 0;
}
