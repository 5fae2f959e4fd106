// Stored responses made for tests of what becomes of them on their way through Redis.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/cache/stored_response.hpp"
#include "forebay/cache/vary.hpp"
#include "forebay/http/message.hpp"
#include "forebay/http/status.hpp"

namespace forebay::test {

/// What a test says about a response; the rest does not matter there.
struct Kept {
  std::string key = "http://a:80/";
  std::string body = "hello";
  std::string vary{};         // names as vary_names() gives them
  http::Fields request{};     // whose values for them count
  std::string variant_key{};  // instead of the request's values
  int status = 200;
  std::string fields{};  // further lines of the head
  cache::Freshness freshness{.response_time = WallTime{milliseconds{1704067200000}},
                             .lifetime = cache::StoredSeconds{60}};
  cache::Position position = 0;
  std::vector<Digest> tags{};
  std::optional<std::uint64_t> complete_length{};
  std::vector<http::ByteRange> held{};
  std::optional<http::Coding> recoded_from{};

  std::string head() const {
    std::string head;
    http::append_status_line(head, status);
    head += fields;
    if (!http::has_no_content(status))
      http::append_field(head, "Content-Length", std::to_string(complete_length.value_or(body.size())));
    return head;
  }

  cache::StoredResponsePtr make(cache::BodyAccount* account = nullptr) const {
    auto variant = variant_key;
    if (variant.empty() && !vary.empty()) cache::append_variant_key(variant, vary, request);
    const auto text = head();
    cache::StoredParts parts{key, vary, variant, status, text, freshness, position, nullptr};
    if (!body.empty()) parts.body = cache::Body::from(std::string_view(body), account);
    parts.complete_length = complete_length;
    parts.held = held;
    parts.tags = tags;
    parts.recoded_from = recoded_from;
    return cache::StoredResponse::make(parts);
  }
};

inline std::string text_of(const cache::StoredResponse& stored) {
  std::string text;
  if (stored.body())
    for (const auto& slice : stored.body()->slices()) text += slice.view();
  return text;
}

/// True if nobody can tell one from the other.
inline bool is_same(const cache::StoredResponse& a, const cache::StoredResponse& b) {
  return a.key() == b.key() && a.vary_names() == b.vary_names() && a.variant_key() == b.variant_key() &&
         a.status() == b.status() && a.head() == b.head() && a.freshness() == b.freshness() &&
         a.position() == b.position() && a.is_incomplete() == b.is_incomplete() &&
         a.complete_length() == b.complete_length() && std::ranges::equal(a.held(), b.held()) &&
         std::ranges::equal(a.tags(), b.tags()) && a.recoded_from() == b.recoded_from() &&
         text_of(a) == text_of(b);
}

}  // namespace forebay::test
