#include "forebay/proxy/explain.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "forebay/base/strings.hpp"
#include "forebay/cache/classify.hpp"
#include "forebay/cache/effective_control.hpp"
#include "forebay/cache/freshness.hpp"
#include "forebay/cache/keep.hpp"
#include "forebay/cache/key.hpp"
#include "forebay/cache/normalise.hpp"
#include "forebay/cache/recoded.hpp"
#include "forebay/cache/reuse.hpp"
#include "forebay/cache/search_rule.hpp"
#include "forebay/cache/storability.hpp"
#include "forebay/cache/vary.hpp"
#include "forward_head.hpp"

namespace forebay::proxy {
namespace {

namespace json = boost::json;

std::string_view name(cache::Reuse::Action action) noexcept {
  switch (action) {
    case cache::Reuse::serve: return "serve";
    case cache::Reuse::refresh: return "serve_and_refresh";
    case cache::Reuse::validate: return "validate";
    case cache::Reuse::fetch: return "fetch";
    case cache::Reuse::refuse: return "refuse";
  }
  return "";
}

/// Gathers the facts of one case; each step tells whether there is a next one.
class Explanation {
 public:
  Explanation(const Snapshot& snapshot, Case asked) : snapshot_(snapshot), case_(std::move(asked)) {}

  std::vector<Fact> take() {
    if (explain_route() && explain_request() && case_.response) {
      explain_storing();
      explain_reuse();
    }
    return std::move(facts_);
  }

 private:
  void add(std::string name, std::string_view value, std::string note = {}) {
    facts_.push_back({std::move(name), std::string(value), std::move(note)});
  }
  void add(std::string name, std::int64_t value, std::string note = {}) {
    facts_.push_back({std::move(name), value, std::move(note)});
  }

  bool explain_route();
  bool explain_request();
  void add_bypass();
  cache::CodingPlan explain_coding(const http::Fields& request);
  bool explain_partition();
  void explain_storing();
  void explain_search(const http::Fields& response);
  void explain_reuse();

