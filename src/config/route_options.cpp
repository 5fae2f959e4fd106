#include "config/route_options.hpp"

#include <chrono>
#include <utility>

#include "config/option_fields.hpp"
#include "forebay/base/strings.hpp"

namespace forebay::config {
namespace {

constexpr std::uint64_t kYear = 365ULL * 24 * 60 * 60 * 1000;  // in ms, as durations are read

using Table = std::vector<Option>;

auto in_route(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return *d.route; });
}
auto in_query(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.route->cache.key.query; });
}
auto in_key(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.route->cache.key; });
}
auto in_query_method(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.route->cache.query_method; });
}
auto in_partition(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.route->cache.key.partition; });
}
auto in_token(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.route->cache.key.partition.token; });
}
auto in_bypass(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.route->cache.bypass; });
}
/// The last status that was named; for the default there is none yet.
auto in_status(auto member) {
  return field(
      member, [](Draft & d) -> auto& {
        auto& rows = d.route->cache.status_ttl;
        return rows.empty() ? rows.emplace_back() : rows.back();
      });
}
auto in_policy(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.route->cache; });
}

/// A list of the edits that requests or responses get.
auto in_edits(auto to_edits, auto member) {
  return field(
      member, [=](Draft & d) -> auto& { return to_edits(d); });
}
/// The last line that was named; for the default there is none yet.
auto in_line(auto to_edits, auto list, auto member) {
  return field(
      member, [=](Draft & d) -> auto& {
        auto& lines = to_edits(d).*list;
        return lines.empty() ? lines.emplace_back() : lines.back();
      });
}

auto in_compress(auto member) {
  return field(
      member, [](Draft & d) -> auto& { return d.route->cache.compress; });
}

/// Hosts are matched without regard to case: kept in lower case.
void store_lowered(Draft& draft, Value value) {
  draft.route->hosts.clear();
  for (const std::string& host : value.texts) draft.route->hosts.push_back(lower(host));
}

void add_routes(Table& t) {
  using R = proxy::RouteSettings;
  t.push_back(section(
      Kind::items, "routes",
      {.help = "What happens to a request: the first route that matches decides. Left out: everything "
               "goes to the only upstream."},
      [](Draft& d, const Value&) { d.route = &d.config.proxy.routes.emplace_back(); }));
  t.push_back(
      section(Kind::map, "routes[].match", {.help = "Which requests the route is for; all parts must fit."}));
  t.push_back(leaf(
      Kind::texts, "routes[].match.hosts", in_route(&R::hosts),
      {.help = "Host names, `*.example.com` for every name below it, `*` for all.", .noun = "host names"}));
  t.back().set = store_lowered;
  t.push_back(leaf(Kind::texts, "routes[].match.paths", in_route(&R::paths),
                   {.help = "Paths, where `*` is any text within a segment and `**` any number of segments.",
                    .noun = "path patterns"}));
  t.push_back(
      leaf(Kind::texts, "routes[].match.methods", in_route(&R::methods),
           {.help = "Methods, as they are written in requests; GET does not stand for HEAD. Left out: all.",
            .noun = "methods",
            .example = "GET"}));
  t.push_back(leaf(Kind::texts, "routes[].match.headers", in_route(&R::headers),
                   {.help = "Request fields that all have to be there: a name, or `Name: value`.",
                    .noun = "request fields",
                    .example = "X-Api-Version: 2"}));
  t.push_back(leaf(Kind::text, "routes[].upstream", in_route(&R::upstream),
                   {.help = "The upstream that requests are forwarded to.",
                    .noun = "the name of an upstream",
                    .example = "app",
                    .required = true}));
}

