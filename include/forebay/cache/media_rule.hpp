// What a file extension promises of Content-Type. A route for `/**/*.css` is meant for style sheets; a page
// that an upstream answers to /account/x.css, because it takes the path for /account, must not be stored
// there ("web cache deception", Mirheidari et al., "Cached and Confused", USENIX Security 2020).
#pragma once

#include <array>
#include <string_view>

#include "forebay/http/message.hpp"

namespace forebay::cache {

/// The media types that go with an extension: "text/css", "image/" for all that begin so, "+json" for all
/// that end so. Without any: all but HTML.
struct MediaRule {
  std::string_view extension;
  std::array<std::string_view, 4> types{};
};

/// The rule for the extension that a path pattern ends in: "/**/*.css", "/**.js". Nothing for a pattern
/// without one, for one without wildcards (whoever wrote it knows what is there), and for the extensions of
/// pages. Lives as long as the program.
const MediaRule* media_rule(std::string_view pattern) noexcept;

/// True if a response may be what the pattern is meant for. One without Content-Type, or of a type that the
/// upstream does not know (application/octet-stream), may be; of a redirection the content does not matter.
bool agrees(const MediaRule& rule, const http::ResponseHead& response) noexcept;

}  // namespace forebay::cache
