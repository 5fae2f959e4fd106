// The two notations of the configuration: durations (`500ms`, `10s`, `5m`, `1h`, `7d`) and sizes (`64KiB`,
// `2GiB`).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "forebay/base/result.hpp"

namespace forebay {

/// A whole number with a unit (ms, s, m, h, d); a bare `0` needs none. Fails with invalid_value and the
/// reason.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// A whole number with a unit (B, KiB, MiB, GiB, TiB); a bare number counts bytes. Fails with invalid_value.
Result<std::uint64_t> parse_size(std::string_view text);

/// The shortest text that parse_duration reads back to the same value: "90s", "2m", "500ms".
std::string format_duration(std::chrono::milliseconds value);
/// The shortest text that parse_size reads back to the same value: "512MiB", "1000".
std::string format_size(std::uint64_t bytes);

}  // namespace forebay
