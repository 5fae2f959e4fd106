// What forebay makes of a request and its response, and why: the rules of the request path, run without a
// network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "forebay/base/clock.hpp"
#include "forebay/http/message.hpp"
#include "forebay/proxy/snapshot.hpp"

namespace forebay::proxy {

/// One thing found: a stable name, its value, and a sentence where that helps.
struct Fact {
  std::string name;  // "freshness.lifetime"
  std::variant<bool, std::int64_t, std::string> value;
  std::string note{};
};

/// What is to be explained.
struct Case {
  http::RequestHead request;
  std::string_view scheme = "http";  // of the client's connection
  bool has_body = false;             // the request's
  const http::ResponseHead* response = nullptr;
  std::uint64_t max_body = UINT64_MAX;  // of the memory tier
  WallTime now;                         // when the request is sent and answered
  std::chrono::seconds after{0};        // how much later the same request comes again
};

/// In the order in which the decisions are made; ends where a decision ends the matter. Thread-safe.
std::vector<Fact> explain(const Snapshot& snapshot, Case asked);

/// Aligned lines, "name  value  (note)".
std::string to_text(const std::vector<Fact>& facts);
/// One JSON object, nested by the dots in the names; ends with a newline.
std::string to_json(const std::vector<Fact>& facts);

}  // namespace forebay::proxy
