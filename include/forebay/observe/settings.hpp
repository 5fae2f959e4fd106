// Settings of the logs.
#pragma once

#include <cstdint>
#include <string>

namespace forebay::observe {

enum class Level : std::uint8_t { debug, info, warning, error };
enum class AccessFormat : std::uint8_t { off, combined, json };

struct LogSettings {
  Level level = Level::info;
  AccessFormat access = AccessFormat::off;
  std::string access_file;  // "" for standard output
  std::uint32_t access_queue =
      8192;  // lines that wait to be written; when full the oldest is dropped and counted

  friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

}  // namespace forebay::observe
