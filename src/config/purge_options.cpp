#include "config/purge_options.hpp"

#include <utility>

#include "config/option_fields.hpp"

namespace forebay::config {
namespace {

using Table = std::vector<Option>;
using cache::PurgeMode;

auto in_purge(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config.proxy.purge; });
}
auto in_redis_events(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.config.redis_events; });
}
/// The last type that was named; for the default there is none yet.
auto in_event(auto member) {
  return field(
      member, [](Draft & d) -> auto& {
        auto& events = d.config.proxy.events;
        return events.empty() ? events.emplace_back() : events.back();
      });
}

void add_requests(Table& t) {
  using P = proxy::PurgeSettings;
  t.push_back(
      section(Kind::map, "purge",
              {.help = "PURGE requests from clients; left out: they are refused. With both an address "
                       "list and a token a client needs both."}));
  t.push_back(leaf(
      Kind::texts, "purge.allow", in_purge(&P::allow),
      {.help = "Clients that may send them.", .noun = "addresses and networks", .example = "10.0.0.0/8"}));
  t.push_back(leaf(Kind::text, "purge.token", in_purge(&P::token),
                   {.help = "Bearer token that they bring.",
                    .example = "${FOREBAY_PURGE_TOKEN:-}",
                    .excludes = "purge.token_file"}));
  t.push_back(leaf(Kind::secret, "purge.token_file", in_purge(&P::token),
                   {.help = "A file that holds the token, instead of `token`; a trailing newline is dropped.",
                    .example = "/run/secrets/forebay_purge_token",
                    .excludes = "purge.token"}));
}

Option event_mode() {
  auto option = leaf(Kind::choice, "events.types.*.mode", in_event(&proxy::EventSettings::mode),
                     {.help = "What becomes of it: it is served once more and refreshed behind the client's "
                              "back, it is stale from now on, or it is gone.",
                      .choices = {"refresh", "soft", "hard"}});
  // There is no choosing `none`, which comes first.
  option.set = [](Draft& draft, const Value& value) {
    draft.config.proxy.events.back().mode = static_cast<PurgeMode>(value.number + 1);
  };
  option.initial = Value{.number = static_cast<std::uint64_t>(PurgeMode::hard) - 1};
  return option;
}

/// The ways besides POST /events.
void add_event_sources(Table& t) {
  using R = tier::RedisEventSettings;
  t.push_back(section(Kind::map, "events.redis",
                      {.help = "Events that arrive by the Redis of `cache.redis`: the same JSON as `POST "
                               "/events` takes."}));
  t.push_back(
      leaf(Kind::text, "events.redis.stream", in_redis_events(&R::stream),
           {.help = "The name of a Redis Stream, whose entries have an event, or a list of them, in the "
                    "field `event`. Each is handled by one node, at least once.",
            .noun = "a name",
            .example = "events"}));
  t.push_back(
      leaf(Kind::text, "events.redis.group", in_redis_events(&R::group),
           {.help = "The consumer group that reads the stream, which is made where it is missing; left "
                    "out: `cache.redis.namespace`.",
            .noun = "a name",
            .example = "forebay"}));
  t.push_back(
      leaf(Kind::text, "events.redis.channel", in_redis_events(&R::channel),
           {.help = "A channel on which events are published. Every node hears each; what is published "
                    "while nobody listens is lost.",
            .noun = "a name",
            .example = "events"}));
}

void add_events(Table& t) {
  using E = proxy::EventSettings;
  t.push_back(
      section(Kind::map, "events",
              {.help = "What has to go when somebody tells that something has changed: by `POST /events` "
                       "on the admin listener, or by Redis."}));
  add_event_sources(t);
  t.push_back(section(
      Kind::named, "events.types",
      {.help =
           "By an event's `type`: what it purges. `{id}` and `{user.id}` stand for the event's values, which "
           "are percent-encoded in paths.",
       .example = "user.updated"},
      [](Draft& d, Value type) { d.config.proxy.events.emplace_back().type = std::move(type.text); }));
  t.push_back(
      leaf(Kind::texts, "events.types.*.urls", in_event(&E::urls),
           {.help = "Absolute URLs.", .noun = "templates", .example = "https://example.org/users/{id}"}));
  t.push_back(leaf(Kind::texts, "events.types.*.tags", in_event(&E::tags),
                   {.help = "Tags.", .noun = "templates", .example = "user:{id}"}));
  t.push_back(leaf(Kind::texts, "events.types.*.prefixes", in_event(&E::prefixes),
                   {.help = "What paths begin with, of any host or, as `//example.org/path`, of one.",
                    .noun = "templates",
                    .example = "/users/{id}/"}));
  t.push_back(leaf(Kind::texts, "events.types.*.patterns", in_event(&E::patterns),
                   {.help = "Paths with `*` within a segment and `**` across segments, as prefixes.",
                    .noun = "templates",
                    .example = "/users/{id}/**"}));
  t.push_back(leaf(Kind::texts, "events.types.*.hosts", in_event(&E::hosts),
                   {.help = "Hosts.", .noun = "templates", .example = "{shop}.example.org"}));
  t.push_back(event_mode());
}

}  // namespace

void add_purge_options(std::vector<Option>& table) {
  add_requests(table);
  add_events(table);
}

}  // namespace forebay::config
