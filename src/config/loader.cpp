#include "config/loader.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/expand.hpp"
#include "config/option_table.hpp"
#include "config/words.hpp"

namespace forebay::config {

namespace {

constexpr std::size_t kMaxKeyBytes = 256;

/// Where the loader is: in the option table ("routes[].match") and in the file ("routes[2].match").
struct Spot {
  std::string pattern;
  std::string path;

  Spot in(std::string_view key) const {
    const std::string_view dot = pattern.empty() ? "" : ".";
    return {std::string(pattern).append(dot).append(key), std::string(path).append(dot).append(key)};
  }
};

std::string found(const Node& node) {
  switch (node.kind) {
    case Node::Kind::nothing: return "nothing";
    case Node::Kind::scalar: return in_ticks(node.text);
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "a map";
  }
  return {};
}

std::vector<std::string_view> names_in(std::string_view pattern) {
  std::vector<std::string_view> names;
  for (const Option* option : options_in(pattern)) names.push_back(leaf_name(option->path));
  return names;
}

/// The path of the one option in another place that has this name; "" when there is none, or several.
std::string elsewhere(std::string_view key) {
  std::string_view only;
  for (const Option& option : option_table()) {
    if (leaf_name(option.path) != key) continue;
    if (!only.empty()) return {};
    only = option.path;
  }
  return std::string(only);
}

bool has_key(const Node& map, std::string_view key) {
  return std::any_of(map.members.begin(), map.members.end(),
                     [&](const Member& member) { return member.key.node->text == key; });
}

class Loader {
 public:
  Loader(const Surroundings& surroundings, Config& config, Report& report)
      : surroundings_(surroundings), draft_{config}, report_(report) {}

  /// A map's members as options of `spot`; nothing at all is an empty map.
  void load_members(const Item& item, const Spot& spot) {
    if (item.node->kind == Node::Kind::nothing) return;
    if (item.node->kind != Node::Kind::map) {
      const std::string message = "expected a map of options, found " + found(*item.node);
      if (spot.path.empty()) return report_.reject_all(item.place, message);
      return report_.reject(spot.path, item.place, message);
    }
    for_each_key(item, spot.path, [&](const std::string& key, const Member& member) {
      load_member(*item.node, member, key, spot);
    });
  }

 private:
  /// Calls `visit` for every key that is a text and new in its map.
  template <class Visit>
  void for_each_key(const Item& map, const std::string& path, Visit visit) {
    std::unordered_map<std::string_view, int> lines;
    for (const Member& member : map.node->members) {
      const Node& key = *member.key.node;
      const Place place = member.key.place;
      const std::string in = path.empty() ? "" : path + ": ";
      if (key.kind != Node::Kind::scalar) {
        report_.error(place, in + "expected a name as the key, found " + found(key));
      } else if (key.text.size() > kMaxKeyBytes) {
        report_.error(place, in + "the key " + in_ticks(key.text) + " is longer than 256 bytes");
      } else if (const auto [first, is_new] = lines.emplace(key.text, place.line); !is_new) {
        const std::string twice = path.empty() ? key.text : path + "." + key.text;
        report_.reject(twice, place, "given twice, first in line " + std::to_string(first->second));
      } else {
        visit(key.text, member);
      }
    }
  }

  void load_member(const Node& map, const Member& member, const std::string& key, const Spot& spot) {
    const Spot inner = spot.in(key);
    const Option* option = key.find_first_of(".[*") == key.npos ? find_option(inner.pattern) : nullptr;
    if (option == nullptr) return report_unknown(map, member, key, spot);
    report_.place(inner.path, member.value.place);
    switch (option->kind) {
      case Kind::map: return load_members(member.value, inner);
      case Kind::items: return load_items(*option, member.value, inner);
      case Kind::named: return load_named(*option, member.value, inner);
      case Kind::texts: return load_texts(*option, member.value, inner);
      default: return load_single(*option, member.value, inner);
    }
  }

  void report_unknown(const Node& map, const Member& member, const std::string& key, const Spot& spot) {
    if (report_.is_full()) return report_.error(member.key.place, "");
    const std::vector<std::string_view> known = names_in(spot.pattern);
    const std::string_view near = nearest(key, known);
    std::string advice = hint(key, known);
    if (near.empty()) {
      const std::string other = elsewhere(key);
      if (!other.empty()) advice = "; did you mean " + in_ticks(other) + "?";
    } else if (!has_key(map, near)) {
      report_.mark_rejected(spot.in(near).path);
    }
    if (key == "<<") advice = "; merge keys are not understood";
    report_.error(member.key.place, "unknown key " + in_ticks(spot.in(key).path) + advice);
  }

