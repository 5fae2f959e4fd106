// Checks across settings, the same for a file and for flags.
#pragma once

#include <string>
#include <vector>

#include "forebay/config/config.hpp"

namespace forebay::config {

/// A finding that belongs to a place in the configuration, written as a path: "routes[2].upstream".
struct Finding {
  std::string path;
  std::string message;
  std::string related{};  // another path that the finding depends on, if any
};

/// Routes that name an upstream that is not there, addresses and globs that cannot be read, two upstreams
/// with one name, a budget smaller than max_body, and the like. Empty when everything fits.
std::vector<Finding> check(const Config& config);

}  // namespace forebay::config
