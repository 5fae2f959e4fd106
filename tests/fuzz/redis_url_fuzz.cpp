// What is taken apart has hosts, ports and a name where one is needed; a reason quotes no password.
#include "forebay/base/redis_url.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace forebay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto url = parse_redis_url(text);
  if (url.has_error()) {
    if (url.error().detail.empty()) std::abort();
    return 0;
  }
  if (url->hosts.empty() || url->hosts.size() > 64) std::abort();
  if (url->deployment == RedisDeployment::server && url->hosts.size() != 1) std::abort();
  if ((url->deployment == RedisDeployment::sentinel) != !url->master.empty()) std::abort();
  for (const auto& host : url->hosts)
    if (host.host.empty() || (host.port == 0) != host.unix_socket) std::abort();
  return 0;
}
