#include "purge_json.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <iterator>
#include <optional>

#include "forebay/base/quantity.hpp"
#include "forebay/http/json_text.hpp"
#include "forebay/observe/escape.hpp"

namespace forebay::admin {
namespace {

using std::string_view;
namespace json = boost::json;

constexpr std::chrono::milliseconds kMaxTimeout{60'000};

Error refuse(string_view member, string_view why) {
  return fail(ErrorKind::invalid_value, std::string(member) + ": " + std::string(why));
}

string_view view(const json::string& text) noexcept { return {text.data(), text.size()}; }

Result<void> read_texts(std::vector<std::string>& to, string_view member, const json::value& value) {
  const auto* const list = value.if_array();
  if (!list) return refuse(member, "expected a list of texts");
  if (list->size() > proxy::PurgeOrder::kMaxTexts)
    return refuse(member, "more than " + std::to_string(proxy::PurgeOrder::kMaxTexts) + " texts");
  for (const auto& element : *list) {
    const auto* const text = element.if_string();
    if (!text) return refuse(std::string(member) + "[" + std::to_string(to.size()) + "]", "expected a text");
    to.emplace_back(view(*text));
  }
  return {};
}

Result<void> read_flag(bool& to, string_view member, const json::value& value) {
  const auto* const flag = value.if_bool();
  if (!flag) return refuse(member, "expected true or false");
  to = *flag;
  return {};
}

Result<void> read_mode(cache::PurgeMode& to, string_view member, const json::value& value) {
  const auto* const text = value.if_string();
  for (const auto mode : {cache::PurgeMode::hard, cache::PurgeMode::soft, cache::PurgeMode::refresh}) {
    if (!text || view(*text) != name(mode)) continue;
    to = mode;
    return {};
  }
  return refuse(member, "expected \"hard\", \"soft\" or \"refresh\"");
}

Result<void> read_wait(bool& for_all, string_view member, const json::value& value) {
  const auto* const text = value.if_string();
  for_all = text && *text == "all";
  if (text && (for_all || *text == "local")) return {};
  return refuse(member, "expected \"local\" or \"all\"");
}

Result<void> read_timeout(std::chrono::milliseconds& to, string_view member, const json::value& value) {
  const auto* const text = value.if_string();
  const auto duration = parse_duration(text ? view(*text) : string_view());
  if (!duration || *duration > kMaxTimeout)
    return refuse(member, "expected a duration up to 60s such as \"5s\"");
  to = *duration;
  return {};
}

Result<void> read_member(PurgeRequest& to, string_view member, const json::value& value) {
  if (member == "urls") return read_texts(to.order.urls, member, value);
  if (member == "tags") return read_texts(to.order.tags, member, value);
  if (member == "prefixes") return read_texts(to.order.prefixes, member, value);
  if (member == "patterns") return read_texts(to.order.patterns, member, value);
  if (member == "hosts") return read_texts(to.order.hosts, member, value);
  if (member == "all") return read_flag(to.order.everything, member, value);
  if (member == "mode") return read_mode(to.order.mode, member, value);
  if (member == "wait") return read_wait(to.wait_for_all, member, value);
  if (member == "timeout") return read_timeout(to.timeout, member, value);
  if (member == "dry_run") return read_flag(to.dry_run, member, value);
  return refuse(
      "\"" + std::string(member.substr(0, 64)) + "\"",
      "unknown; there are urls, tags, prefixes, patterns, hosts, all, mode, wait, timeout and dry_run");
}

}  // namespace

Result<json::value> parse_body(string_view body) {
  auto document = http::parse_json(body);
  if (!document) return fail(document.error().kind, "the body " + document.error().detail);
  return document;
}

Result<PurgeRequest> parse_purge(string_view body) {
  const auto document = parse_body(body);
  if (!document) return document.error();
  const auto* const members = document->if_object();
  if (!members) return fail(ErrorKind::invalid_value, "the body is no JSON object");
  PurgeRequest request;
  for (const auto& member : *members) {
    const string_view name(member.key().data(), member.key().size());
    if (const auto read = read_member(request, name, member.value()); !read) return read.error();
  }
  return request;
}

std::string purge_result(const proxy::Purging& purging, const PurgeRequest& request, const Spread* spread,
                         bool local_only) {
  json::object result{{"position", purging.position()},
                      {"matched", purging.matched()},
                      {"mode", name(request.order.mode)},
                      {"dry_run", request.dry_run},
                      {"complete", purging.is_complete()}};
  if (local_only) result["local_only"] = true;
  if (spread) {
    result["everywhere"] = spread->everywhere;
    result["missing"] = json::array(spread->missing.begin(), spread->missing.end());
  }
  return json::serialize(result) + "\n";
}

std::string events_result(std::span<const proxy::EventResult> results) {
  json::array events;
  for (const auto& result : results) {
    if (!result)
      events.push_back(json::object{{"error", observe::valid_utf8(result.error().detail)}});
    else if (!result->has_rule)
      events.push_back(json::object{{"type", observe::valid_utf8(result->type)}, {"ignored", true}});
    else
      events.push_back(json::object{{"type", observe::valid_utf8(result->type)},
                                    {"purged", result->purges},
                                    {"position", result->position}});
  }
  return json::serialize(json::object{{"events", std::move(events)}}) + "\n";
}

}  // namespace forebay::admin
