// Structured field values (RFC 9651): a strict parser for Dictionaries and Lists. It allocates; fields of the
// hit path are not read with it.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace forebay::http::sf {

// Bounds, all at what §3 obliges parsers to support; a value beyond one of them does not parse.
inline constexpr std::size_t kMaxMembers = 1024;    // of a Dictionary (§3.2) or List (§3.1)
inline constexpr std::size_t kMaxInnerItems = 256;  // of an Inner List (§3.1.1)
inline constexpr std::size_t kMaxParameters = 256;  // of an Item or Inner List (§3.1.2)

/// Exact, as the format has it: at most 12 digits before the point and 3 behind it (§3.3.2).
struct Decimal {
  std::int64_t thousandths = 0;

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

/// Keeps its case (§3.3.4). A view into the parsed text.
struct Token {
  std::string_view text;

  friend bool operator==(const Token&, const Token&) = default;
};

/// Valid base64 as sent, not decoded, its padding perhaps missing (§4.2.7): nothing here reads the octets. A
/// view into the parsed text; two that differ in padding compare unequal.
struct ByteSequence {
  std::string_view base64;

  friend bool operator==(const ByteSequence&, const ByteSequence&) = default;
};

/// Valid UTF-8, percent-decoded. May hold control characters, NUL included: escape it before printing (§6).
struct DisplayString {
  std::string utf8;

  friend bool operator==(const DisplayString&, const DisplayString&) = default;
};

/// Boolean, Integer (at most 15 digits, §3.3.1), Decimal, String (unescaped; printable ASCII), Token, Byte
/// Sequence, Date, Display String. The two kinds of string own their text, since escapes may change it.
using BareItem = std::variant<bool, std::int64_t, Decimal, std::string, Token, ByteSequence,
                              std::chrono::sys_seconds, DisplayString>;

/// Values by unique key, in the order the keys first came. Keys are views into the parsed text.
template <class Value>
class OrderedMap {
 public:
  struct Entry {
    std::string_view key;
    Value value;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  const Entry& operator[](std::size_t index) const noexcept { return entries_[index]; }
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }

  /// The key's value, or null. Keys compare character for character; takes time linear in size().
  const Value* find(std::string_view key) const noexcept {
    for (const auto& entry : entries_) {
      if (entry.key == key) return &entry.value;
    }
    return nullptr;
  }

  /// A key that is there already keeps its place and takes the new value (§4.2.2, §4.2.3.2).
  void set(std::string_view key, Value value) {
    for (auto& entry : entries_) {
      if (entry.key != key) continue;
      entry.value = std::move(value);
      return;
    }
    entries_.push_back({key, std::move(value)});
  }

  friend bool operator==(const OrderedMap&, const OrderedMap&) = default;

 private:
  std::vector<Entry> entries_;
};

using Parameters = OrderedMap<BareItem>;

struct Item {
  BareItem value;
  Parameters parameters;

  friend bool operator==(const Item&, const Item&) = default;
};

struct InnerList {
  std::vector<Item> items;
  Parameters parameters;

  friend bool operator==(const InnerList&, const InnerList&) = default;
};

using Member = std::variant<Item, InnerList>;
using Dictionary = OrderedMap<Member>;
using List = std::vector<Member>;

/// The value of a member that is an Item of this type, parameters aside; null if it is anything else.
template <class Type>
const Type* value_if(const Member& member) noexcept {
  const auto* item = std::get_if<Item>(&member);
  return item ? std::get_if<Type>(&item->value) : nullptr;
}

/// Parse a whole field value, which outlives the result: all lines of the field joined, see http::joined
/// (§4.2). Nothing on any error, however late in the value, and beyond a bound above. An empty value is an
/// empty Dictionary or List. Of members or parameters that share a key the last counts.
std::optional<Dictionary> parse_dictionary(std::string_view value);
std::optional<List> parse_list(std::string_view value);

/// The result would refer to a string that is gone.
template <std::same_as<std::string> Temporary>
std::optional<Dictionary> parse_dictionary(Temporary&&) = delete;
template <std::same_as<std::string> Temporary>
std::optional<List> parse_list(Temporary&&) = delete;

}  // namespace forebay::http::sf
