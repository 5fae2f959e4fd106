// Events: what somebody else tells has changed, and what has to go therefore. Rules say for each type of
// event what it purges, in templates that the event's values fill.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/base/result.hpp"
#include "forebay/proxy/purge_order.hpp"
#include "forebay/proxy/settings.hpp"

namespace forebay::proxy {

/// A text with places for values: "user:{id}", "/users/{user.id}/**". Immutable.
class TextTemplate {
 public:
  /// What the text is, which says how a value is written so that it stands for itself alone.
  enum class Use : std::uint8_t {
    plain,  // as it is
    path,   // percent-encoded but for '/', in URLs, prefixes and patterns; no '*', which would be a wildcard
    host,   // letters, digits, '-', '_' and '.' alone
  };

  /// Names are of letters, digits, '_' and '-', joined by '.' for members of members. Fails with
  /// invalid_value.
  static Result<TextTemplate> compile(std::string_view text, Use use);
  /// Values are texts and whole numbers that `event` has by these names; neither empty nor longer than
  /// kMaxValue. Fails with invalid_value naming the value.
  Result<std::string> fill(const boost::json::object& event) const;
  static constexpr std::size_t kMaxValue = 1024;

  /// With a letter in each place: what it may look like.
  std::string sample() const;

 private:
  struct Piece {
    std::string text;  // what stands for itself, or the name as it was written
    bool is_value = false;
  };
  std::vector<Piece> pieces_;
  Use use_ = Use::plain;
};

/// Compiled at load; immutable, thread-safe.
class EventRules {
 public:
  /// Fails with invalid_value naming the type and what is wrong with its templates.
  static Result<EventRules> compile(std::span<const EventSettings> settings);

  /// What an event, {"type": "user.updated", "id": 7}, purges; nothing when there is no rule for its type.
  /// Fails with invalid_value: no object, no type, a value that is missing or cannot stand where it is to.
  Result<std::optional<PurgeOrder>> order_for(const boost::json::value& event) const;

 private:
  struct Rule {
    std::string type;
    std::vector<TextTemplate> urls, tags, prefixes, patterns, hosts;
    cache::PurgeMode mode = cache::PurgeMode::hard;
  };
  std::vector<Rule> rules_;
};

}  // namespace forebay::proxy
