// Structured fields, as a Dictionary and as a List. Invariants: bounds hold, keys are unique, strings keep to
// their characters, numbers to their digits; a value that parses still does with spaces around it and not
// with a comma behind it.
#include "forebay/http/structured_field.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

namespace sf = forebay::http::sf;

constexpr std::int64_t kMaxInteger = 999'999'999'999'999;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Check {
  void operator()(bool) const {}
  void operator()(std::int64_t value) const { require(value >= -kMaxInteger && value <= kMaxInteger); }
  void operator()(const sf::Decimal& value) const { (*this)(value.thousandths); }
  void operator()(const std::string& value) const {
    for (const char c : value) require(c >= 0x20 && c <= 0x7e);
  }
  void operator()(const sf::Token& value) const {
    require(!value.text.empty() && value.text.find_first_of(" \t\",;()=") == std::string_view::npos);
  }
  void operator()(const sf::ByteSequence& value) const {
    require(value.base64.find(':') == std::string_view::npos);
  }
  void operator()(std::chrono::sys_seconds value) const {
    (*this)(std::int64_t{value.time_since_epoch().count()});
  }
  void operator()(const sf::DisplayString&) const {}
  void operator()(const sf::Item& item) const {
    std::visit(*this, item.value);
    parameters(item.parameters);
  }
  void operator()(const sf::InnerList& list) const {
    require(list.items.size() <= sf::kMaxInnerItems);
    for (const auto& item : list.items) (*this)(item);
    parameters(list.parameters);
  }
  void parameters(const sf::Parameters& given) const {
    require(given.size() <= sf::kMaxParameters);
    for (const auto& entry : given) {
      require(!entry.key.empty() && given.find(entry.key) == &entry.value);
      std::visit(*this, entry.value);
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto spaced = "  " + std::string(text) + " ";
  const auto open = std::string(text) + ",";
  const auto dictionary = sf::parse_dictionary(text);
  require(sf::parse_dictionary(spaced) == dictionary && !sf::parse_dictionary(open));
  const auto list = sf::parse_list(text);
  require(sf::parse_list(spaced) == list && !sf::parse_list(open));
  if (dictionary) {
    require(dictionary->size() <= sf::kMaxMembers);
    for (const auto& entry : *dictionary) {
      require(!entry.key.empty() && dictionary->find(entry.key) == &entry.value);
      std::visit(Check{}, entry.value);
    }
  }
  if (list) {
    require(list->size() <= sf::kMaxMembers);
    for (const auto& member : *list) std::visit(Check{}, member);
  }
  return 0;
}
