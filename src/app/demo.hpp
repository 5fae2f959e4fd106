// `forebay demo`: forebay in front of a built-in sample origin, with a list of things to try.
#pragma once

#include <string>

namespace forebay::app {

/// Runs until a signal ends it; returns the exit status.
int demo(const std::string& listen, const std::string& admin);

}  // namespace forebay::app
