#include "cli.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "compile.hpp"
#include "demo.hpp"
#include "explain.hpp"
#include "forebay/app/daemon.hpp"
#include "forebay/config/load.hpp"
#include "health_check.hpp"
#include "purge.hpp"
#include "serve.hpp"

#ifndef FOREBAY_VERSION
#define FOREBAY_VERSION "unknown"
#endif

namespace forebay::app {
namespace {

struct Options {
  std::string file;
  std::string upstream;
  std::string listen;
  std::string admin;
};

std::optional<std::string> given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

/// From the file, or from flags alone. Prints what is wrong.
config::Loaded load_all(const Options& options) {
  auto loaded =
      options.file.empty()
          ? config::from_flags({given(options.upstream), given(options.listen), given(options.admin)})
          : config::load_file(options.file, config::process_environment());
  for (const auto& error : loaded.errors) std::cerr << config::to_string(error) << "\n";
  return loaded;
}
std::optional<config::Config> load(const Options& options) { return load_all(options).config; }

void print_warnings(const config::Loaded& loaded) {
  for (auto warning : loaded.warnings) {
    warning.message.insert(0, "warning: ");
    std::cerr << config::to_string(warning) << "\n";
  }
}

/// For those who run it: also prints what they may not have meant.
std::optional<config::Config> load_to_run(const Options& options) {
  auto loaded = load_all(options);
  print_warnings(loaded);
  return std::move(loaded.config);
}

int run(const Options& options) {
  if (options.file.empty() && options.upstream.empty()) {
    std::cerr << "forebay run: say what to do with `-c FILE`, or where to forward to with `--upstream URL`\n";
    return 2;
  }
  if (!options.file.empty() &&
      (!options.upstream.empty() || !options.listen.empty() || !options.admin.empty())) {
    std::cerr << "forebay run: with `-c FILE` the upstream, listen and admin addresses stand in the file\n";
    return 2;
  }
  const auto config = load_to_run(options);
  if (!config) return 1;
  return serve(*config, [&]() { return load_to_run(options); });
}

int check(const Options& options, bool strict) {
  const auto loaded = load_all(options);
  print_warnings(loaded);
  const auto& config = loaded.config;
  if (!config || (strict && !loaded.warnings.empty())) return 1;
  if (const auto compiled = compile(*config); !compiled) {
    std::cerr << options.file << ": " << describe(compiled.error()) << "\n";
    return 1;
  }
  std::cout << options.file << ": ok (" << config->upstreams.size() << " upstreams, "
            << config->proxy.routes.size() << " routes, " << config->listen.size() << " listeners)\n";
  return 0;
}

int health(const Options& options) {
  auto address = options.admin;
  if (!options.file.empty()) {
    const auto config = load(options);
    if (!config) return 1;
    address = config->admin.address;
  }
  if (address.empty()) address = "127.0.0.1:9180";
  return health_check(address);
}

/// The first line of a file, or all of it when it has no more.
std::optional<std::string> read_token(const std::string& path) {
  std::ifstream file(path);
  std::string token;
  if (!file || !std::getline(file, token)) return std::nullopt;
  if (token.ends_with('\r')) token.pop_back();
  return token;
}

int purge_with(const Options& options, PurgeOptions asked, const std::string& token_file) {
  asked.admin = options.admin;
  if (!options.file.empty()) {
    const auto config = load(options);
    if (!config) return 1;
    if (config->admin.address.empty()) {
      std::cerr << "forebay purge: " << options.file << " has no admin listener\n";
      return 1;
    }
    asked.admin = config->admin.address;
    if (asked.token.empty() && token_file.empty()) asked.token = config->admin.token;
  }
  if (asked.admin.empty()) asked.admin = "127.0.0.1:9180";
  if (!token_file.empty()) {
    const auto token = read_token(token_file);
    if (!token) {
      std::cerr << "forebay purge: cannot read " << token_file << "\n";
      return 2;
    }
    asked.token = *token;
  }
  return purge(asked);
}

int explain_with(const Options& options, const ExplainOptions& asked) {
  const auto config = load(options);
  return config ? explain(*config, asked) : 1;
}

void add_file(CLI::App& command, Options& options, bool required) {
  auto* option = command.add_option("-c,--config", options.file, "Configuration file (YAML)");
  if (required) option->required();
}

void add_explain(CLI::App& command, Options& options, ExplainOptions& asked) {
  add_file(command, options, true);
  command.add_option("method", asked.method, "GET, POST ...")->required();
  command.add_option("url", asked.url, "http://example.org/path?query")->required();
  command.add_option("-H,--header", asked.fields, "A field of the request, \"Name: value\"; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--response", asked.response,
                     "A file with the response's head, as `curl -D FILE` writes it; - for standard input");
  command.add_option("--after", asked.after, "How much later the same request comes again, such as 30s")
      ->capture_default_str();
  command.add_flag("--json", asked.json, "Print one JSON object");
}

void add_purge(CLI::App& command, Options& options, PurgeOptions& asked, std::string& token_file) {
  add_file(command, options, false);
  command
      .add_option("--admin", options.admin, "Admin address to ask (default 127.0.0.1:9180, or the file's)")
      ->envname("FOREBAY_ADMIN");
  auto* token = command.add_option("--token", asked.token, "The admin token (default: the file's)");
  token->envname("FOREBAY_ADMIN_TOKEN");
  command.add_option("--token-file", token_file, "A file that holds the admin token");
  command.add_option("url", asked.urls, "https://example.org/path?query ...");
  const auto add_list = [&](const char* name, std::vector<std::string>& to, const char* help) {
    command.add_option(name, to, help)->take_all()->allow_extra_args(false);
  };
  add_list("--tag", asked.tags, "Everything with this tag; this and the following may be repeated");
  add_list("--prefix", asked.prefixes, "Everything whose path begins so: /a/ or //example.org/a/");
  add_list("--pattern", asked.patterns, "Everything whose path fits: /a/** or //example.org/**/*.css");
  add_list("--host", asked.hosts, "Everything of this host: example.org or *.example.org");
  command.add_flag("--all", asked.all, "Everything");
  auto* soft = command.add_flag("--soft", asked.soft, "Make it stale instead of erasing it");
  command.add_flag("--refresh", asked.refresh, "Serve it as before while it is fetched anew")->excludes(soft);
  command.add_flag(
      "--everywhere", asked.everywhere,
      "Wait until all nodes that share the Redis have done it; exit status 3 when some have not");
  command.add_flag("--dry-run", asked.dry_run, "Only count");
  command.add_flag("--json", asked.json, "Print the answer as JSON");
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app{"forebay: an HTTP caching reverse proxy"};
  app.require_subcommand(1);
  Options options;

  auto* run_command =
      app.add_subcommand("run", "Run the proxy until SIGTERM (drains) or SIGINT; SIGHUP reloads");
  add_file(*run_command, options, false);
  run_command
      ->add_option("--upstream", options.upstream,
                   "Forward to this server, e.g. http://127.0.0.1:3000; no file needed")
      ->envname("FOREBAY_UPSTREAM");
  run_command->add_option("--listen", options.listen, "Listen here (default 0.0.0.0:8080)")
      ->envname("FOREBAY_LISTEN");
  run_command
      ->add_option("--admin", options.admin, "Admin listener for metrics and health (default 127.0.0.1:9180)")
      ->envname("FOREBAY_ADMIN");

  auto* check_command =
      app.add_subcommand("check", "Check a configuration file and print everything wrong with it");
  add_file(*check_command, options, true);
  bool strict = false;
  check_command->add_flag("--strict", strict, "Fail on warnings, too");

  auto* demo_command =
      app.add_subcommand("demo", "Run in front of a built-in sample origin and print what to try");
  std::string demo_listen = "127.0.0.1:8080";
  std::string demo_admin = "127.0.0.1:9180";
  demo_command->add_option("--listen", demo_listen, "Listen here")->capture_default_str();
  demo_command->add_option("--admin", demo_admin, "Admin listener")->capture_default_str();

  auto* version_command = app.add_subcommand("version", "Print the version");

  auto* health_command =
      app.add_subcommand("healthcheck", "Ask a running forebay's /readyz; exit status 0 when it is ready");
  add_file(*health_command, options, false);
  health_command
      ->add_option("--admin", options.admin, "Admin address to ask (default 127.0.0.1:9180, or the file's)")
      ->envname("FOREBAY_ADMIN");

  auto* explain_command = app.add_subcommand(
      "explain", "Say what a configuration makes of a request, and of a response to it, and why");
  ExplainOptions asked;
  add_explain(*explain_command, options, asked);

  auto* purge_command = app.add_subcommand("purge", "Have a running forebay purge what it has stored");
  PurgeOptions to_purge;
  std::string token_file;
  add_purge(*purge_command, options, to_purge, token_file);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  // A file given on the command line says everything; the environment's flags are for running without one.
  if (!options.file.empty() && run_command->parsed()) {
    if (run_command->count("--upstream") == 0 || std::getenv("FOREBAY_UPSTREAM")) options.upstream.clear();
    if (run_command->count("--listen") == 0 || std::getenv("FOREBAY_LISTEN")) options.listen.clear();
    if (run_command->count("--admin") == 0 || std::getenv("FOREBAY_ADMIN")) options.admin.clear();
  }
  if (run_command->parsed()) return run(options);
  if (check_command->parsed()) return check(options, strict);
  if (demo_command->parsed()) return demo(demo_listen, demo_admin);
  if (health_command->parsed()) return health(options);
  if (explain_command->parsed()) return explain_with(options, asked);
  if (purge_command->parsed()) return purge_with(options, std::move(to_purge), token_file);
  if (version_command->parsed()) std::printf("forebay %s\n", FOREBAY_VERSION);
  return 0;
}

}  // namespace forebay::app
