#include "routes.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <exception>

#include "forebay/base/strings.hpp"
#include "forebay/observe/escape.hpp"
#include "permission.hpp"
#include "purge_json.hpp"

namespace forebay::admin {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::size_t kMaxEvents = proxy::EventSink::kMaxEvents;
constexpr std::string_view kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

// ---- Reading the request --------------------------------------------------------------------------------

/// Takes what stands before `separator` off the front of `rest`.
std::string_view take(std::string_view& rest, char separator) noexcept {
  const auto end = std::min(rest.find(separator), rest.size());
  const auto first = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return first;
}

std::string_view path_of(std::string_view target) noexcept { return take(target, '?'); }

bool query_has(std::string_view target, std::string_view parameter) noexcept {
  take(target, '?');
  while (!target.empty()) {
    if (take(target, '&') == parameter) return true;
  }
  return false;
}

bool accepts_json(std::string_view accept) noexcept {
  while (!accept.empty()) {
    auto range = take(accept, ',');
    if (iequals(trim(take(range, ';')), kJson)) return true;
  }
  return false;
}

bool wants_json(const Request& request) noexcept {
  return query_has(request.target, "format=json") || accepts_json(request.accept);
}

// ---- Endpoints ------------------------------------------------------------------------------------------

Reply list_endpoints(const Request&, const AdminSources&) {
  Reply reply;
  for (const auto& route : routes()) {
    reply.body.append(route.method).append(" ").append(route.path);
    reply.body.append(": ").append(route.help).append("\n");
  }
  return reply;
}

Reply show_metrics(const Request&, const AdminSources& sources) {
  return {.content_type = kPrometheusText, .body = sources.metrics()};
}

Reply show_alive(const Request&, const AdminSources&) { return {.body = "ok\n"}; }

std::string readiness_text(const std::vector<Readiness>& checks) {
  if (checks.empty()) return "ready\n";
  std::string text;
  for (const auto& check : checks) {
    text += observe::one_line(check.name);
    text += check.ready ? ": ready" : ": not ready";
    if (!check.detail.empty()) text += ": " + observe::one_line(check.detail);
    text += '\n';
  }
  return text;
}

std::string readiness_json(const std::vector<Readiness>& checks, bool all_ready) {
  boost::json::array list;
  for (const auto& check : checks) {
    list.push_back(boost::json::object{{"name", observe::valid_utf8(check.name)},
                                       {"ready", check.ready},
                                       {"detail", observe::valid_utf8(check.detail)}});
  }
  return boost::json::serialize(boost::json::object{{"ready", all_ready}, {"checks", std::move(list)}}) +
         "\n";
}

Reply show_readiness(const Request& request, const AdminSources& sources) {
  const auto checks = sources.readiness();
  const bool all_ready =
      std::all_of(checks.begin(), checks.end(), [](const Readiness& check) { return check.ready; });
  Reply reply{.status = all_ready ? 200 : 503};
  if (wants_json(request)) {
    reply.content_type = kJson;
    reply.body = readiness_json(checks, all_ready);
  } else {
    reply.body = readiness_text(checks);
  }
  return reply;
}

/// A walk over what is stored, as far as it comes in time; then, if asked to, the wait for the other nodes.
class PurgeWork final : public Work {
 public:
  PurgeWork(std::unique_ptr<proxy::Purging> purging, PurgeRequest request, const AdminSources& sources)
      : purging_(std::move(purging)),
        request_(std::move(request)),
        end_(std::chrono::steady_clock::now() + request_.timeout),
        local_only_(!request_.dry_run && sources.is_out_of_touch && sources.is_out_of_touch()) {
    if (request_.wait_for_all && !request_.dry_run && sources.spread)
      spread_ = sources.spread(request_.timeout);
  }

  std::optional<Reply> advance() override {
    if (!walked_) walked_ = !purging_->advance() || std::chrono::steady_clock::now() >= end_;
    if (!walked_ || (spread_ && !spread_->known)) return std::nullopt;
    const bool is_done = !spread_ || spread_->everywhere;
    // RFC 9110 §15.3.3: it is accepted, and will be carried out.
    return Reply{
        .status = is_done ? 200 : 202,
        .content_type = kJson,
        .body = purge_result(*purging_, request_, spread_.get(), local_only_ && !(spread_ && is_done))};
  }
  std::chrono::milliseconds pause() const noexcept override {
    return std::chrono::milliseconds(walked_ ? 5 : 0);
  }

