// The rows of the option table that speak of routes.
#pragma once

#include <vector>

#include "config/option.hpp"

namespace forebay::config {

void add_route_options(std::vector<Option>& table);

}  // namespace forebay::config
