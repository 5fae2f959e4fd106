// The reference page and the reference file.
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string_view>
#include <vector>

#include "config/option_table.hpp"
#include "config/words.hpp"
#include "forebay/config/schema.hpp"

namespace forebay::config {

namespace {

constexpr std::size_t kWidth = 110;

/// A double-quoted YAML scalar: JSON's strings are YAML's.
std::string in_quotes(std::string_view text) { return boost::json::serialize(boost::json::value(text)); }

bool is_bare(Kind kind) {
  return kind == Kind::flag || kind == Kind::count || kind == Kind::size || kind == Kind::duration ||
         kind == Kind::choice;
}

std::string flow_list(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + in_quotes(text);
  return "[" + out + "]";
}

/// The default as the file spells it; "" when there is none.
std::string default_value(const Option& option) {
  if (!option.initial) return {};
  if (option.kind == Kind::texts)
    return option.initial->texts.empty() ? "" : flow_list(option.initial->texts);
  const std::string text = default_text(option);
  return is_bare(option.kind) || text == option.facts.word ? text : in_quotes(text);
}

std::string example_value(const Option& option) {
  const std::string text(option.facts.example);
  if (option.kind == Kind::texts) return flow_list({text});
  return is_bare(option.kind) ? text : in_quotes(text);
}

// ---- The file ----

void add_comment(std::string& out, const std::string& indent, std::string_view text) {
  const std::size_t width = kWidth - indent.size() - 2;
  while (!text.empty()) {
    std::size_t end = text.size();
    if (end > width) end = text.rfind(' ', width);
    out.append(indent).append("# ").append(text.substr(0, end)).append("\n");
    text.remove_prefix(end == text.size() ? end : end + 1);
  }
}

void add_options(std::string& out, const std::string& path, const std::string& indent);

/// A list's only element: its dash stands in the line of the first option, behind that option's comment.
void add_element(std::string& out, const Option& option, const std::string& indent) {
  std::string element;
  add_options(element, inner_path(option), indent + "  ");
  std::size_t line = 0;
  while (element.compare(line, indent.size() + 3, indent + "  #") == 0) {
    element.erase(line, 2);
    line = element.find('\n', line) + 1;
  }
  out += element.replace(line + indent.size(), 2, "- ");
}

/// Every line that is none yet becomes a comment.
std::string commented_out(std::string lines) {
  for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
    at = lines.find_first_not_of(' ', at);
    if (lines[at] != '#') lines.insert(at, "#");
  }
  return lines;
}

void add_option(std::string& out, const Option& option, const std::string& indent) {
  const std::string name(leaf_name(option.path));
  add_comment(out, indent, option.facts.help);
  if (holds_options(option.kind)) {
    out += indent + name + ":\n";
    if (option.kind == Kind::map) return add_options(out, inner_path(option), indent + "  ");
    if (option.kind == Kind::named && !option.facts.shorthand.empty()) {
      out.append(indent).append("  #").append(option.facts.example).append(": ");
      out += example_value(*find_option(option.facts.shorthand)) + "\n";
      return;
    }
    if (option.kind == Kind::named && !option.facts.required) {
      out.append(indent).append("  #").append(option.facts.example).append(":\n");
      std::string element;
      add_options(element, inner_path(option), indent + "    ");
      out += commented_out(element);
      return;
    }
    if (option.kind == Kind::named) {
      out.append(indent).append("  ").append(option.facts.example).append(":\n");
      return add_options(out, inner_path(option), indent + "    ");
    }
    return add_element(out, option, indent + "  ");
  }
  const std::string value = default_value(option);
  const bool stands = !value.empty() || option.facts.required;
  out += indent + (stands ? "" : "#") + name + ": " + (value.empty() ? example_value(option) : value) + "\n";
}

void add_options(std::string& out, const std::string& path, const std::string& indent) {
  for (const Option* option : options_in(path)) {
    if (path.empty()) out += "\n";
    add_option(out, *option, indent);
  }
}

// ---- The page ----

/// One cell of a table.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != text.npos; at = text.find('|', at + 2)) text.insert(at, "\\");
  return text;
}

std::string shown_default(const Option& option) {
  if (option.facts.required) return "required";
  const std::string value = default_value(option);
  return value.empty() ? "" : in_ticks(value);
}

void add_row(std::string& out, const Option& option) {
  std::string help(option.facts.help);
  if (option.facts.needs_restart) help += " A change needs a restart.";
  out += "| `" + std::string(leaf_name(option.path)) + "` | " + cell(allowed(option)) + " | " +
         cell(shown_default(option)) + " | " + cell(help) + " |\n";
}

std::string title(const Option& option) {
  if (option.kind == Kind::named) return std::string(option.path) + ".<name>";
  return inner_path(option);
}

/// "upstreams.*.tls" as its heading says it: "upstreams.<name>.tls".
std::string with_names(std::string text) {
  for (std::size_t at = text.find('*'); at != text.npos; at = text.find('*')) text.replace(at, 1, "<name>");
  return text;
}

void add_table(std::string& out, const std::string& path) {
  bool started = false;
  for (const Option* option : options_in(path)) {
    if (holds_options(option->kind)) continue;
    if (!started) out += "\n| Option | Value | Default | Meaning |\n|---|---|---|---|\n";
    started = true;
    add_row(out, *option);
  }
}

}  // namespace

std::string reference_file() {
  std::string out =
      "# Every option of forebay with its default. An option that is commented out is unset by default; what "
      "stands\n"
      "# there is an example. docs/configuration.md explains how a configuration is put together.\n";
  add_options(out, "", "");
  return out;
}

std::string reference_page() {
  std::string out = "### Top level\n";
  add_table(out, "");
  for (const Option& option : option_table()) {
    if (!holds_options(option.kind)) continue;
    out += "\n### `" + with_names(title(option)) + "`\n\n" + std::string(option.facts.help) + "\n";
    add_table(out, inner_path(option));
  }
  return out;
}

}  // namespace forebay::config
