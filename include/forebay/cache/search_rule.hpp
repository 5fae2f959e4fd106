// No-Vary-Search (draft-ietf-httpbis-no-vary-search): what of its URI's query a response depends on, and the
// keys that follow from it.
//
// Model: a response with a rule is stored by a key that names the rule and holds what of the query counts by
// it. Whoever looks with the same rule finds it under every query that the rule equates; whoever looks with
// another, or with none, does not find it. So whatever a rule was remembered for, it never gives a request a
// response whose own rule does not say so.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/base/digest.hpp"
#include "forebay/http/headers.hpp"

namespace forebay::cache {

/// Memory for SearchRule that keeps its capacity.
struct SearchScratch {
  struct Parameter {
    std::size_t begin = 0;  // in `text`, where the value follows the name
    std::size_t name_size = 0;
    std::size_t value_size = 0;
  };
  std::string text;
  std::vector<Parameter> parameters;
};

/// A URL variation config (§4) other than the default one, by which the whole query counts. Immutable.
class SearchRule {
 public:
  /// Longer fields count as none: rules are kept in memory.
  static constexpr std::size_t kMaxBytes = 2048;

  /// Nothing for what does not parse, and for what says nothing (§5.1). Beside the draft's forms those that
  /// were deployed before it: `params` alone for all parameters, and `params, except=(…)`.
  static std::optional<SearchRule> parse(std::string_view value);
  /// All lines of the field joined (§5.2).
  static std::optional<SearchRule> of(const http::Fields& response);

  /// Appends what of a query counts, in a form that is equal for two queries exactly when they are equivalent
  /// (§6): parameters as "name=value", joined by '&'. Allocates only to grow `scratch` and `out`.
  void append_query(std::string& out, std::string_view query, SearchScratch& scratch) const;

  /// The rule as the field would say it best; equal for equal rules alone.
  const std::string& text() const noexcept { return text_; }
  /// Of text().
  const Digest& digest() const noexcept { return digest_; }

 private:
  SearchRule() = default;
  bool counts(std::string_view name) const noexcept;
  void write_text();

  bool ignores_order_ = false;
  bool only_named_count_ = false;   // otherwise those that are named do not
  std::vector<std::string> names_;  // decoded, sorted, each once
  std::string text_;
  Digest digest_;
};

/// The key under a rule of what is stored by `plain` without one: "http://h:80/x?a=1&b=2" becomes
/// "http://h:80/x?a=1#search=" and the rule's digest; a partition stays behind it. Written into `out`, whose
/// capacity is reused.
void write_key_under(std::string& out, std::string_view plain, const SearchRule& rule,
                     SearchScratch& scratch);
/// The digest of the rule that a key is under, in hexadecimal; "" for one under none.
std::string_view rule_in(std::string_view key) noexcept;
inline bool is_under_rule(std::string_view key) noexcept { return !rule_in(key).empty(); }

/// A key up to its query.
std::string_view path_in(std::string_view key) noexcept;
/// The tag of everything that is stored under rules for a key's path, in its partition: which queries of that
/// path were equated is not known when one of them is invalidated.
Digest search_tag(std::string_view key);

/// True if a response that speaks about what is stored by this key names another rule. Without the field it
/// says nothing; a QUERY has none.
bool names_another_rule(const http::Fields& response, std::string_view key);

}  // namespace forebay::cache
