#include "purge.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <iostream>
#include <utility>

#include "admin_client.hpp"

namespace forebay::app {
namespace {

namespace json = boost::json;

/// Longer than what forebay gives a walk by default.
constexpr std::chrono::seconds kLimit{30};

int complain(const std::string& what, int status) {
  std::cerr << "forebay purge: " << what << (what.ends_with('\n') ? "" : "\n");
  return status;
}

/// What forebay said is wrong.
std::string refusal(const AdminReply& reply) {
  json::error_code ec;
  const auto body = json::parse(reply.body, ec);
  const auto* const what = !ec && body.is_object() ? body.as_object().if_contains("what") : nullptr;
  if (what && what->is_string()) return std::string(what->as_string());
  return "it answered " + std::to_string(reply.status) + ": " + reply.body;
}

}  // namespace

std::string purge_body(const PurgeOptions& options) {
  json::object body;
  const std::pair<const char*, const std::vector<std::string>&> lists[] = {
      {"urls", options.urls},         {"tags", options.tags},   {"prefixes", options.prefixes},
      {"patterns", options.patterns}, {"hosts", options.hosts},
  };
  for (const auto& [name, texts] : lists)
    if (!texts.empty()) body[name] = json::array(texts.begin(), texts.end());
  if (options.all) body["all"] = true;
  if (options.soft) body["mode"] = "soft";
  if (options.refresh) body["mode"] = "refresh";
  if (options.dry_run) body["dry_run"] = true;
  if (options.everywhere) body["wait"] = "all";
  return json::serialize(body);
}

std::string purge_summary(const std::string& reply_body) {
  json::error_code ec;
  const auto parsed = json::parse(reply_body, ec);
  if (ec || !parsed.is_object()) return reply_body;
  const auto& reply = parsed.as_object();
  const auto text = [&](const char* member) {
    const auto* const value = reply.if_contains(member);
    if (!value) return std::string("?");
    return value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
  };
  const auto matched = text("matched");
  const bool one = matched == "1";
  auto line = (text("dry_run") == "true" ? "would purge " : "purged ") + matched + " stored response" +
              (one ? "" : "s") + " (" + text("mode") + ", log position " + text("position") + ")";
  if (text("complete") != "true") line += ", not all of them counted";
  if (text("local_only") == "true")
    line += ", on this node; Redis is away, the others follow when it is back";
  if (text("everywhere") == "true") line += ", on all nodes";
  if (text("everywhere") == "false") line += ", not on all nodes yet; missing: " + text("missing");
  return line + "\n";
}

int purge(const PurgeOptions& options) {
  if (options.urls.empty() && options.tags.empty() && options.prefixes.empty() && options.patterns.empty() &&
      options.hosts.empty() && !options.all)
    return complain("say what to purge: URLs, --tag, --prefix, --pattern, --host or --all", 2);
  const auto reply = ask_admin(options.admin, {"POST", "/purge", purge_body(options), options.token}, kLimit);
  if (!reply)
    return complain("forebay's admin listener at " + options.admin + " cannot be reached: " +
                        reply.error().detail + "\nIs it running? -c FILE or --admin ADDR says where it is.",
                    1);
  if (reply->status != 200 && reply->status != 202) return complain(refusal(*reply), 1);
  std::cout << (options.json ? reply->body : purge_summary(reply->body));
  // Every node will carry it out, but has not done so in time.
  return reply->status == 200 ? 0 : 3;
}

}  // namespace forebay::app
