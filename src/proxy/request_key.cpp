#include "request_key.hpp"

#include <algorithm>

#include "forebay/cache/search_rule.hpp"

namespace forebay::proxy {
namespace {

/// A QUERY's content counts as a whole, so its URI's query does, too.
bool may_have_rule(const cache::KeyPolicy& policy, std::string_view own_key) noexcept {
  return policy.query.no_vary_search && cache::key_without_content(own_key).empty();
}

void use_own_key(Exchange& x) { x.key = cache::primary_key(x.scratch.key); }

void use_rule(Exchange& x, const cache::SearchRule& rule) {
  cache::write_key_under(x.scratch.ruled_key, x.scratch.key, rule, x.scratch.search);
  x.key = cache::primary_key(x.scratch.ruled_key);
}

/// Returns the rule that the key was made by, if any.
flight::SearchRuleMemo::Rule choose_key(Worker& worker, Exchange& x) {
  use_own_key(x);
  if (!may_have_rule(x.route->policy.key, x.scratch.key)) return nullptr;
  auto& rules = worker.shared.search_rules;
  rules.say_used();
  auto rule = x.by_own_query ? nullptr : rules.find(digest(cache::path_in(x.scratch.key)));
  if (rule) use_rule(x, *rule);
  return rule;
}

}  // namespace

cache::Found look_up(Worker& worker, Exchange& x) {
  auto& memory = worker.shared.memory;
  const auto rule = choose_key(worker, x);
  auto found = memory.find(x.key, x.request.fields, x.scratch.variant);
  if (!rule || found.key_known) return found;
  // Not every answer for a path need have its rule: errors often have none.
  use_own_key(x);
  auto other = memory.find(x.key, x.request.fields, x.scratch.variant);
  if (other.key_known) return other;
  use_rule(x, *rule);
  return found;
}

bool is_for_query_of(Worker& worker, Exchange& x, const cache::StoredResponse& response) {
  // Who waited by its own query has waited for nothing else.
  if (!cache::is_under_rule(x.key.text) || x.key.text == response.key()) return true;
  x.by_own_query = !cache::is_under_rule(response.key());
  choose_key(worker, x);  // by what is known now
  return x.key.text == response.key();
}

std::string key_to_store(Worker& worker, const cache::KeyPolicy& policy, std::string_view own_key,
                         const http::Fields& response) {
  std::string key(own_key);
  if (!may_have_rule(policy, own_key)) return key;
  const auto rule = cache::SearchRule::of(response);
  if (!rule) return key;
  worker.shared.search_rules.remember(digest(cache::path_in(own_key)), *rule);
  cache::SearchScratch scratch;
  cache::write_key_under(key, own_key, *rule, scratch);
  return key;
}

tier::InvalidationLog::Appended invalidate(Worker& worker, std::string_view own_key) {
  auto& memory = worker.shared.memory;
  cache::Position previous = 0;
  // Another node may know rules that this one has never seen.
  if (worker.shared.search_rules.is_used() || worker.shared.cluster)
    previous = memory.log().append_tag(cache::search_tag(own_key)).previous;
  auto appended = memory.invalidate(cache::primary_key(own_key));
  appended.previous = std::max(appended.previous, previous);
  return appended;
}

}  // namespace forebay::proxy
