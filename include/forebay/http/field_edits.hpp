// Field lines that are set, added and removed on the way of a message. Made at load, the same for every
// message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "forebay/http/headers.hpp"

namespace forebay::http {

struct FieldLine {
  std::string name;
  std::string value;

  friend bool operator==(const FieldLine&, const FieldLine&) = default;
};

/// Whoever copies a head leaves out what `drops` says, and appends `append_to` behind the rest. A head that
/// went through this twice is as after the first time.
struct FieldEdits {
  std::vector<FieldLine> set;       // in the place of all lines of that name
  std::vector<FieldLine> add;       // beside them, unless the very same line is there
  std::vector<std::string> remove;  // names

  bool is_empty() const noexcept { return set.empty() && add.empty() && remove.empty(); }
  /// True if lines of this name are other ones afterwards, or none.
  bool replaces(std::string_view name) const noexcept;
  /// The same, or lines of this name are added.
  bool touches(std::string_view name) const noexcept;
  /// True for a line that is not copied: it is replaced, removed or appended anew.
  bool drops(const Field& line) const noexcept;
  /// True for a line as append_to writes one: in a head that was edited it is ours, not the sender's.
  bool put(const Field& line) const noexcept;
  /// Appends the lines of `set` and `add`.
  void append_to(std::string& out) const;

  friend bool operator==(const FieldEdits&, const FieldEdits&) = default;
};

}  // namespace forebay::http
