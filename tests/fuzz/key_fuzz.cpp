// A request target in the first line of the input, a Host in the rest. Invariants: a key is an absolute
// target, and as one it leads to itself, whatever Host stands beside it.
#include "forebay/cache/key.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace cache = forebay::cache;
namespace http = forebay::http;

namespace {

std::string key_of(std::string_view target, std::string_view host) {
  http::RequestHead request{.method = http::Method::get, .method_text = "GET", .target = target};
  request.fields.add("Host", host);
  const auto uri = cache::effective_uri(request, "http");
  if (!uri) return {};
  if (uri->host.empty() || uri->port == 0 || !uri->path.starts_with('/')) std::abort();
  std::string key;
  cache::write_primary_key(key, *uri);
  return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto target = text.substr(0, text.find('\n'));
  const auto host = text.substr(std::min(target.size() + 1, text.size()));
  const auto key = key_of(target, host);
  if (!key.empty() && key_of(key, "other") != key) std::abort();
  return 0;
}
