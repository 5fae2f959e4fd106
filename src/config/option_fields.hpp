// Rows of the option table from pointers to members: storing a value in a field of a settings struct, and
// reading its default from there, so that every default stands in the struct alone.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/defaults.hpp"
#include "config/option.hpp"

namespace forebay::config {

/// The way from a draft to a member of the struct that `to_struct` leads to.
auto field(auto member, auto to_struct) {
  return [=](Draft & draft) -> auto& { return to_struct(draft).*member; };
}

template <class T>
constexpr bool holds_whole_seconds() {
  return std::is_same_v<T, std::chrono::seconds> || std::is_same_v<T, std::optional<std::chrono::seconds>>;
}

inline void store(std::string& to, Value value) { to = std::move(value.text); }
inline void store(std::vector<std::string>& to, Value value) { to = std::move(value.texts); }
inline void store(std::optional<std::vector<std::string>>& to, Value value) { to = std::move(value.texts); }
inline void store(std::vector<http::Coding>& to, const Value& value) {
  to.clear();
  for (const std::string& text : value.texts)
    if (const auto coding = http::parse_coding(text)) to.push_back(*coding);
}
inline void store(std::optional<std::chrono::seconds>& to, const Value& value) {
  to = std::chrono::seconds{static_cast<std::int64_t>(value.number / 1000)};
}
template <class Rep, class Period>
void store(std::chrono::duration<Rep, Period>& to, const Value& value) {
  const std::chrono::milliseconds ms{static_cast<std::int64_t>(value.number)};
  to = std::chrono::duration_cast<std::chrono::duration<Rep, Period>>(ms);
}
template <class Number>  // bool, the integers and the enums
void store(Number& to, const Value& value) {
  to = static_cast<Number>(value.number);
}

inline std::optional<Value> fetch(const std::string& from) {
  return from.empty() ? std::nullopt : std::optional(Value{.text = from});
}
inline std::optional<Value> fetch(const std::vector<std::string>& from) { return Value{.texts = from}; }
inline std::optional<Value> fetch(const std::optional<std::vector<std::string>>& from) {
  return from ? fetch(*from) : std::nullopt;
}
inline std::optional<Value> fetch(const std::vector<http::Coding>& from) {
  Value value;
  for (const http::Coding coding : from) value.texts.emplace_back(http::token(coding));
  return value;
}
template <class Rep, class Period>
std::optional<Value> fetch(std::chrono::duration<Rep, Period> from) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(from).count();
  return Value{.number = static_cast<std::uint64_t>(ms)};
}
inline std::optional<Value> fetch(const std::optional<std::chrono::seconds>& from) {
  return from ? fetch(*from) : std::nullopt;
}
template <class Number>
std::optional<Value> fetch(const Number& from) {
  return Value{.number = static_cast<std::uint64_t>(from)};
}

/// What a field holds when nothing was said.
template <class Get>
std::optional<Value> initial_value(Get to_field) {
  Config config = initial_config();
  server::ListenSettings listen{.address = std::string(kDefaultListen)};
  upstream::UpstreamSettings upstream;
  proxy::RouteSettings route;
  Draft draft{config, &listen, &upstream, &route};
  return fetch(to_field(draft));
}

template <class Get>
Option leaf(Kind kind, std::string_view path, Get to_field, Facts facts) {
  using Field = std::remove_cvref_t<std::invoke_result_t<Get, Draft&>>;
  Option option{.path = path, .kind = kind, .facts = std::move(facts)};
  option.step = holds_whole_seconds<Field>() ? 1000 : 1;
  option.set = [to_field](Draft& draft, Value value) { store(to_field(draft), std::move(value)); };
  option.initial = initial_value(to_field);
  return option;
}

inline Option section(
    Kind kind, std::string_view path, Facts facts,
    std::function<void(Draft&, Value)> add = [](Draft&, const Value&) {}) {
  return {.path = path, .kind = kind, .facts = std::move(facts), .set = std::move(add)};
}

}  // namespace forebay::config
