#include "forebay/cache/keep.hpp"

#include <string>

#include "forebay/cache/freshness.hpp"
#include "forebay/cache/validation.hpp"
#include "forebay/cache/vary.hpp"
#include "forebay/http/status.hpp"

namespace forebay::cache {

StoredResponsePtr keep_head(std::string_view key, const Arrived& arrived, bool with_policy,
                            Position position) {
  const auto& response = arrived.response;
  const auto vary = selecting_names(response.fields, arrived.policy.key).value_or("");
  std::string variant;
  if (!vary.empty()) append_variant_key(variant, vary, arrived.request);
  std::string head;
  append_kept_head(head, response, with_policy ? arrived.policy : Policy{}, arrived.response_time);
  StoredParts parts;
  parts.key = key;
  parts.vary_names = vary;
  parts.variant_key = variant;
  parts.status = response.status;
  parts.head = head;
  parts.freshness =
      assess(response, arrived.control, arrived.policy, arrived.request_time, arrived.response_time);
  parts.freshness.lifetime = jittered(parts.freshness.lifetime, arrived.policy, arrived.random);
  parts.position = position;
  return StoredResponse::make(parts);
}

StoredResponsePtr with_body(const StoredResponse& head, const BodyPtr& body) {
  std::string text(head.head());
  // RFC 9110 §8.6: never in a 204.
  if (!http::has_no_content(head.status()))
    http::append_field(text, "Content-Length", std::to_string(body->size()));
  StoredParts parts;
  parts.key = head.key();
  parts.vary_names = head.vary_names();
  parts.variant_key = head.variant_key();
  parts.status = head.status();
  parts.head = text;
  parts.freshness = head.freshness();
  parts.position = head.position();
  parts.body = body->size() > 0 ? body : nullptr;
  return StoredResponse::make(parts);
}

}  // namespace forebay::cache
