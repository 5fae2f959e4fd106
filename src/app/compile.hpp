// A configuration made ready to be used, without running anything.
#pragma once

#include <memory>

#include "forebay/base/result.hpp"
#include "forebay/config/config.hpp"
#include "forebay/proxy/snapshot.hpp"

namespace forebay::app {

/// Upstreams and routes as the daemon would have them; otherwise what is wrong, which the check of single
/// values has not found.
Result<std::shared_ptr<const proxy::Snapshot>> compile(const config::Config& config);

}  // namespace forebay::app
