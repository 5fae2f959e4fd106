// Makes foreign bytes safe to show: in a log line, in a JSON document. Pure.
#pragma once

#include <string>
#include <string_view>

namespace forebay::observe {

/// Appends `text` with everything but printable ASCII, and also `"` and `\`, as `\xHH`: always one line, and
/// a quote in the line is always one of ours.
void append_escaped(std::string& out, std::string_view text);

/// Like append_escaped, for a column between spaces: a space is escaped too, and nothing becomes "-".
void append_column(std::string& out, std::string_view text);

/// `text` with control characters as `\xHH`, for messages that quote foreign bytes. Everything else stays as
/// it is.
std::string one_line(std::string_view text);

/// `text` with each byte that is no part of valid UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace forebay::observe
