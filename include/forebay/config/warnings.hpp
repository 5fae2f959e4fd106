// What a configuration may say, but surely does not mean, or should not say without knowing what it does.
#pragma once

#include <vector>

#include "forebay/config/check.hpp"
#include "forebay/config/config.hpp"

namespace forebay::config {

/// Options that share what is private, and those that another option leaves without effect; each with a
/// sentence that says what will happen. For a configuration in which check() finds nothing.
std::vector<Finding> warnings(const Config& config);

}  // namespace forebay::config
