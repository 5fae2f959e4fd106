// One row of the option table: what an option is called, may hold, means, and where its value goes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/base/result.hpp"
#include "forebay/config/config.hpp"

namespace forebay::config {

/// The configuration while it is made, and the list elements that its options belong to just now.
struct Draft {
  Config& config;
  server::ListenSettings* listen = nullptr;
  upstream::UpstreamSettings* upstream = nullptr;
  proxy::RouteSettings* route = nullptr;
};

enum class Kind : std::uint8_t {
  text,
  path,      // a file; relative to the configuration file's folder
  file,      // the same, and it can be read now
  secret,    // the same, and its content is the value
  flag,      // true or false
  count,     // a whole number
  size,      // bytes
  duration,  // milliseconds
  choice,    // one of Facts::choices
  texts,     // a list of texts
  map,       // holds options
  items,     // a list of maps
  named,     // maps by a name that is chosen freely
};
constexpr bool holds_options(Kind kind) { return kind >= Kind::map; }

/// What an option's text means: one of the members, by kind. `number` holds flags (0, 1), counts, bytes,
/// milliseconds and the index of a choice.
struct Value {
  std::uint64_t number = 0;
  std::string text{};
  std::vector<std::string> texts{};
};

/// What a row says beside its kind and path. All views are of literals.
struct Facts {
  std::string_view help;  // sentences
  std::uint64_t min = 0;  // of count, size and duration, in the value's unit
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  std::string_view word{};        // stands for 0 or an empty text: `auto`, `off`
  std::string_view noun{"text"};  // what a text is: "an address"; of texts in the plural
  std::string_view example{};     // shown where there is no default; of named: an example of a name
  std::vector<std::string_view>
      choices{};                 // in the order of the enumerators; of texts: all that may be listed
  std::string_view excludes{};   // the path of an option that may not be given as well
  std::string_view shorthand{};  // of items and named: the option that a plain text stands for
  bool required = false;
  bool needs_restart = false;
};

struct Option {
  /// "upstreams.*.timeouts.connect", "listen[].address".
  std::string_view path;
  Kind kind = Kind::text;
  Facts facts;
  std::uint64_t step = 1;  // of duration: 1000 where the setting holds whole seconds
  /// Stores a value; of items and named: appends an element (Value::text is its name) that later options
  /// belong to.
  std::function<void(Draft&, Value)> set{};
  /// The default; nothing for an option that is simply unset.
  std::optional<Value> initial{};
};

/// The last part of a path: "connect".
std::string_view leaf_name(std::string_view path);
/// The path of what an option stands in: "listen[]" for "listen[].address", "" for "workers".
std::string_view parent(std::string_view path);
/// The path that the options within start with: "listen[]" for `listen`, "upstreams.*" for `upstreams`.
std::string inner_path(const Option& option);

/// "a number from 1 to 1024", "`off`, `combined` or `json`".
std::string allowed(const Option& option);
/// The default as it would stand in the file, unquoted; "" when there is none.
std::string default_text(const Option& option);

/// Reads a text that stands alone (every kind but texts and those that hold options). Fails with
/// invalid_value and "expected ..., found ...".
Result<Value> read_value(const Option& option, std::string_view text, const std::filesystem::path& folder);

}  // namespace forebay::config
