#include "forebay/http/field_edits.hpp"

#include <algorithm>

#include "forebay/base/strings.hpp"
#include "forebay/http/message.hpp"

namespace forebay::http {
namespace {

bool has_name(const std::vector<FieldLine>& lines, std::string_view name) noexcept {
  return std::any_of(lines.begin(), lines.end(),
                     [name](const FieldLine& line) { return iequals(line.name, name); });
}

bool has_line(const std::vector<FieldLine>& lines, const Field& field) noexcept {
  return std::any_of(lines.begin(), lines.end(), [&](const FieldLine& line) {
    return iequals(line.name, field.name) && line.value == field.value;
  });
}

}  // namespace

bool FieldEdits::replaces(std::string_view name) const noexcept {
  return has_name(set, name) || std::any_of(remove.begin(), remove.end(), [name](const std::string& removed) {
           return iequals(removed, name);
         });
}

bool FieldEdits::touches(std::string_view name) const noexcept {
  return replaces(name) || has_name(add, name);
}

bool FieldEdits::drops(const Field& line) const noexcept {
  return replaces(line.name) || has_line(add, line);
}

bool FieldEdits::put(const Field& line) const noexcept { return has_line(set, line) || has_line(add, line); }

void FieldEdits::append_to(std::string& out) const {
  for (const auto& line : set) append_field(out, line.name, line.value);
  for (const auto& line : add) append_field(out, line.name, line.value);
}

}  // namespace forebay::http
