// The parts of an accepted target, put together again, are the target; its authority is one by itself.
#include "forebay/http/target.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace forebay;

namespace {

std::string rebuilt(const http::Target& target) {
  std::string text(target.scheme);
  if (target.form == http::TargetForm::absolute) text.append("://");
  text.append(target.authority).append(target.path);
  if (target.has_query) text.append("?").append(target.query);
  return text;
}

void check(http::Method method, const std::string& text) {
  const auto target = http::parse_target(method, text);
  if (!target) return;
  if (!target->authority.empty() && !http::parse_authority(target->authority)) std::abort();
  const bool path_was_added = target->form == http::TargetForm::absolute && rebuilt(*target) != text;
  if (path_was_added && target->path != "/" && target->path != "*") std::abort();
  if (path_was_added ? rebuilt(*target).size() != text.size() + 1 : rebuilt(*target) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto method : {http::Method::get, http::Method::options, http::Method::connect})
    check(method, text);
  const auto authority = http::parse_authority(text);
  if (authority && !text.starts_with(authority->host)) std::abort();
  return 0;
}