  const Snapshot& snapshot_;
  Case case_;
  std::vector<Fact> facts_;
  cache::EffectiveUri uri_;
  const Route* route_ = nullptr;
  cache::QueryScratch scratch_;
  cache::Partition partition_;
  std::string key_;
  cache::StoredResponsePtr stored_;
};

bool Explanation::explain_route() {
  const auto uri = cache::effective_uri(case_.request, case_.scheme);
  if (!uri) {
    add("refused", std::int64_t{400}, uri.error().detail);
    return false;
  }
  uri_ = *uri;
  route_ = snapshot_.routes.match(case_.request, uri_.host, uri_.path);
  if (!route_) {
    add("refused", std::int64_t{404}, "no route matches this host, path, method and fields");
    return false;
  }
  add("route.index", static_cast<std::int64_t>(snapshot_.routes.index_of(*route_)), "the first is 0");
  add("route.upstream", route_->upstream->name());
  return true;
}

bool Explanation::explain_request() {
  const auto classified =
      cache::classify(case_.request, uri_.path, uri_.query, case_.has_body, route_->policy);
  if (classified.kind == cache::Classified::refuse) {
    add("refused", std::int64_t{classified.refuse_status}, "the method is not allowed");
    return false;
  }
  if (classified.kind == cache::Classified::pass) {
    add("request.action", "pass", "forwarded without a look into the store");
    add("request.reason", cache::name(classified.reason));
    if (classified.reason == cache::PassReason::bypass_rule) add_bypass();
    return false;
  }
  if (route_->partition.is_set() && !explain_partition()) return false;
  cache::normalise(case_.request, uri_, route_->policy, scratch_);
  cache::write_primary_key(key_, uri_);
  if (partition_.is_apart()) cache::append_partition(key_, partition_.digest);
  const bool is_query = case_.request.method == http::Method::query;
  add("request.action", "lookup");
  add("request.key", key_, is_query ? "followed by a digest of the content" : "");
  return true;
}

void Explanation::add_bypass() {
  const auto found = cache::find_bypass(case_.request, uri_.query, route_->policy.bypass);
  if (!found) return;
  add("request.bypass", found->pattern, "the pattern in bypass." + std::string(found->list) + " that fits");
}

bool Explanation::explain_partition() {
  const auto key = snapshot_.partition_key.value_or(HashKey::random());
  const auto found = Partitions().find(case_.request.fields, route_->partition, key, case_.now);
  if (found.pass != cache::PassReason::none) {
    add("request.action", "pass", "forwarded without a look into the store");
    add("request.reason", cache::name(found.pass));
    return false;
  }
  partition_ = found.partition;
  if (!partition_.is_apart())
    add("request.partition", "shared", "by all requests without what names the partition");
  else
    add("request.partition", to_hex(partition_.digest),
        snapshot_.partition_key ? "" : "another one each time, for there is no partition_key");
  return true;
}

cache::CodingPlan Explanation::explain_coding(const http::Fields& request) {
  const auto& response = *case_.response;
  std::optional<std::uint64_t> length;
  if (const auto text = response.fields.find(http::FieldId::content_length)) length = parse_decimal(*text);
  const auto plan = cache::plan_coding(request, response, length, route_->policy);
  if (route_->policy.encodings.empty()) return plan;
  add("coding.asked", http::token(cache::wanted_coding(request)), "what the upstream is asked for");
  add("coding.from", http::token(plan.from), plan.varies ? "" : "it is left as it comes");
  add("coding.to", http::token(plan.to));
  return plan;
}

void Explanation::explain_storing() {
  const auto& policy = route_->policy;
  const auto fields = forwarded_fields(case_.request.fields, ForwardAs::shared_fetch, policy.key);
  std::string tag;
  const auto response = cache::recoded_head(*case_.response, explain_coding(fields), tag);
  const auto control = cache::effective_control(response.fields, policy, case_.now);
  const auto names = cache::selecting_names(response.fields, policy.key);
  if (names && !names->empty()) {
    std::string variant;
    cache::append_variant_key(variant, *names, fields);
    add("variant.names", *names, "what the response varies on, by itself and by the route's key");
    add("variant.key", variant);
  }
  explain_search(response.fields);
  add("storing.control", cache::name(control.source), "who says how the response may be used");
  auto as_sent = case_.request;
  as_sent.method = fetching_method(case_.request.method);
  auto verdict =
      cache::storability(as_sent, response, control, policy, case_.now, case_.now, partition_.sharing);
  const auto* media = route_->media_for(uri_.path);
  if (verdict == cache::StoreVerdict::stored && media && !cache::agrees(*media, response))
    verdict = cache::StoreVerdict::content_type;
  const auto length = response.fields.find(http::FieldId::content_length);
  if (verdict == cache::StoreVerdict::stored && length && parse_decimal(*length).value_or(0) > case_.max_body)
    verdict = cache::StoreVerdict::too_large;
  add("storing.verdict", cache::name(verdict),
      verdict == cache::StoreVerdict::stored ? "" : "why it is not stored");

  const auto lifetime = cache::freshness_lifetime(response, control, policy, case_.now);
  const auto bounded = cache::bounded_lifetime(lifetime, control, policy);
  add("freshness.source", cache::name(lifetime.source), "where the lifetime comes from");
  if (lifetime.source == cache::LifetimeSource::status_ttl)
    add("freshness.status", policy.find_status(response.status)->status, "the row of status_ttl that fits");
  add("freshness.lifetime", std::int64_t{bounded.count()},
      bounded == lifetime.value ? "" : "within the route's bounds");
  const auto freshness = cache::assess(response, control, policy, case_.now, case_.now);
  add("freshness.initial_age", std::int64_t{freshness.initial_age.count()},
      "when it arrives, from Age and Date");
  add("freshness.stale_while_revalidate", std::int64_t{freshness.stale_while_revalidate.count()});
  add("freshness.stale_if_error", std::int64_t{freshness.stale_if_error.count()});
  if (verdict == cache::StoreVerdict::stored)
    stored_ = cache::keep_head(key_, {fields, response, control, policy, case_.now, case_.now}, true, 0);
}

void Explanation::explain_search(const http::Fields& response) {
  const bool is_query = case_.request.method == http::Method::query;
  if (!route_->policy.key.query.no_vary_search || is_query) return;
  const auto rule = cache::SearchRule::of(response);
  add("search.rule", rule ? rule->text() : "none", "by No-Vary-Search; with none the whole query counts");
  if (!rule) return;
  const auto own_key = std::exchange(key_, {});
  cache::SearchScratch scratch;
  cache::write_key_under(key_, own_key, *rule, scratch);
  add("search.key", key_, "what it is stored by, and looked up by once the rule is known");
}

void Explanation::explain_reuse() {
  const auto later = case_.now + case_.after;
  const auto control = cache::parse_request_cache_control(case_.request.fields);
  const auto reuse = cache::decide(control, {stored_, stored_ != nullptr, nullptr}, route_->policy, later, 1);
  add("later.after", std::int64_t{case_.after.count()}, "seconds later the same request comes again");
  if (stored_) {
    add("later.age", std::int64_t{reuse.age.count()});
    add("later.ttl", std::int64_t{reuse.ttl.count()}, reuse.ttl.count() > 0 ? "" : "it is stale");
  }
  add("later.action", name(reuse.action));
  if (!reuse.serves()) add("later.forward", http::token(reuse.forward), "why it goes upstream");
}

json::value value_of(const Fact& fact) {
  return std::visit([](const auto& value) { return json::value(value); }, fact.value);
}

std::string text_of(const Fact& fact) {
  if (const auto* text = std::get_if<std::string>(&fact.value)) return *text;
  return json::serialize(value_of(fact));
}

}  // namespace

std::vector<Fact> explain(const Snapshot& snapshot, Case asked) {
  return Explanation(snapshot, std::move(asked)).take();
}

std::string to_text(const std::vector<Fact>& facts) {
  std::size_t width = 0;
  for (const auto& fact : facts) width = std::max(width, fact.name.size());
  std::string out;
  for (const auto& fact : facts) {
    out.append(fact.name).append(width + 2 - fact.name.size(), ' ').append(text_of(fact));
    if (!fact.note.empty()) out.append("  (").append(fact.note).append(")");
    out += '\n';
  }
  return out;
}

std::string to_json(const std::vector<Fact>& facts) {
  json::object root;
  for (const auto& fact : facts) {
    const auto dot = fact.name.find('.');
    if (dot == std::string::npos) {
      root[fact.name] = value_of(fact);
      continue;
    }
    auto& inner = root[fact.name.substr(0, dot)];
    if (!inner.is_object()) inner.emplace_object();
    inner.get_object()[fact.name.substr(dot + 1)] = value_of(fact);
  }
  return json::serialize(root) + "\n";
}

}  // namespace forebay::proxy
