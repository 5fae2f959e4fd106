// What is known of a finished exchange, and its line in the access log.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "forebay/base/clock.hpp"
#include "forebay/observe/metric_list.hpp"
#include "forebay/observe/settings.hpp"

namespace forebay::observe {

/// Views live until the line is written; nothing is kept.
struct AccessRecord {
  WallTime time;                    // when the request head was complete
  std::string_view client_address;  // "-" for a Unix socket
  std::string_view method;
  std::string_view target;
  std::string_view host;
  int minor_version = 1;
  std::string_view referer;
  std::string_view user_agent;
  int status = 0;
  std::uint64_t body_bytes = 0;
  std::chrono::milliseconds duration{0};
  CacheResult result = CacheResult::refused;
  std::string_view detail;    // reason name: why forwarded, not stored or failed; "" for none
  std::string_view upstream;  // name of the upstream asked; "" for none
  bool collapsed = false;
};

/// One line without the newline. `combined` is the NCSA combined format followed by cache result and
/// duration; control characters and quotes are escaped in both formats.
std::string format_access(const AccessRecord& record, AccessFormat format);

}  // namespace forebay::observe