  void load_items(const Option& option, const Item& item, const Spot& spot) {
    if (item.node->kind != Node::Kind::list) return reject_kind(option, item, spot);
    std::size_t index = 0;
    for (const Item& element : item.node->items) {
      const Spot inner{inner_path(option), spot.path + "[" + std::to_string(index++) + "]"};
      report_.place(inner.path, element.place);
      option.set(draft_, {});
      load_element(option, element, inner);
    }
  }

  /// An element of items or named: its options, or the text that stands for one of them.
  void load_element(const Option& option, const Item& element, const Spot& spot) {
    if (element.node->kind != Node::Kind::scalar || option.facts.shorthand.empty())
      return load_members(element, spot);
    const Option& meant = *find_option(option.facts.shorthand);
    // What is wrong with it stands at the element: the option's name is not in the file.
    load_single(meant, element, spot);
  }

  void load_named(const Option& option, const Item& item, const Spot& spot) {
    if (item.node->kind == Node::Kind::nothing) return;
    if (item.node->kind != Node::Kind::map) return reject_kind(option, item, spot);
    for_each_key(item, spot.path, [&](const std::string& name, const Member& member) {
      const Spot inner{inner_path(option), spot.path + "." + name};
      report_.place(inner.path, member.key.place);
      option.set(draft_, {.text = name});
      load_element(option, member.value, inner);
    });
  }

  void load_texts(const Option& option, const Item& item, const Spot& spot) {
    if (item.node->kind != Node::Kind::list) return reject_kind(option, item, spot);
    Value value;
    for (std::size_t i = 0; i < item.node->items.size(); ++i) {
      const Item& element = item.node->items[i];
      const std::string path = spot.path + "[" + std::to_string(i) + "]";
      report_.place(path, element.place);
      if (element.node->kind != Node::Kind::scalar) {
        report_.reject(path, element.place, "expected text, found " + found(*element.node));
        value.texts.emplace_back();
      } else if (auto text = expanded(element, path)) {
        if (!is_choice(option, *text))
          report_.reject(path, element.place,
                         "expected " + one_of(option.facts.choices) + ", found " + in_ticks(*text));
        value.texts.push_back(std::move(*text));
      } else {
        value.texts.emplace_back();
      }
    }
    option.set(draft_, std::move(value));
  }

  static bool is_choice(const Option& option, std::string_view text) {
    const auto& choices = option.facts.choices;
    return choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end();
  }

  /// The path of the option that stands in the file already and may not stand beside this one, or "".
  std::string excluded(const Option& option, const Spot& spot) const {
    if (option.facts.excludes.empty()) return {};
    std::string path(parent(spot.path));
    if (!path.empty()) path += '.';
    path += leaf_name(option.facts.excludes);
    return report_.find(path) != nullptr ? path : "";
  }

  void load_single(const Option& option, const Item& item, const Spot& spot) {
    if (item.node->kind != Node::Kind::scalar) return reject_kind(option, item, spot);
    if (const std::string other = excluded(option, spot); !other.empty()) {
      return report_.reject(spot.path, item.place,
                            "given as well as " + in_ticks(other) + "; one of them is allowed");
    }
    const std::optional<std::string> text = expanded(item, spot.path);
    if (!text) return;
    Result<Value> value = read_value(option, *text, surroundings_.folder);
    if (!value) return report_.reject(spot.path, item.place, value.error().detail);
    option.set(draft_, std::move(*value));
  }

  /// Nothing, and an error, when the scalar names a variable that is not there.
  std::optional<std::string> expanded(const Item& item, const std::string& path) {
    Result<std::string> text = expand(item.node->text, surroundings_.environment);
    if (text) return std::move(*text);
    report_.reject(path, item.place, text.error().detail);
    return std::nullopt;
  }

  void reject_kind(const Option& option, const Item& item, const Spot& spot) {
    report_.reject(spot.path, item.place, "expected " + allowed(option) + ", found " + found(*item.node));
  }

  Surroundings surroundings_;
  Draft draft_;
  Report& report_;
};

}  // namespace

void load_document(const Document& document, const Surroundings& surroundings, Config& config,
                   Report& report) {
  Loader(surroundings, config, report).load_members(document.root, {});
}

}  // namespace forebay::config
