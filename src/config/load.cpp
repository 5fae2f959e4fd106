#include "forebay/config/load.hpp"

#include <cstdlib>
#include <filesystem>
#include <utility>
#include <variant>

#include "config/defaults.hpp"
#include "config/document.hpp"
#include "config/loader.hpp"
#include "config/option_table.hpp"
#include "config/read_file.hpp"
#include "config/report.hpp"
#include "forebay/config/check.hpp"
#include "forebay/config/warnings.hpp"

namespace forebay::config {

namespace {

Loaded finish(Config config, std::vector<Diagnostic> errors) {
  if (!errors.empty()) return {std::nullopt, std::move(errors)};
  return {std::move(config), {}};
}

/// The same, with warnings at their places in the file.
Loaded finish(Config config, Report& report) {
  auto loaded = finish(std::move(config), report.take());
  if (!loaded.config) return loaded;
  report.add(warnings(*loaded.config));
  loaded.warnings = report.take();
  return loaded;
}

/// Gives a flag's text to the option that it stands for.
void apply(const std::optional<std::string>& text, std::string_view path, Draft& draft,
           std::vector<Diagnostic>& errors, const std::string& flag) {
  if (!text) return;
  const Option& option = *find_option(path);
  Result<Value> value = read_value(option, *text, {});
  if (!value) return errors.push_back({flag, 0, 0, value.error().detail});
  option.set(draft, std::move(*value));
}

/// The flag that a finding is about.
std::string flag_of(std::string_view path) {
  if (path.starts_with("listen")) return "--listen";
  return path.starts_with("admin") ? "--admin" : "--upstream";
}

}  // namespace

std::string to_string(const Diagnostic& diagnostic) {
  std::string out = diagnostic.file;
  if (diagnostic.line > 0)
    out += ":" + std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column);
  return out + ": " + diagnostic.message;
}

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

Loaded load_file(const std::string& path, const Environment& environment) {
  const Result<std::string> text = read_file(path, kMaxTextBytes);
  if (!text) return {std::nullopt, {{path, 0, 0, "cannot be read: " + text.error().detail}}};
  return load_text(*text, path, environment);
}

Loaded load_text(std::string_view yaml, const std::string& name, const Environment& environment) {
  Report report(name);
  const auto parsed = parse_document(yaml);
  if (const auto* rejection = std::get_if<Rejection>(&parsed)) {
    report.error(rejection->place, rejection->message);
    return {std::nullopt, report.take()};
  }
  Config config = initial_config();
  const Surroundings surroundings{environment, std::filesystem::path(name).parent_path()};
  load_document(std::get<Document>(parsed), surroundings, config, report);
  fill_in(config);
  report.add(check(config));
  return finish(std::move(config), report);
}

Loaded from_flags(const Flags& flags) {
  if (!flags.upstream)
    return {std::nullopt, {{"--upstream", 0, 0, "needed when there is no configuration file"}}};
  Config config = initial_config();
  Draft draft{config, &config.listen.emplace_back()};
  draft.listen->address = kDefaultListen;
  config.upstreams.push_back({.name = "default", .servers = {*flags.upstream}});
  std::vector<Diagnostic> errors;
  apply(flags.listen, "listen[].address", draft, errors, "--listen");
  apply(flags.admin, "admin.address", draft, errors, "--admin");
  fill_in(config);
  for (const Finding& finding : check(config)) {
    errors.push_back({flag_of(finding.path), 0, 0, finding.message});
  }
  return finish(std::move(config), std::move(errors));
}

}  // namespace forebay::config
