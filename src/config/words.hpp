// Pieces of the sentences that errors are made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace forebay::config {

/// The text with every control character replaced by `?`: one line, whatever stood in the file.
std::string without_controls(std::string text);
/// The same, cut between two characters when it is long.
std::string printable(std::string_view text);
/// The same between backticks.
std::string in_ticks(std::string_view text);
/// The same for what stands inside `${}`.
std::string variable_in_ticks(std::string_view inner);

/// "`a`", "`a` or `b`", "`a`, `b` or `c`"; of a long list the first ones and how many follow.
std::string one_of(const std::vector<std::string_view>& names);

/// The name that `name` was most likely meant to be, "" when none is near.
std::string_view nearest(std::string_view name, const std::vector<std::string_view>& known);

/// "; did you mean `upstream`?" when a name is near, otherwise "; known here: `a` or `b`" ("" when none is
/// known).
std::string hint(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace forebay::config
