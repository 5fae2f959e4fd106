#include "config/option.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <system_error>
#include <utility>

#include "config/read_file.hpp"
#include "config/words.hpp"
#include "forebay/base/quantity.hpp"
#include "forebay/base/strings.hpp"

namespace forebay::config {

namespace {

constexpr std::size_t kMaxSecretBytes = 64 * 1024;

std::string bound_text(Kind kind, std::uint64_t value) {
  if (kind == Kind::size) return format_size(value);
  if (kind == Kind::duration)
    return format_duration(std::chrono::milliseconds{static_cast<std::int64_t>(value)});
  return std::to_string(value);
}

std::string range(const Option& option, std::string noun) {
  noun += " from " + bound_text(option.kind, option.facts.min);
  if (option.facts.max == std::numeric_limits<std::uint64_t>::max()) return noun + " up";
  return noun + " to " + bound_text(option.kind, option.facts.max);
}

/// Without the word that stands for 0 or an empty text.
std::string allowed_plainly(const Option& option) {
  switch (option.kind) {
    case Kind::text: return std::string(option.facts.noun);
    case Kind::path:
    case Kind::file:
    case Kind::secret: return "the path of a file";
    case Kind::flag: return "`true` or `false`";
    case Kind::count: return range(option, "a number");
    case Kind::size: return range(option, "a size");
    case Kind::duration:
      return range(option, option.step == 1 ? "a duration" : "a duration in whole seconds");
    case Kind::choice: return one_of(option.facts.choices);
    case Kind::texts:
      if (!option.facts.choices.empty()) return "a list of " + one_of(option.facts.choices);
      return "a list of " + std::string(option.facts.noun);
    case Kind::map: return "a map of options";
    case Kind::items: return "a list";
    case Kind::named: return "a map from names to options";
  }
  return {};
}

/// "such as `10s`", for the kinds whose notation is ours.
std::string such_as(const Option& option) {
  if (option.kind != Kind::size && option.kind != Kind::duration) return {};
  const std::string shown = option.initial ? default_text(option) : std::string(option.facts.example);
  return shown.empty() ? "" : " such as " + in_ticks(shown);
}

Error unexpected(const Option& option, std::string_view found) {
  return fail(ErrorKind::invalid_value,
              "expected " + allowed(option) + such_as(option) + ", found " + in_ticks(found));
}

std::optional<std::uint64_t> read_number(const Option& option, std::string_view text) {
  if (option.kind == Kind::size) {
    const auto size = parse_size(text);
    return size ? std::optional(*size) : std::nullopt;
  }
  if (option.kind == Kind::duration) {
    const auto duration = parse_duration(text);
    return duration ? std::optional(static_cast<std::uint64_t>(duration->count())) : std::nullopt;
  }
  if (option.kind == Kind::count) return parse_decimal(text);
  const auto found = std::find(option.facts.choices.begin(), option.facts.choices.end(), text);
  if (found == option.facts.choices.end()) return std::nullopt;
  return static_cast<std::uint64_t>(found - option.facts.choices.begin());
}

Error unreadable(const std::filesystem::path& path, const std::string& reason) {
  return fail(ErrorKind::invalid_value, "cannot read " + in_ticks(path.string()) + ": " + reason);
}

Result<Value> read_secret(const std::filesystem::path& path) {
  Result<std::string> content = read_file(path.string(), kMaxSecretBytes);
  if (!content) return unreadable(path, content.error().detail);
  if (content->ends_with('\n')) content->pop_back();
  if (content->ends_with('\r')) content->pop_back();
  if (content->empty()) return fail(ErrorKind::invalid_value, in_ticks(path.string()) + " is empty");
  return Value{.text = std::move(*content)};
}

Result<Value> read_path(const Option& option, std::string_view text, const std::filesystem::path& folder) {
  if (text.empty()) return Value{};  // as if left out: `${LOG_FILE:-}`
  const std::filesystem::path path = folder / text;
  if (option.kind == Kind::secret) return read_secret(path);
  if (option.kind == Kind::file && ::access(path.c_str(), R_OK) != 0) {
    return unreadable(path, std::generic_category().message(errno));
  }
  return Value{.text = path.string()};
}

}  // namespace

std::string_view leaf_name(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == path.npos ? path : path.substr(dot + 1);
}

std::string_view parent(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == path.npos ? std::string_view{} : path.substr(0, dot);
}

std::string inner_path(const Option& option) {
  std::string path(option.path);
  if (option.kind == Kind::items) path += "[]";
  if (option.kind == Kind::named) path += ".*";
  return path;
}

std::string allowed(const Option& option) {
  const std::string plainly = allowed_plainly(option);
  return option.facts.word.empty() ? plainly : in_ticks(option.facts.word) + " or " + plainly;
}

std::string default_text(const Option& option) {
  if (!option.initial) return {};
  const Value& value = *option.initial;
  if (!option.facts.word.empty() && value.number == 0 && value.text.empty())
    return std::string(option.facts.word);
  switch (option.kind) {
    case Kind::flag: return value.number != 0 ? "true" : "false";
    case Kind::count:
    case Kind::size:
    case Kind::duration: return bound_text(option.kind, value.number);
    case Kind::choice: return std::string(option.facts.choices.at(value.number));
    default: return value.text;
  }
}

Result<Value> read_value(const Option& option, std::string_view text, const std::filesystem::path& folder) {
  if (!option.facts.word.empty() && text == option.facts.word) return Value{};
  switch (option.kind) {
    case Kind::text: return Value{.text = std::string(text)};
    case Kind::path:
    case Kind::file:
    case Kind::secret: return read_path(option, text, folder);
    case Kind::flag:
      if (text != "true" && text != "false") return unexpected(option, text);
      return Value{.number = text == "true" ? 1U : 0U};
    case Kind::count:
    case Kind::size:
    case Kind::duration:
    case Kind::choice: {
      const auto number = read_number(option, text);
      const Facts& facts = option.facts;
      if (!number || *number < facts.min || *number > facts.max || *number % option.step != 0) {
        return unexpected(option, text);
      }
      return Value{.number = *number};
    }
    default: return unexpected(option, text);
  }
}

}  // namespace forebay::config
