// Field lines of one message, as views into the bytes they were parsed from.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "forebay/http/field_id.hpp"

namespace forebay::http {

/// One field line. The value is without surrounding whitespace.
struct Field {
  FieldId id = FieldId::other;
  std::string_view name;
  std::string_view value;
};

/// The field lines of a message in the order they were received. Owns no text: whoever fills it keeps the
/// bytes alive. clear() keeps the capacity, so a table that is reused for every request of a connection stops
/// allocating.
class Fields {
 public:
  void add(FieldId id, std::string_view name, std::string_view value) {
    lines_.push_back({id, name, value});
    present_.insert(id);
  }
  /// Adds a line whose id is looked up from its name.
  void add(std::string_view name, std::string_view value) { add(field_id(name), name, value); }
  /// Puts one line in the place of all that have this id.
  void set(FieldId id, std::string_view name, std::string_view value) {
    if (has(id)) std::erase_if(lines_, [id](const Field& line) { return line.id == id; });
    add(id, name, value);
  }
  void clear() noexcept {
    lines_.clear();
    present_.clear();
  }
  void reserve(std::size_t lines) { lines_.reserve(lines); }

  bool has(FieldId id) const noexcept { return present_.contains(id); }
  bool has_any(FieldSet ids) const noexcept { return present_.intersects(ids); }
  /// Number of lines with this id.
  std::size_t count(FieldId id) const noexcept {
    std::size_t lines = 0;
    if (has(id)) {
      for (const auto& line : lines_) lines += line.id == id ? 1 : 0;
    }
    return lines;
  }
  /// The first line's value; nothing if there is no such line.
  std::optional<std::string_view> find(FieldId id) const noexcept {
    if (!has(id)) return std::nullopt;
    for (const auto& line : lines_) {
      if (line.id == id) return line.value;
    }
    return std::nullopt;
  }
  /// By name, ignoring case: for fields without an id.
  std::optional<std::string_view> find(std::string_view name) const noexcept;

  std::size_t size() const noexcept { return lines_.size(); }
  bool empty() const noexcept { return lines_.empty(); }
  auto begin() const noexcept { return lines_.begin(); }
  auto end() const noexcept { return lines_.end(); }

 private:
  std::vector<Field> lines_;
  FieldSet present_;
};

}  // namespace forebay::http
