// The base64url alphabet without padding (RFC 4648 §5, as RFC 7515 §2 uses it).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forebay {

/// Nothing for anything but the one way to write some octets: another character, padding or whitespace, a
/// length that no octets have, bits left over that are not zero (RFC 4648 §3.5).
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace forebay
