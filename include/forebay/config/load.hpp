// YAML to Config. All errors are found in one pass; each names file, line, column, the key and, for a name
// that is not known, the nearest one that is.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/config/config.hpp"

namespace forebay::config {

/// Something wrong in the file; line and column count from 1, 0 where the place is not known.
struct Diagnostic {
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
};
/// "forebay.yaml:12:5: unknown key `routes[0].upstrem`; did you mean `upstream`?"; without the numbers where
/// the place is not known.
std::string to_string(const Diagnostic& diagnostic);

/// Either a configuration that passed every check, or at least one error. Warnings (see warnings.hpp) forbid
/// nothing; there are none beside errors.
struct Loaded {
  std::optional<Config> config;
  std::vector<Diagnostic> errors;
  std::vector<Diagnostic> warnings{};
};

/// Looks up an environment variable; nothing when it is not set. A parameter so that tests need no
/// environment.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
Environment process_environment();

/// Reads and checks a file. Paths that the file names are relative to its folder.
Loaded load_file(const std::string& path, const Environment& environment);
/// The same from text; `name` stands in the errors, and its folder is the one that paths are relative to.
Loaded load_text(std::string_view yaml, const std::string& name, const Environment& environment);

/// What `forebay run` takes instead of a file.
struct Flags {
  std::optional<std::string> upstream;  // a server's URL; needed
  std::optional<std::string> listen;
  std::optional<std::string> admin;
};

/// One upstream named "default" behind one listen address, everything else as in an empty file. The errors
/// name `--upstream`, `--listen` or `--admin` as their file.
Loaded from_flags(const Flags& flags);

}  // namespace forebay::config
