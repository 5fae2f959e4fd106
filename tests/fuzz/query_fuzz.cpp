// A query that was normalised is not changed any more, holds nothing that was not there, and nothing that
// does not count.
#include "forebay/cache/query.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace cache = forebay::cache;

namespace {

std::string normalised(std::string_view query, const cache::QueryPolicy& policy) {
  cache::QueryScratch scratch;
  return std::string(cache::normalise_query(scratch, query, policy));
}

void check(std::string_view query, const cache::QueryPolicy& policy) {
  const auto once = normalised(query, policy);
  if (once.size() > query.size() || normalised(once, policy) != once) std::abort();
  if (once.starts_with('&') || once.ends_with('&') || once.find("&&") != std::string::npos) std::abort();
  if (("&" + once + "=").find("&x=") != std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view query(reinterpret_cast<const char*>(data), size);
  check(query, {.sort = true, .deny = {"x"}, .drop_tracking = true});
  check(query, {.deny = {"x", "y*"}});
  check(query, {.sort = true, .allow = std::vector<std::string>{"a*", "b"}});
  return 0;
}