void add_policy(Table& t) {
  using P = cache::Policy;
  t.push_back(section(Kind::map, "routes[].cache", {.help = "How responses on this route are cached."}));
  t.push_back(leaf(Kind::flag, "routes[].cache.enabled", in_policy(&P::enabled),
                   {.help = "`false`: nothing is looked up or stored, every request is forwarded."}));
  t.push_back(
      leaf(Kind::duration, "routes[].cache.default_ttl", in_policy(&P::default_ttl),
           {.help = "How long a response that says nothing about its own lifetime is fresh; left out: the "
                    "heuristic below.",
            .max = kYear,
            .example = "10m"}));
  t.push_back(
      leaf(Kind::count, "routes[].cache.heuristic_percent", in_policy(&P::heuristic_percent),
           {.help = "Without any lifetime a response is fresh for this part of its age at the origin, "
                    "judged by Last-Modified.",
            .max = 100}));
  t.push_back(leaf(Kind::duration, "routes[].cache.heuristic_max", in_policy(&P::heuristic_max),
                   {.help = "The most that the heuristic gives; 0 switches it off.", .max = kYear}));
  t.push_back(
      leaf(Kind::text, "routes[].cache.client_cache_control", in_policy(&P::client_cache_control),
           {.help = "The Cache-Control that clients are told; the cache keeps to the origin's. Left out: the "
                    "origin's is passed on.",
            .example = "public, max-age=31536000"}));
}

void add_lifetimes(Table& t) {
  using P = cache::Policy;
  t.push_back(leaf(Kind::flag, "routes[].cache.ignore_cache_control", in_policy(&P::ignore_cache_control),
                   {.help = "Whether what responses say about caching does not count, only this policy. Then "
                            "`private` and `no-store` responses are stored and shared."}));
  t.push_back(
      leaf(Kind::duration, "routes[].cache.min_ttl", in_policy(&P::min_ttl),
           {.help = "The least a lifetime is, whatever the response says; `no-cache` and `no-store` hold.",
            .max = kYear,
            .example = "5s"}));
  t.push_back(
      leaf(Kind::duration, "routes[].cache.max_ttl", in_policy(&P::max_ttl),
           {.help = "The most a lifetime is, whatever the response says.", .max = kYear, .example = "1d"}));
  t.push_back(leaf(
      Kind::count, "routes[].cache.ttl_jitter", in_policy(&P::ttl_jitter),
      {.help = "Each lifetime is shortened by a random part, at most so many percent of it.", .max = 100}));
  t.push_back(
      leaf(Kind::duration, "routes[].cache.stale_while_revalidate", in_policy(&P::stale_while_revalidate),
           {.help = "How long a stale response is served while it is validated in the background, when "
                    "the response does not say; `must-revalidate`, "
                    "`s-maxage` and the like hold.",
            .max = kYear,
            .example = "30s"}));
  t.push_back(
      leaf(Kind::duration, "routes[].cache.stale_if_error", in_policy(&P::stale_if_error),
           {.help = "How long a stale response is served when the upstream fails or answers 500, 502, "
                    "503 or 504, when the response does not say; `must-revalidate`, "
                    "`s-maxage` and the like hold.",
            .max = kYear,
            .example = "1h"}));
  t.push_back(
      leaf(Kind::duration, "routes[].cache.keep", in_policy(&P::keep),
           {.help = "How long after its lifetime and its stale windows a response is kept to ask the "
                    "upstream whether it still holds; then it counts as not stored. Left out: as long as "
                    "there is room.",
            .max = kYear,
            .example = "1h"}));
  t.push_back(leaf(
      Kind::count, "routes[].cache.min_uses", in_policy(&P::min_uses),
      {.help = "A response is stored at so many misses of its key: the first ones are only passed on, unless "
               "others wait for the same.",
       .min = 1,
       .max = 255}));
  t.push_back(
      leaf(Kind::count, "routes[].cache.early_refresh", in_policy(&P::early_refresh),
           {.help = "How eagerly a response in use is fetched again before it expires: the beta of the "
                    "XFetch rule in percent, 100 is usual; 0: not at all.",
            .max = 1000}));
}

