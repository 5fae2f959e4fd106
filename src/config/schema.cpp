// The JSON Schema of the file: what an editor needs to complete and check it while it is written.
#include "forebay/config/schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <limits>
#include <string_view>
#include <utility>

#include "config/option_table.hpp"

namespace forebay::config {

namespace {

namespace json = boost::json;

json::object of_type(std::string_view type) { return {{"type", type}}; }

/// A map, or nothing where all that it held is commented out.
json::object map_type() { return {{"type", {"object", "null"}}}; }

json::object any_of(json::array choices) { return {{"anyOf", std::move(choices)}}; }

json::object reference(std::string_view name) { return {{"$ref", "#/$defs/" + std::string(name)}}; }

/// A value of another type than text may also come from a variable, wholly or in part.
json::object or_variable(json::object schema, std::string_view word = {}) {
  json::array choices{std::move(schema)};
  if (!word.empty()) choices.push_back(json::object{{"const", word}});
  choices.push_back(reference("variable"));
  return any_of(std::move(choices));
}

json::object number(const Option& option) {
  json::object schema{{"type", "integer"}, {"minimum", option.facts.min}};
  if (option.facts.max != std::numeric_limits<std::uint64_t>::max()) schema["maximum"] = option.facts.max;
  return or_variable(std::move(schema), option.facts.word);
}

json::object choice(const Option& option) {
  json::array names;
  for (const std::string_view name : option.facts.choices) names.push_back(json::string(name));
  return or_variable({{"enum", std::move(names)}});
}

json::object options_schema(const std::string& path);
json::object value_schema(const Option& option);

json::object items(const Option& option) {
  json::object element = options_schema(inner_path(option));
  if (!option.facts.shorthand.empty()) element = any_of({of_type("string"), std::move(element)});
  return {{"type", "array"}, {"items", std::move(element)}};
}

json::object named(const Option& option) {
  json::object element = options_schema(inner_path(option));
  if (!option.facts.shorthand.empty())
    element = any_of({value_schema(*find_option(option.facts.shorthand)), std::move(element)});
  json::object schema = map_type();
  schema["additionalProperties"] = std::move(element);
  return schema;
}

json::object value_schema(const Option& option) {
  switch (option.kind) {
    case Kind::text:
    case Kind::path:
    case Kind::file:
    case Kind::secret: return of_type("string");
    case Kind::flag: return or_variable(of_type("boolean"));
    case Kind::count: return number(option);
    case Kind::size: return reference("size");
    case Kind::duration: return reference("duration");
    case Kind::choice: return choice(option);
    case Kind::texts:
      return {{"type", "array"},
              {"items", option.facts.choices.empty() ? of_type("string") : choice(option)}};
    case Kind::map: return options_schema(inner_path(option));
    case Kind::items: return items(option);
    case Kind::named: return named(option);
  }
  return {};
}

json::value default_of(const Option& option) {
  const Value& value = *option.initial;
  if (option.kind == Kind::flag) return value.number != 0;
  if (option.kind == Kind::count && default_text(option) != option.facts.word) return value.number;
  if (option.kind != Kind::texts) return json::string(default_text(option));
  json::array texts;
  for (const std::string& text : value.texts) texts.push_back(json::string(text));
  return texts;
}

std::string description(const Option& option) {
  std::string text(option.facts.help);
  if (!holds_options(option.kind)) text += " Expects " + allowed(option) + ".";
  return text;
}

/// A map in which the options of `path` stand, and nothing else.
json::object options_schema(const std::string& path) {
  json::object properties;
  json::array required;
  for (const Option* option : options_in(path)) {
    json::object schema{{"description", description(*option)}};
    if (option->initial && !option->facts.required) schema["default"] = default_of(*option);
    for (auto& member : value_schema(*option)) schema.insert(std::move(member));
    properties[leaf_name(option->path)] = std::move(schema);
    if (option->facts.required) required.push_back(json::string(leaf_name(option->path)));
  }
  json::object schema = map_type();
  schema["properties"] = std::move(properties);
  schema["additionalProperties"] = false;
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

json::object definitions() {
  const json::object variable{{"type", "string"}, {"pattern", "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}"}};
  const json::object duration{{"type", "string"}, {"pattern", "^(0|[0-9]+(ms|s|m|h|d))$"}};
  const json::object size{{"type", "string"}, {"pattern", "^[0-9]+(B|KiB|MiB|GiB|TiB)?$"}};
  const json::object bytes{{"type", "integer"}, {"minimum", 0}};
  return {{"variable", variable},
          {"duration", any_of({duration, json::object{{"const", 0}}, reference("variable")})},
          {"size", any_of({size, bytes, reference("variable")})}};
}

/// Boost.JSON writes one line; this writes one member a line.
void print(std::string& out, const json::value& value, const std::string& indent) {
  const std::string deeper = indent + "  ";
  const char* separator = "\n";
  if (value.is_object() && !value.get_object().empty()) {
    out += '{';
    for (const auto& [key, member] : value.get_object()) {
      out += std::exchange(separator, ",\n") + deeper + json::serialize(json::value(key)) + ": ";
      print(out, member, deeper);
    }
    out += "\n" + indent + "}";
  } else if (value.is_array() && !value.get_array().empty()) {
    out += '[';
    for (const json::value& element : value.get_array()) {
      out += std::exchange(separator, ",\n") + deeper;
      print(out, element, deeper);
    }
    out += "\n" + indent + "]";
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string json_schema() {
  json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "forebay.yaml"}};
  for (auto& member : options_schema("")) schema.insert(std::move(member));
  schema["$defs"] = definitions();
  std::string out;
  print(out, schema, "");
  return out + "\n";
}

}  // namespace forebay::config
