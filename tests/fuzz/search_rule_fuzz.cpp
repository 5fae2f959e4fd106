// Three lines: a field value and two queries. Whatever rule the value gives equates the queries exactly when
// the draft's own algorithm does, and is the same rule when it is read from its own text.
#include "forebay/cache/search_rule.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "../support/search_reference.hpp"
#include "forebay/http/structured_field.hpp"

namespace cache = forebay::cache;
namespace sf = forebay::http::sf;

namespace {

std::string take_line(std::string_view& text) {
  const std::string line(text.substr(0, text.find('\n')));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

std::string counting(const cache::SearchRule& rule, std::string_view query) {
  std::string out;
  cache::SearchScratch scratch;
  rule.append_query(out, query, scratch);
  return out;
}

/// What a rule's own text says, which has either `params` or `except`, or neither.
forebay::test::VariationConfig config_of(const std::string& text) {
  const auto dictionary = sf::parse_dictionary(text);
  if (!dictionary) std::abort();
  const auto names = [](const sf::Member& member) {
    std::vector<std::string> out;
    for (const auto& item : std::get<sf::InnerList>(member).items)
      out.push_back(forebay::test::parsed_key(std::get<std::string>(item.value)));
    return out;
  };
  forebay::test::VariationConfig config;
  config.key_order = dictionary->find("key-order") == nullptr;
  const auto* const params = dictionary->find("params");
  const auto* const except = dictionary->find("except");
  if (except)
    config.vary = names(*except);
  else
    config.no_vary = params ? names(*params) : std::vector<std::string>{};
  return config;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = take_line(text);
  const auto a = take_line(text);
  const auto b = take_line(text);
  const auto rule = cache::SearchRule::parse(value);
  if (!rule) return 0;
  const auto again = cache::SearchRule::parse(rule->text());
  if (rule->text().size() <= cache::SearchRule::kMaxBytes && (!again || again->digest() != rule->digest()))
    std::abort();
  const auto config = config_of(rule->text());
  if (config.is_default()) std::abort();
  const auto of_a = counting(*rule, a);
  if ((of_a == counting(*rule, b)) != forebay::test::equivalent(a, b, config)) std::abort();
  if (counting(*rule, of_a) != of_a || of_a.find('#') != std::string::npos) std::abort();
  return 0;
}