void add_parts(Table& t) {
  t.push_back(leaf(
      Kind::size, "routes[].cache.slice", in_policy(&cache::Policy::slice),
      {.help = "Large responses are fetched and stored in slices of this size, each for itself, when the "
               "upstream answers ranges and names a strong entity tag: at least `64KiB`, at most "
               "`cache.memory.max_body`. Off: in one piece.",
       .max = 1ULL << 30,
       .word = "off"}));
}

void add_key(Table& t) {
  using K = cache::KeyPolicy;
  using Q = cache::QueryPolicy;
  t.push_back(section(Kind::map, "routes[].cache.key",
                      {.help = "What tells stored responses apart beside scheme, host, path and Vary."}));
  t.push_back(
      section(Kind::map, "routes[].cache.key.query",
              {.help = "What of the query counts. The upstream gets what counts, too: what it does not "
                       "see cannot change what others are served."}));
  t.push_back(leaf(Kind::flag, "routes[].cache.key.query.sort", in_query(&Q::sort),
                   {.help = "Whether parameters are sorted by name; those of one name keep their order."}));
  t.push_back(
      leaf(Kind::texts, "routes[].cache.key.query.allow", in_query(&Q::allow),
           {.help = "The parameters that count, others are dropped; `page_*` stands for all that begin "
                    "so, `[]` for none. Left out: all count. Names are compared as they are sent.",
            .noun = "parameter names",
            .example = "page"}));
  t.push_back(
      leaf(Kind::texts, "routes[].cache.key.query.deny", in_query(&Q::deny),
           {.help = "Parameters that are dropped.", .noun = "parameter names", .example = "session"}));
  t.push_back(
      leaf(Kind::flag, "routes[].cache.key.query.drop_tracking", in_query(&Q::drop_tracking),
           {.help = "Whether the parameters of advertising, analytics and mailing services are dropped: "
                    "`utm_*`, `gclid`, `fbclid`, `mc_eid` and the like."}));
  t.push_back(leaf(Kind::flag, "routes[].cache.key.query.no_vary_search", in_query(&Q::no_vary_search),
                   {.help = "Whether responses may say by No-Vary-Search which parameters, or that their "
                            "order, make no difference. The upstream gets the query as it came. Not "
                            "together with `slice`."}));
  t.push_back(leaf(Kind::texts, "routes[].cache.key.headers", in_key(&K::headers),
                   {.help = "Request fields that responses are kept apart by, as if Vary named them.",
                    .noun = "field names",
                    .example = "X-Country"}));
  t.push_back(leaf(Kind::texts, "routes[].cache.key.cookies", in_key(&K::cookies),
                   {.help = "Cookies of the request that responses are kept apart by.",
                    .noun = "cookie names",
                    .example = "theme"}));
}

void add_query_method(Table& t) {
  using Q = cache::QueryMethodPolicy;
  t.push_back(leaf(
      Kind::flag, "routes[].cache.query_method", in_query_method(&Q::enabled),
      {.help = "Whether answers to QUERY requests are stored, for QUERYs with the same content and the same "
               "fields about it (Content-Type, Content-Encoding …). `false`: they are forwarded."}));
  t.push_back(leaf(Kind::size, "routes[].cache.query_body_max", in_query_method(&Q::body_max),
                   {.help = "The largest content of a QUERY for which that is done: it is held in memory "
                            "until the answer is there. What is larger is forwarded.",
                    .min = 1,
                    .max = 16ULL << 20}));
}

/// An empty text asks for partitions, too: that a variable is missing must not make them one.
Option asking_for_partitions(Option option) {
  option.set = [set = std::move(option.set)](Draft& d, Value value) {
    d.route->cache.key.partition.is_asked_for = true;
    set(d, std::move(value));
  };
  return option;
}

