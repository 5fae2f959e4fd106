// Whole files, bounded.
#pragma once

#include <cstddef>
#include <string>

#include "forebay/base/result.hpp"

namespace forebay::config {

/// Fails with system_failure and "No such file or directory" or "larger than 1MiB"; the path is the caller's
/// to add.
Result<std::string> read_file(const std::string& path, std::size_t limit);

}  // namespace forebay::config
