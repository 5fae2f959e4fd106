// Loading a text and looking at what came of it.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "forebay/config/load.hpp"

namespace forebay::config {

inline Environment environment_of(std::map<std::string, std::string, std::less<>> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

/// Every error, a line each.
inline std::string lines(const Loaded& loaded) {
  std::string out;
  for (const Diagnostic& error : loaded.errors) out += (out.empty() ? "" : "\n") + to_string(error);
  return out;
}

/// The errors in a file called "f".
inline std::string errors_in(std::string_view yaml, const Environment& environment = environment_of({})) {
  return lines(load_text(yaml, "f", environment));
}

/// The configuration in a text that has to be fine.
inline Config config_in(std::string_view yaml, const Environment& environment = environment_of({})) {
  Loaded loaded = load_text(yaml, "f", environment);
  EXPECT_EQ(lines(loaded), "");
  return std::move(loaded.config).value_or(Config{});
}

/// The smallest file that is fine.
inline constexpr std::string_view kMinimal = "upstreams: { app: { servers: [\"http://h\"] } }\n";

/// A minimal file with more lines in front of it.
inline std::string minimal_with(std::string_view yaml) {
  return std::string(yaml) + "\n" + std::string(kMinimal);
}

}  // namespace forebay::config