void add_token(Table& t) {
  using T = cache::TokenPolicy;
  t.push_back(section(Kind::map, "routes[].cache.partition.jwt",
                      {.help = "A claim of a signed JSON Web Token. It is verified: requests with a token "
                               "that is not valid are forwarded without the store."}));
  t.push_back(asking_for_partitions(
      leaf(Kind::text, "routes[].cache.partition.jwt.claim", in_token(&T::claim),
           {.help = "The claim's name; its value is a text or a whole number.", .example = "sub"})));
  t.push_back(leaf(
      Kind::choice, "routes[].cache.partition.jwt.algorithm", in_token(&T::algorithm),
      {.help = "The one algorithm that tokens are signed with.", .choices = {"HS256", "RS256", "ES256"}}));
  t.push_back(
      leaf(Kind::text, "routes[].cache.partition.jwt.key", in_token(&T::key),
           {.help = "The secret of HS256 as it is, at least 32 bytes; of the others the public key or a "
                    "certificate as PEM.",
            .example = "${FOREBAY_JWT_KEY:-}",
            .excludes = "routes[].cache.partition.jwt.key_file"}));
  t.push_back(leaf(Kind::secret, "routes[].cache.partition.jwt.key_file", in_token(&T::key),
                   {.help = "A file that holds it, instead of `key`.",
                    .example = "/etc/forebay/tokens.pem",
                    .excludes = "routes[].cache.partition.jwt.key"}));
  t.push_back(leaf(Kind::text, "routes[].cache.partition.jwt.issuer", in_token(&T::issuer),
                   {.help = "What the token's `iss` has to be; left out: anything.",
                    .example = "https://id.example.com"}));
  t.push_back(
      leaf(Kind::text, "routes[].cache.partition.jwt.audience", in_token(&T::audience),
           {.help = "What the token's `aud` has to be or to have; left out: anything.", .example = "shop"}));
  t.push_back(
      leaf(Kind::text, "routes[].cache.partition.jwt.header", in_token(&T::header),
           {.help = "The request field that has the token, behind `Bearer`.", .noun = "a field name"}));
  t.push_back(leaf(Kind::text, "routes[].cache.partition.jwt.cookie", in_token(&T::cookie),
                   {.help = "A cookie that has the token, instead of `header`.",
                    .noun = "a cookie name",
                    .example = "access_token"}));
}

void add_partition(Table& t) {
  using P = cache::PartitionPolicy;
  t.push_back(section(Kind::map, "routes[].cache.partition",
                      {.help = "Responses are kept apart by one of `header`, `cookie` and `jwt`: nobody gets "
                               "what is stored for another partition."}));
  t.push_back(
      asking_for_partitions(leaf(Kind::text, "routes[].cache.partition.header", in_partition(&P::header),
                                 {.help = "A request field whose value names the partition.",
                                  .noun = "a field name",
                                  .example = "X-Tenant"})));
  t.push_back(asking_for_partitions(leaf(
      Kind::text, "routes[].cache.partition.cookie", in_partition(&P::cookie),
      {.help = "A cookie whose value names the partition.", .noun = "a cookie name", .example = "session"})));
  add_token(t);
  t.push_back(leaf(Kind::choice, "routes[].cache.partition.missing", in_partition(&P::missing),
                   {.help = "What happens to requests without it: they are forwarded without the store, or "
                            "share one partition.",
                    .choices = {"pass", "share"}}));
  t.push_back(leaf(Kind::flag, "routes[].cache.partition.stores_private", in_partition(&P::stores_private),
                   {.help = "Whether `private` responses are stored, for their partition."}));
}

void add_bypass(Table& t) {
  using B = cache::BypassPolicy;
  t.push_back(
      leaf(Kind::choice, "routes[].cache.ambiguous_paths", in_policy(&cache::Policy::caches_ambiguous_paths),
           {.help = "What happens to requests whose path two parties may read differently (`/a/../b`, "
                    "`%2f`, `;`, a backslash): they are forwarded without the store, or treated like others.",
            .choices = {"pass", "cache"}}));
  t.push_back(section(Kind::map, "routes[].cache.bypass",
                      {.help = "Requests that are forwarded without a look into the store: those with one of "
                               "these. `name*` stands for all that begin so."}));
  t.push_back(leaf(Kind::texts, "routes[].cache.bypass.headers", in_bypass(&B::headers),
                   {.help = "Request fields.", .noun = "field names", .example = "X-Preview"}));
  t.push_back(leaf(Kind::texts, "routes[].cache.bypass.cookies", in_bypass(&B::cookies),
                   {.help = "Cookies.", .noun = "cookie names", .example = "session"}));
  t.push_back(leaf(Kind::texts, "routes[].cache.bypass.query", in_bypass(&B::query),
                   {.help = "Parameters of the query.", .noun = "parameter names", .example = "nocache"}));
}

