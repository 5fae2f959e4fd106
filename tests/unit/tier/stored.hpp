// Short ways to make stored responses in the tests of this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "forebay/cache/key.hpp"
#include "forebay/cache/vary.hpp"
#include "forebay/tier/memory_tier.hpp"

namespace forebay::tier::testing {

inline constexpr WallTime kNow{milliseconds{1704067200000}};

/// What a test says about a response; the rest does not matter here.
struct Said {
  std::string key = "http://a:80/";
  std::string body = "hello";
  std::string vary{};    // names as vary_names() gives them
  std::string accept{};  // the storing request's value of the one field named
  seconds after{0};      // received so long after kNow
  cache::Position position = 0;
  std::string head = "HTTP/1.1 200 OK\r\n";
  std::vector<Digest> tags{};
};

inline http::Fields accepting(std::string_view value, std::string_view name = "Accept") {
  http::Fields fields;
  if (!value.empty()) fields.add(name, value);
  return fields;
}

inline cache::StoredResponsePtr stored(const Said& said, cache::BodyAccount* account = nullptr) {
  std::string variant;
  if (!said.vary.empty()) cache::append_variant_key(variant, said.vary, accepting(said.accept, said.vary));
  cache::StoredParts parts;
  parts.key = said.key;
  parts.vary_names = said.vary;
  parts.variant_key = variant;
  parts.head = said.head;
  parts.freshness = {.response_time = kNow + said.after, .lifetime = cache::StoredSeconds{60}};
  parts.position = said.position;
  parts.tags = said.tags;
  parts.body = cache::Body::from(std::string_view(said.body), account);
  return cache::StoredResponse::make(parts);
}

/// Everything that is charged for a body.
inline std::uint64_t charge_of(const cache::Body& body) {
  auto sum = body.charge();
  for (const auto& slice : body.slices()) sum += slice.chunk->charge();  // one slice a chunk
  return sum;
}

inline cache::StoreVerdict put(MemoryTier& tier, const Said& said) {
  return tier.insert(digest(said.key), stored(said, &tier.budget()));
}

inline cache::Found find(MemoryTier& tier, std::string_view key, const http::Fields& request = {}) {
  std::string scratch;
  return tier.find(cache::primary_key(key), request, scratch);
}
/// The body found for a request, "-" when there is none.
inline std::string body_found(MemoryTier& tier, std::string_view key, const http::Fields& request = {}) {
  const auto found = find(tier, key, request);
  if (!found.response) return "-";
  std::string body;
  for (const auto& slice : found.response->body()->slices()) body += slice.view();
  return body;
}

}  // namespace forebay::tier::testing
