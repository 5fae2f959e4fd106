// Bearer tokens in Authorization (RFC 6750 §2.1).
#pragma once

#include <string_view>

namespace forebay::http {

/// True if an Authorization field's value brings this very token, which is not empty. The comparison takes
/// the same time wherever the two differ; it tells no more than the token's length.
bool brings_token(std::string_view authorization, std::string_view token) noexcept;

}  // namespace forebay::http
