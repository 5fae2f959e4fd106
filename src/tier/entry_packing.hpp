// Content of records, compressed and back. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "body_builder.hpp"
#include "forebay/cache/body.hpp"

namespace forebay::tier {

/// The pieces one behind the other as a zstd frame; nothing where that is not smaller.
std::optional<std::string> compressed(std::span<const cache::Slice> pieces);

/// Appends exactly `length` bytes to the body; false when the frame is malformed or holds more or less.
/// Nothing more than that is ever decoded. `length` is at most what the body misses.
bool decompress(std::string_view frame, std::uint64_t length, BodyBuilder& body);

}  // namespace forebay::tier