void add_statuses(Table& t) {
  using S = cache::StatusTtl;
  t.push_back(section(Kind::named, "routes[].cache.status_ttl",
                      {.help = "`default_ttl` for some statuses, also for those that are not cacheable by "
                               "themselves: `404: 1m`, `5xx: 2s`. The first that fits counts.",
                       .example = "404",
                       .shorthand = "routes[].cache.status_ttl.*.ttl"},
                      [](Draft& d, Value status) {
                        d.route->cache.status_ttl.emplace_back().status = std::move(status.text);
                      }));
  t.push_back(leaf(Kind::duration, "routes[].cache.status_ttl.*.ttl", in_status(&S::ttl),
                   {.help = "How long such a response is fresh when it does not say; 0: it never is.",
                    .max = kYear,
                    .example = "1m"}));
}

void add_fields(Table& t) {
  using P = cache::Policy;
  t.push_back(leaf(Kind::choice, "routes[].cache.set_cookie", in_policy(&P::set_cookie),
                   {.help = "A response that sets a cookie is not stored; or stored and, when it is stored, "
                            "sent without it; or "
                            "stored with it, so that every client gets the same cookie.",
                    .choices = {"refuse", "strip", "keep"}}));
  t.push_back(
      leaf(Kind::choice, "routes[].cache.etag", in_policy(&P::etag_from_body),
           {.help = "Whether a stored response has an ETag only when the origin gave one, or, when it has "
                    "neither that nor Last-Modified, one that is made from its body: then clients can ask "
                    "whether what they have still holds.",
            .choices = {"origin", "body"}}));
  t.push_back(
      leaf(Kind::flag, "routes[].cache.check_content_type", in_policy(&P::check_content_type),
           {.help = "Whether responses to paths that a pattern by extension matched (`/**/*.css`) are "
                    "stored only when their Content-Type agrees with it: a page that is answered under "
                    "the name of a style sheet is not."}));
  t.push_back(leaf(Kind::texts, "routes[].cache.targeted_fields", in_policy(&P::targeted_fields),
                   {.help = "Fields that replace Cache-Control for forebay; the first that is valid counts.",
                    .noun = "field names"}));
  t.push_back(
      leaf(Kind::texts, "routes[].cache.tag_fields", in_policy(&P::tag_fields),
           {.help = "Fields in which the upstream names the tags of a response, by which many can be "
                    "invalidated at once. Surrogate-Key has them between spaces, xkey between spaces or "
                    "commas, others between commas.",
            .noun = "field names"}));
  t.push_back(leaf(Kind::flag, "routes[].cache.pass_tag_fields", in_policy(&P::passes_tag_fields),
                   {.help = "Whether clients get to see these fields."}));
  t.push_back(leaf(Kind::flag, "routes[].cache.surrogate_control", in_policy(&P::surrogate_control),
                   {.help = "Whether Surrogate-Control replaces Cache-Control for forebay."}));
  t.push_back(leaf(Kind::flag, "routes[].cache.x_accel_expires", in_policy(&P::x_accel_expires),
                   {.help = "Whether X-Accel-Expires replaces Cache-Control for forebay."}));
  t.push_back(leaf(Kind::texts, "routes[].cache.languages", in_policy(&P::languages),
                   {.help = "The languages there are: Accept-Language becomes the one of them that suits the "
                            "client best, the first where none does. Left out: it is left alone.",
                    .noun = "language tags",
                    .example = "en"}));
}

