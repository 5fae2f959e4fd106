// What a configuration holds where nothing is said, beyond the defaults of the settings structs.
#pragma once

#include <string_view>

#include "forebay/config/config.hpp"

namespace forebay::config {

inline constexpr std::string_view kDefaultListen = "0.0.0.0:8080";
inline constexpr std::string_view kDefaultAdmin = "127.0.0.1:9180";

/// What options are read into: no listen address, upstream or route yet.
Config initial_config();
/// Adds what was left out: the default listen address, and one route to the only upstream.
void fill_in(Config& config);

}  // namespace forebay::config
