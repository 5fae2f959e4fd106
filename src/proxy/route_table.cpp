#include "forebay/proxy/route_table.hpp"

#include <algorithm>

#include "forebay/base/strings.hpp"

namespace forebay::proxy {

Result<FieldMatch> FieldMatch::compile(std::string_view pattern) {
  const auto colon = pattern.find(':');
  FieldMatch compiled;
  compiled.name_ = pattern.substr(0, colon);
  if (!is_token(compiled.name_))
    return fail(ErrorKind::invalid_value,
                "\"" + std::string(pattern) + "\" is neither a field name nor \"Name: value\"");
  if (colon != std::string_view::npos) compiled.value_ = trim(pattern.substr(colon + 1));
  return compiled;
}

bool FieldMatch::matches(const http::Fields& fields) const noexcept {
  return std::any_of(fields.begin(), fields.end(), [&](const http::Field& field) {
    return iequals(field.name, name_) && (!value_ || field.value == *value_);
  });
}

bool Route::may_match(std::string_view host, std::string_view path) const noexcept {
  return std::any_of(hosts.begin(), hosts.end(), [&](const HostPattern& p) { return p.matches(host); }) &&
         std::any_of(paths.begin(), paths.end(), [&](const PathGlob& p) { return p.matches(path); });
}

bool Route::matches(const http::RequestHead& request, std::string_view host,
                    std::string_view path) const noexcept {
  const auto is_its_own = [&](const std::string& method) { return method == request.method_text; };
  return may_match(host, path) &&
         (methods.empty() || std::any_of(methods.begin(), methods.end(), is_its_own)) &&
         std::all_of(headers.begin(), headers.end(),
                     [&](const FieldMatch& m) { return m.matches(request.fields); });
}

const cache::MediaRule* Route::media_for(std::string_view path) const noexcept {
  if (!policy.check_content_type) return nullptr;
  const auto first =
      std::find_if(paths.begin(), paths.end(), [&](const PathGlob& glob) { return glob.matches(path); });
  return first == paths.end() ? nullptr : first->media();
}

const Route* RouteTable::match(const http::RequestHead& request, std::string_view host,
                               std::string_view path) const noexcept {
  for (const auto& route : routes_)
    if (route.matches(request, host, path)) return &route;
  return nullptr;
}

std::vector<const Route*> RouteTable::routes_for(std::string_view host, std::string_view path) const {
  std::vector<const Route*> found;
  for (const auto& route : routes_) {
    if (!route.may_match(host, path)) continue;
    found.push_back(&route);
    if (route.is_unconditional()) break;  // those behind it get nothing
  }
  return found;
}

}  // namespace forebay::proxy
