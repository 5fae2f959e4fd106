// Replies keep within the limits, and come out alike whether their bytes come at once or one by one.
#include "tier/redis_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace forebay;

namespace {

constexpr tier::RedisReplyLimits kLimits{.bytes = 64, .elements = 16, .depth = 4};

struct Size {
  std::size_t bytes = 0;
  std::size_t elements = 0;
};

void measure(const tier::RedisReply& reply, std::size_t depth, Size& size) {
  if (depth > kLimits.depth + 1) std::abort();
  size.bytes += reply.text.size();
  size.elements += reply.elements.size();
  for (const auto& element : reply.elements) measure(element, depth + 1, size);
}

struct Outcome {
  std::vector<tier::RedisReply> replies;
  bool failed = false;

  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, std::size_t step) {
  tier::RedisReader reader(kLimits);
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    reader.feed(bytes.substr(at, step));
    for (;;) {
      auto next = reader.next();
      outcome.failed = next.has_error();
      if (outcome.failed) return outcome;
      if (!*next) break;
      Size size;
      measure(**next, 1, size);
      if (size.bytes > kLimits.bytes || size.elements > kLimits.elements) std::abort();
      outcome.replies.push_back(std::move(**next));
    }
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = read(bytes, size + 1);
  const auto bit_by_bit = read(bytes, 1);
  if (whole != bit_by_bit) std::abort();
  return 0;
}