 private:
  const std::unique_ptr<proxy::Purging> purging_;
  const PurgeRequest request_;
  const std::chrono::steady_clock::time_point end_;
  const bool local_only_;
  std::shared_ptr<const Spread> spread_;  // nothing: nobody is waited for
  bool walked_ = false;
};

Reply start_purge(const Request& request, const AdminSources& sources) {
  auto wanted = parse_purge(request.body);
  if (!wanted) return error_reply(400, "invalid_purge", wanted.error().detail);
  const auto run = wanted->dry_run ? proxy::Purging::Run::dry : proxy::Purging::Run::real;
  auto purging = sources.purge(wanted->order, run);
  if (!purging) return error_reply(400, "invalid_purge", purging.error().detail);
  Reply reply;
  reply.work = std::make_shared<PurgeWork>(std::move(*purging), std::move(*wanted), sources);
  return reply;
}

Reply take_events(const Request& request, const AdminSources& sources) {
  const auto body = parse_body(request.body);
  if (!body) return error_reply(400, "invalid_event", body.error().detail);
  const auto* const list = body->if_array();
  if (list && list->size() > kMaxEvents)
    return error_reply(400, "invalid_event", "more than " + std::to_string(kMaxEvents) + " events at once");
  if (!list) {
    const auto result = sources.event(*body);
    if (!result) return error_reply(400, "invalid_event", result.error().detail);
    return {.content_type = kJson, .body = events_result({&result, 1})};
  }
  std::vector<proxy::EventResult> results;
  for (const auto& event : *list) results.push_back(sources.event(event));
  return {.content_type = kJson, .body = events_result(results)};
}

constexpr Route kRoutes[] = {
    {"GET", "/", false, "this list", list_endpoints},
    {"GET", "/metrics", false, "metrics in the Prometheus text format", show_metrics},
    {"GET", "/livez", false, "200 while the process answers", show_alive},
    {"GET", "/readyz", false, "200 when every part is ready, otherwise 503; ?format=json", show_readiness},
    {"POST", "/purge", true,
     "purges; JSON: urls, tags, prefixes, patterns, hosts, all; mode, wait, dry_run, timeout", start_purge},
    {"POST", "/events", true, "purges what an event, or each of a list of events, says has changed",
     take_events},
};

// ---- Dispatch -------------------------------------------------------------------------------------------

bool takes(const Route& route, std::string_view method) noexcept {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

Reply method_not_allowed(std::string_view method, std::string_view path, std::span<const Route> table) {
  std::string allow;
  for (const auto& route : table) {
    if (route.path != path) continue;
    allow.append(allow.empty() ? "" : ", ").append(route.method);
    if (route.method == "GET") allow += ", HEAD";
  }
  auto reply = error_reply(405, "method_not_allowed",
                           std::string(path) + " does not take " + std::string(method) + ", but " + allow);
  reply.allow = std::move(allow);
  return reply;
}

Reply run(const Route& route, const Request& request, const AdminSources& sources, std::string_view token) {
  // A page in somebody's browser reaches this machine's loopback, too.
  if (route.changes_state && token.empty() && !request.origin.empty())
    return error_reply(403, "forbidden", "no admin token is configured, so no web page may change state");
  if (route.changes_state) {
    switch (permission(request.authorization, token, request.peer_is_local)) {
      case Permission::granted: break;
      case Permission::local_only:
        return error_reply(403, "forbidden",
                           "no admin token is configured, so only this machine may change state");
      case Permission::needs_token: {
        auto reply =
            error_reply(401, "unauthorized", "the admin token is missing or wrong: Authorization: Bearer");
        reply.challenge = "Bearer realm=\"forebay\"";
        return reply;
      }
    }
  }
  try {
    return route.run(request, sources);
  } catch (const std::exception& error) {
    return error_reply(500, "internal_error", error.what());
  }
}

}  // namespace

std::span<const Route> routes() noexcept { return kRoutes; }

Reply answer(const Request& request, const AdminSources& sources, std::string_view token,
             std::span<const Route> table) {
  const auto path = path_of(request.target);
  bool known = false;
  for (const auto& route : table) {
    if (route.path != path) continue;
    if (takes(route, request.method)) return run(route, request, sources, token);
    known = true;
  }
  if (known) return method_not_allowed(request.method, path, table);
  return error_reply(404, "not_found", "no endpoint " + std::string(path) + "; GET / lists them");
}

Reply error_reply(int status, std::string_view error, std::string_view what) {
  const boost::json::object body{{"error", error}, {"what", observe::valid_utf8(what)}};
  return {.status = status, .content_type = kJson, .body = boost::json::serialize(body) + "\n"};
}

}  // namespace forebay::admin
