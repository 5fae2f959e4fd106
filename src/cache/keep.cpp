#include "forebay/cache/keep.hpp"

#include <string>
#include <vector>

#include "forebay/base/digest.hpp"
#include "forebay/cache/freshness.hpp"
#include "forebay/cache/tags.hpp"
#include "forebay/cache/validation.hpp"
#include "forebay/cache/vary.hpp"
#include "forebay/http/status.hpp"

namespace forebay::cache {
namespace {

/// Policy::etag_from_body. Of the content as it is kept: whatever codes it anew owes it another tag.
bool gets_etag(const Arrived& arrived) noexcept {
  const auto& fields = arrived.response.fields;
  return arrived.policy.etag_from_body && arrived.response.status == 200 &&
         !fields.has(http::FieldId::etag) && !fields.has(http::FieldId::last_modified);
}

/// A strong entity-tag (RFC 9110 §8.8.3): equal only where the content is.
std::string make_etag(const Body& body) {
  std::vector<std::string_view> pieces;
  pieces.reserve(body.slices().size());
  for (const auto& slice : body.slices()) pieces.push_back(slice.view());
  return "\"" + to_hex(digest(pieces)) + "\"";
}

}  // namespace

StoredResponsePtr keep_head(std::string_view key, const Arrived& arrived, bool with_policy,
                            Position position) {
  const auto& response = arrived.response;
  const auto vary = selecting_names(response.fields, arrived.policy.key).value_or("");
  std::string variant;
  if (!vary.empty()) append_variant_key(variant, vary, arrived.request);
  std::string head;
  if (with_policy)
    append_kept_head(head, response, arrived.policy, arrived.response_time);
  else
    append_passed_head(head, response, arrived.policy, arrived.response_time);
  const auto tags = tags_of(key, response.fields, arrived.policy).value_or(std::vector<Digest>());
  StoredParts parts;
  parts.key = key;
  parts.tags = tags;
  parts.vary_names = vary;
  parts.variant_key = variant;
  parts.status = response.status;
  parts.head = head;
  parts.freshness =
      assess(response, arrived.control, arrived.policy, arrived.request_time, arrived.response_time);
  parts.freshness.lifetime = jittered(parts.freshness.lifetime, arrived.policy, arrived.random);
  parts.freshness.made_etag = with_policy && gets_etag(arrived);
  parts.position = position;
  parts.recoded_from = arrived.recoded_from;
  return StoredResponse::make(parts);
}

StoredResponsePtr with_body(const StoredResponse& head, const BodyPtr& body) {
  return with_content(head, {body, {}, {}});
}

void append_head_alone(std::string& out, const StoredResponse& stored) {
  http::append_status_line(out, stored.status());
  http::for_each_line(stored.head(), [&](std::string_view name, std::string_view value) {
    if (http::field_id(name) != http::FieldId::content_length) http::append_field(out, name, value);
  });
}

StoredResponsePtr head_alone(const StoredResponse& stored) {
  std::string head;
  append_head_alone(head, stored);
  auto parts = stored.as_parts();
  parts.head = head;
  parts.body = nullptr;
  parts.complete_length.reset();
  parts.held = {};
  return StoredResponse::make(parts);
}

StoredResponsePtr with_content(const StoredResponse& head, const Content& content) {
  const auto size = content.body ? content.body->size() : 0;
  std::string text(head.head());
  // RFC 9110 §8.6: never in a 204.
  if (!http::has_no_content(head.status()))
    http::append_field(text, "Content-Length", std::to_string(content.complete_length.value_or(size)));
  // A tag of what is all there only.
  if (head.freshness().made_etag && content.body && !content.complete_length)
    http::append_field(text, "ETag", make_etag(*content.body));
  auto parts = head.as_parts();
  parts.head = text;
  parts.body = size > 0 ? content.body : nullptr;
  parts.complete_length = content.complete_length;
  parts.held = content.held;
  return StoredResponse::make(parts);
}

}  // namespace forebay::cache
