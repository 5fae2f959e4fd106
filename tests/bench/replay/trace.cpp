#include "trace.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

namespace forebay::bench {
namespace {

/// Takes one field off the front of a line.
double take_number(std::string_view& line) {
  double value = 0;
  const auto end = std::min(line.find(','), line.size());
  const auto [stopped, error] = std::from_chars(line.data(), line.data() + end, value);
  if (error != std::errc{} || stopped != line.data() + end || value < 0 || value > 9e15)
    throw std::runtime_error("expected a number, found `" + std::string(line.substr(0, end)) + "`");
  line.remove_prefix(std::min(end + 1, line.size()));
  return value;
}

std::uint32_t take_small(std::string_view& line) {
  const auto value = take_number(line);
  if (value > UINT32_MAX) throw std::runtime_error("a number is too large");
  return static_cast<std::uint32_t>(value);
}

class Reader {
 public:
  void add(std::string_view line) {
    Request request{};
    request.time_s = take_small(line);
    const auto id = static_cast<std::uint64_t>(take_number(line));
    const auto size = take_small(line);
    if (!line.empty()) request.ttl_s = take_small(line);
    const auto [at, is_new] = objects_.emplace(id, static_cast<std::uint32_t>(trace_.sizes.size()));
    request.object = at->second;
    if (is_new) trace_.sizes.push_back(size);
    auto& largest = trace_.sizes[request.object];
    largest = std::max(largest, size);
    trace_.requests.push_back(request);
  }
  Trace take() { return std::move(trace_); }

 private:
  Trace trace_;
  std::unordered_map<std::uint64_t, std::uint32_t> objects_;
};

}  // namespace

std::uint64_t Trace::distinct_bytes(std::uint64_t overhead) const noexcept {
  std::uint64_t sum = 0;
  for (const auto size : sizes) sum += size + overhead;
  return sum;
}

Trace read_trace(std::istream& in) {
  Reader reader;
  std::string line;
  for (std::uint64_t number = 1; std::getline(in, line); ++number) {
    try {
      reader.add(line);
    } catch (const std::runtime_error& e) {
      throw std::runtime_error("line " + std::to_string(number) + ": " + e.what());
    }
  }
  return reader.take();
}

}  // namespace forebay::bench
