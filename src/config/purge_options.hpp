// The rows of the option table that speak of PURGE requests and events.
#pragma once

#include <vector>

#include "config/option.hpp"

namespace forebay::config {

void add_purge_options(std::vector<Option>& table);

}  // namespace forebay::config