/// The paths of `request_headers` or `response_headers` and of what stands in them.
struct EditPaths {
  std::string_view edits, set, set_value, add, add_value, remove;
};

void add_edits(Table& t, const EditPaths& paths, std::string_view help, auto to_edits) {
  using E = http::FieldEdits;
  const auto add_lines = [&](std::string_view path, std::string_view value, std::string_view what,
                             auto list) {
    t.push_back(section(
        Kind::named, path, {.help = what, .example = "X-Served-By", .shorthand = value},
        [=](Draft& d, Value name) { (to_edits(d).*list).emplace_back().name = std::move(name.text); }));
    t.push_back(
        leaf(Kind::text, value, in_line(to_edits, list, &http::FieldLine::value),
             {.help = "The field's value, as it is.", .noun = "a field value", .example = "forebay"}));
  };
  t.push_back(section(Kind::map, paths.edits, {.help = help}));
  add_lines(paths.set, paths.set_value,
            "Fields that take the place of all lines of that name: `X-Frame-Options: DENY`.", &E::set);
  add_lines(paths.add, paths.add_value, "Fields that come beside what is there: `Link: </style.css>`.",
            &E::add);
  t.push_back(leaf(Kind::texts, paths.remove, in_edits(to_edits, &E::remove),
                   {.help = "Fields that are taken out.", .noun = "field names", .example = "X-Debug"}));
}

void add_request_edits(Table& t) {
  add_edits(
      t,
      {"routes[].request_headers", "routes[].request_headers.set", "routes[].request_headers.set.*.value",
       "routes[].request_headers.add", "routes[].request_headers.add.*.value",
       "routes[].request_headers.remove"},
      "What the upstream gets otherwise than the client sent it. What forebay decides, it decides by the "
      "client's fields; but nothing varies on a field that is set or removed.",
      [](Draft & d) -> auto& { return d.route->request_edits; });
}

void add_response_edits(Table& t) {
  add_edits(
      t,
      {"routes[].response_headers", "routes[].response_headers.set", "routes[].response_headers.set.*.value",
       "routes[].response_headers.add", "routes[].response_headers.add.*.value",
       "routes[].response_headers.remove"},
      "What clients get otherwise than the upstream sent it. What forebay decides, it decides by the "
      "upstream's fields. Errors that forebay answers itself stay as they are.",
      [](Draft & d) -> auto& { return d.route->cache.response_edits; });
}

void add_encodings(Table& t) {
  using P = cache::Policy;
  t.push_back(leaf(
      Kind::texts, "routes[].cache.encodings", in_policy(&P::encodings),
      {.help = "The content codings that clients get: Accept-Encoding becomes the one of them that suits "
               "the client best, the first among equals; what is stored is kept once per coding, and one is "
               "made from another without asking the upstream. Left out: Accept-Encoding is left alone, "
               "and nothing is coded or decoded.",
       .example = "zstd",
       .choices = {"zstd", "br", "gzip"}}));
  t.push_back(section(Kind::map, "routes[].cache.compress",
                      {.help = "Which responses forebay codes itself, where there are `encodings`."}));
  t.push_back(leaf(
      Kind::texts, "routes[].cache.compress.types", in_compress(&cache::CompressPolicy::types),
      {.help = "Media types; `text/*` stands for all that begin so, `[]` for none.", .noun = "media types"}));
  t.push_back(leaf(Kind::size, "routes[].cache.compress.min_size",
                   in_compress(&cache::CompressPolicy::min_size),
                   {.help = "Bodies that are known to be smaller are left as they are."}));
}

}  // namespace

void add_route_options(Table& table) {
  add_routes(table);
  add_request_edits(table);
  add_response_edits(table);
  add_policy(table);
  add_lifetimes(table);
  add_statuses(table);
  add_parts(table);
  add_key(table);
  add_query_method(table);
  add_partition(table);
  add_bypass(table);
  add_fields(table);
  add_encodings(table);
}

}  // namespace forebay::config
