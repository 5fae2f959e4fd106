// The option table itself.
#pragma once

#include <string_view>
#include <vector>

#include "config/option.hpp"

namespace forebay::config {

/// Every option, in the order of the reference; made once, then constant.
const std::vector<Option>& option_table();

/// Nothing when there is no such option.
const Option* find_option(std::string_view path);

/// The options that stand directly in a path ("" for the top), in order.
std::vector<const Option*> options_in(std::string_view path);

}  // namespace forebay::config
