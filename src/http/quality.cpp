#include "forebay/http/quality.hpp"

#include "forebay/base/strings.hpp"

namespace forebay::http {
namespace {

/// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
std::optional<int> parse_qvalue(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int weight = text[0] == '1' ? 1000 : 0;
  int place = 100;
  for (const char c : text.substr(text.size() > 1 ? 2 : 1)) {
    if (!is_digit(c)) return std::nullopt;
    weight += (c - '0') * place;
    place /= 10;
  }
  return weight <= 1000 ? std::optional(weight) : std::nullopt;
}

}  // namespace

std::optional<Weighted> parse_weighted(std::string_view member) noexcept {
  auto semicolon = member.find(';');
  Weighted out{trim(member.substr(0, semicolon)), 1000};
  if (out.value.empty()) return std::nullopt;
  while (semicolon != std::string_view::npos) {
    member.remove_prefix(semicolon + 1);
    semicolon = member.find(';');
    const auto parameter = trim(member.substr(0, semicolon));
    const auto equals = parameter.find('=');
    if (!iequals(trim(parameter.substr(0, equals)), "q")) continue;
    // No whitespace stands around '=' (RFC 9110 §5.6.6), and a weight has a value.
    if (equals != 1) return std::nullopt;
    const auto weight = parse_qvalue(parameter.substr(2));
    if (!weight) return std::nullopt;
    out.weight = *weight;
  }
  return out;
}

}  // namespace forebay::http
