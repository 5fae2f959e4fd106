// JSON that somebody else has written.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "forebay/base/result.hpp"

namespace forebay::http {

/// One JSON document, at most kMaxJsonDepth deep. Members that share a name (RFC 8259 §4: what comes of them
/// is unpredictable) are refused: readers would differ in which of them counts. Fails with invalid_value; the
/// detail has no subject: "is no JSON: syntax error".
Result<boost::json::value> parse_json(std::string_view text);

inline constexpr std::size_t kMaxJsonDepth = 8;

}  // namespace forebay::http
