// ${VAR} and ${VAR:-default} in a scalar of the file.
#pragma once

#include <string>
#include <string_view>

#include "forebay/base/result.hpp"
#include "forebay/config/load.hpp"

namespace forebay::config {

/// Replaces `${NAME}` by the variable and `${NAME:-default}` by the default where the variable is unset or
/// empty; `$$` stands for one dollar sign, any other `$` for itself. Fails with invalid_value naming the
/// variable or the form.
Result<std::string> expand(std::string_view text, const Environment& environment);

}  // namespace forebay::config
