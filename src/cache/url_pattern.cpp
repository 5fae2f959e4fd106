#include "forebay/cache/url_pattern.hpp"

#include "forebay/base/strings.hpp"

namespace forebay::cache {
namespace {

/// True if a "**" at `p` stands for whole segments, which may be none: "/**/x" is "/x", "/a/x" ...
bool is_segments(std::string_view pattern, std::size_t p) noexcept {
  return pattern.substr(p).starts_with("**/") && p > 0 && pattern[p - 1] == '/';
}

/// Backtracks to the last wildcard of each kind only: time is bounded by the square of the text's length,
/// which the limit on the request line bounds in turn.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  struct Retry {
    std::size_t pattern = std::string_view::npos;
    std::size_t text = 0;
    bool whole = false;  // swallows whole segments only
  };
  Retry segment;  // the last "*": may swallow anything but '/'
  Retry across;   // the last "**": may swallow anything
  std::size_t p = 0;
  std::size_t t = 0;
  while (true) {
    if (pattern.substr(p).starts_with("**")) {
      const bool whole = is_segments(pattern, p);
      p += whole ? 3 : 2;
      across = {p, t, whole};
      segment = {};
    } else if (p < pattern.size() && pattern[p] == '*') {
      segment = {++p, t};
    } else if (p == pattern.size() && t == text.size()) {
      return true;
    } else if (p < pattern.size() && t < text.size() &&
               (pattern[p] == text[t] || (pattern[p] == '?' && text[t] != '/'))) {
      ++p;
      ++t;
    } else if (segment.pattern != std::string_view::npos && segment.text < text.size() &&
               text[segment.text] != '/') {
      p = segment.pattern;
      t = ++segment.text;
    } else if (across.pattern != std::string_view::npos && across.text < text.size()) {
      p = across.pattern;
      do ++across.text;
      while (across.whole && across.text < text.size() && text[across.text - 1] != '/');
      t = across.text;
      if (across.whole && text[t - 1] != '/') return false;
      segment = {};
    } else {
      return false;
    }
  }
}

}  // namespace

Result<HostPattern> HostPattern::compile(std::string_view pattern) {
  HostPattern compiled;
  if (pattern == "*") return compiled;
  const bool below = pattern.starts_with("*.");
  compiled.kind_ = below ? Kind::below : Kind::exact;
  compiled.name_ = lower(below ? pattern.substr(1) : pattern);
  if (compiled.name_.size() < 2 - (below ? 0U : 1U) ||
      compiled.name_.find_first_of("*/ ") != std::string::npos)
    return fail(ErrorKind::invalid_value,
                "\"" + std::string(pattern) + "\" is not a host name, \"*.name\" or \"*\"");
  return compiled;
}

bool HostPattern::matches(std::string_view host) const noexcept {
  switch (kind_) {
    case Kind::any: return true;
    case Kind::exact: return iequals(host, name_);
    case Kind::below:
      return host.size() > name_.size() && iequals(host.substr(host.size() - name_.size()), name_);
  }
  return false;
}

Result<PathGlob> PathGlob::compile(std::string_view pattern) {
  if (!pattern.starts_with('/'))
    return fail(ErrorKind::invalid_value, "\"" + std::string(pattern) + "\" does not start with \"/\"");
  PathGlob compiled;
  if (pattern == "/**") return compiled;
  const auto wildcard = pattern.find_first_of("*?");
  compiled.text_ = pattern;
  compiled.media_ = media_rule(pattern);
  if (wildcard == std::string_view::npos) {
    compiled.kind_ = Kind::exact;
  } else if (pattern.substr(wildcard) == "**") {
    compiled.kind_ = Kind::prefix;
    compiled.text_ = pattern.substr(0, wildcard);
  } else {
    compiled.kind_ = Kind::general;
  }
  return compiled;
}

bool PathGlob::matches(std::string_view path) const noexcept {
  switch (kind_) {
    case Kind::any: return true;
    case Kind::exact: return path == text_;
    case Kind::prefix: return path.starts_with(text_);
    case Kind::general: return glob_matches(text_, path);
  }
  return false;
}

}  // namespace forebay::cache
