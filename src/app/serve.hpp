// Runs a daemon until a signal ends it.
#pragma once

#include <functional>
#include <optional>

#include "forebay/config/config.hpp"

namespace forebay::app {

/// SIGTERM and SIGINT drain, SIGHUP reloads what `reload` yields (nothing: the old
/// configuration stays), SIGUSR1 opens the log files anew. `started` is called once requests are accepted.
/// Returns the exit status.
int serve(const config::Config& config, const std::function<std::optional<config::Config>()>& reload,
          const std::function<void()>& started = {});

}  // namespace forebay::app
