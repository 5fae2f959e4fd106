// The command line: `forebay run|check|explain|demo|version|healthcheck`.
#pragma once

namespace forebay::app {

/// Carries out one command; returns the exit status: 0 for success, 1 for a failure that was reported on
/// standard error, 2 for a command line that makes no sense.
int run_command_line(int argc, const char* const* argv);

}  // namespace forebay::app
