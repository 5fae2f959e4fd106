// The rows of the option table that speak of Redis.
#pragma once

#include <vector>

#include "config/option.hpp"

namespace forebay::config {

void add_redis_options(std::vector<Option>& table);

}  // namespace forebay::config
