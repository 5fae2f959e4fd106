// What the draft on No-Vary-Search says about two queries, step by step and without any care for cost: the
// code under test has to agree.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forebay::test {

struct VariationConfig {
  std::optional<std::vector<std::string>> no_vary;  // nothing: the wildcard
  std::optional<std::vector<std::string>> vary;     // nothing: the wildcard
  bool key_order = true;

  bool is_default() const { return no_vary && no_vary->empty() && key_order; }
};

/// The sequences that are valid UTF-8 as Unicode 15 table 3-7 has them: by lead byte, the ranges that follow.
inline std::string utf8_decoded(const std::string& bytes) {
  struct Row {
    unsigned char from, to;
    std::vector<std::pair<unsigned char, unsigned char>> followers;
  };
  static const std::vector<Row> kRows{
      {0x00, 0x7f, {}},
      {0xc2, 0xdf, {{0x80, 0xbf}}},
      {0xe0, 0xe0, {{0xa0, 0xbf}, {0x80, 0xbf}}},
      {0xe1, 0xec, {{0x80, 0xbf}, {0x80, 0xbf}}},
      {0xed, 0xed, {{0x80, 0x9f}, {0x80, 0xbf}}},
      {0xee, 0xef, {{0x80, 0xbf}, {0x80, 0xbf}}},
      {0xf0, 0xf0, {{0x90, 0xbf}, {0x80, 0xbf}, {0x80, 0xbf}}},
      {0xf1, 0xf3, {{0x80, 0xbf}, {0x80, 0xbf}, {0x80, 0xbf}}},
      {0xf4, 0xf4, {{0x80, 0x8f}, {0x80, 0xbf}, {0x80, 0xbf}}},
  };
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[at]);
    const auto row = std::find_if(kRows.begin(), kRows.end(),
                                  [&](const Row& r) { return lead >= r.from && lead <= r.to; });
    std::size_t length = 1;
    bool valid = row != kRows.end();
    if (valid) {
      for (const auto& [from, to] : row->followers) {
        const bool follows = at + length < bytes.size() &&
                             static_cast<unsigned char>(bytes[at + length]) >= from &&
                             static_cast<unsigned char>(bytes[at + length]) <= to;
        if (!follows) {
          valid = false;
          break;
        }
        ++length;
      }
    }
    out += valid ? bytes.substr(at, length) : "\xef\xbf\xbd";
    at += length;
  }
  return out;
}

/// Parse a key.
inline std::string parsed_key(std::string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  std::string bytes;
  const auto value_of = [](char c) {
    return static_cast<int>(std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20)));
  };
  const auto is_hex = [](char c) {
    return std::string_view("0123456789abcdefABCDEF").find(c) != std::string_view::npos;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() && is_hex(text[at + 1]) && is_hex(text[at + 2])) {
      const auto digit = [&](char c) { return c >= '0' && c <= '9' ? c - '0' : value_of(c); };
      bytes += static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2]));
      at += 2;
    } else {
      bytes += text[at];
    }
  }
  return utf8_decoded(bytes);
}

using SearchParams = std::vector<std::pair<std::string, std::string>>;

/// The application/x-www-form-urlencoded parser.
inline SearchParams search_params(const std::string& query) {
  SearchParams params;
  std::size_t begin = 0;
  while (begin <= query.size()) {
    const auto end = std::min(query.find('&', begin), query.size());
    const auto sequence = query.substr(begin, end - begin);
    begin = end + 1;
    if (sequence.empty()) continue;
    const auto equals = sequence.find('=');
    const auto name = sequence.substr(0, equals);
    const auto value = equals == std::string::npos ? std::string() : sequence.substr(equals + 1);
    params.emplace_back(parsed_key(name), parsed_key(value));
  }
  return params;
}

/// Equivalent modulo variation config, for URLs that differ in their queries alone.
inline bool equivalent(const std::string& a, const std::string& b, const VariationConfig& config) {
  if (config.is_default()) return a == b;
  const auto relevant = [&](const std::string& query) {
    auto params = search_params(query);
    const auto has = [](const std::vector<std::string>& names, const std::string& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (config.no_vary)
      std::erase_if(params, [&](const auto& pair) { return has(*config.no_vary, pair.first); });
    else if (config.vary)
      std::erase_if(params, [&](const auto& pair) { return !has(*config.vary, pair.first); });
    if (!config.key_order)
      std::stable_sort(params.begin(), params.end(),
                       [](const auto& x, const auto& y) { return x.first < y.first; });
    return params;
  };
  return relevant(a) == relevant(b);
}

}  // namespace forebay::test
