#include "config/edit_rules.hpp"

#include <algorithm>
#include <span>

#include "config/syntax.hpp"
#include "config/words.hpp"
#include "forebay/base/strings.hpp"

namespace forebay::config {

namespace {

/// Fields that are forebay's to write, and why.
struct Rule {
  std::string_view name;
  std::string_view why;
};

constexpr std::string_view kConnection = "it is about one connection, and ends with it";
constexpr std::string_view kFraming = "it says how the body is sent, which edits leave as it is";
constexpr std::string_view kOurs = "forebay writes it itself";
constexpr std::string_view kClient = "forebay tells the upstream with it who the client is";
constexpr std::string_view kConditions = "forebay puts conditions of its own";
constexpr std::string_view kValidators = "forebay asks the upstream by it whether what is stored still holds";

/// RFC 9110 §7.6.1, and what only the next hop may answer (§11.7).
constexpr Rule kHopByHop[] = {
    {"Connection", kConnection},
    {"Keep-Alive", kConnection},
    {"Proxy-Connection", kConnection},
    {"TE", kConnection},
    {"Trailer", kConnection},
    {"Upgrade", kConnection},
    {"Proxy-Authenticate", kConnection},
    {"Proxy-Authentication-Info", kConnection},
    {"Proxy-Authorization", kConnection},
    {"Transfer-Encoding", kFraming},
    {"Content-Length", kFraming},
    {"Content-Encoding", kFraming},
    {"Content-Range", kFraming},
    {"Via", kOurs},
};

constexpr Rule kOfRequests[] = {
    {"Host", "the upstream gets the host that the client asked for"},
    {"Expect", kOurs},
    {"Max-Forwards", kOurs},
    {"Forwarded", kClient},
    {"X-Forwarded-For", kClient},
    {"X-Forwarded-Host", kClient},
    {"X-Forwarded-Proto", kClient},
    {"If-Match", kConditions},
    {"If-None-Match", kConditions},
    {"If-Modified-Since", kConditions},
    {"If-Unmodified-Since", kConditions},
    {"If-Range", kConditions},
    {"Range", kConditions},
};

constexpr Rule kOfResponses[] = {
    {"Age", kOurs},          {"Cache-Status", kOurs}, {"Date", kOurs},
    {"Proxy-Status", kOurs}, {"ETag", kValidators},   {"Last-Modified", kValidators},
};

std::string fault_in(std::string_view name, std::span<const Rule> rules) {
  if (std::string fault = fault_in_token_name(name); !fault.empty()) return fault;
  for (const auto some : {std::span<const Rule>(kHopByHop), rules}) {
    const auto rule =
        std::find_if(some.begin(), some.end(), [&](const Rule& each) { return iequals(each.name, name); });
    if (rule != some.end()) return in_ticks(name) + " cannot be edited: " + std::string(rule->why);
  }
  return {};
}

}  // namespace

std::string fault_in_request_edit(std::string_view name) { return fault_in(name, kOfRequests); }

std::string fault_in_response_edit(std::string_view name) { return fault_in(name, kOfResponses); }

}  // namespace forebay::config
