#include "forebay/cache/recoded.hpp"

#include "forebay/base/strings.hpp"
#include "forebay/cache/coded_tag.hpp"
#include "forebay/cache/vary.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/validators.hpp"

namespace forebay::cache {
namespace {

using http::Coding;
using http::FieldId;

constexpr std::string_view kAcceptEncoding = "accept-encoding";

void vary_on_coding(http::Fields& fields) {
  if (!http::has_element(fields, FieldId::vary, kAcceptEncoding) &&
      !http::has_element(fields, FieldId::vary, "*"))
    fields.add(FieldId::vary, "Vary", "Accept-Encoding");
}

bool varies_on_coding(const StoredResponse& stored) noexcept {
  auto names = stored.vary_names();
  while (const auto name = http::next_element(names))
    if (*name == kAcceptEncoding) return true;
  return false;
}

/// Fields that a change of coding replaces.
bool is_of_the_coding(FieldId id) noexcept {
  return id == FieldId::content_encoding || id == FieldId::content_length || id == FieldId::etag;
}

/// The tag after the plan. What is decoded again to the origin's own bytes has the origin's own tag again;
/// what is coded again is not the origin's, whatever its coding.
std::string tag_after(std::string_view tag, const CodingPlan& plan, std::optional<Coding> origin) {
  if (!origin) return coded_tag(tag, plan.to);
  const auto origins = uncoded_tag(tag);
  return plan.to == Coding::identity && origin == plan.to ? origins : coded_tag(origins, plan.to);
}

http::ResponseHead changed_head(const http::ResponseHead& response, const CodingPlan& plan,
                                std::optional<Coding> origin, std::string& tag) {
  http::ResponseHead out{response.status, response.reason, response.minor_version, {}};
  for (const auto& field : response.fields)
    if (!is_of_the_coding(field.id)) out.fields.add(field.id, field.name, field.value);
  if (const auto etag = response.fields.find(FieldId::etag)) {
    tag = tag_after(*etag, plan, origin);
    out.fields.add(FieldId::etag, "ETag", tag);
  }
  if (plan.to != Coding::identity)
    out.fields.add(FieldId::content_encoding, "Content-Encoding", http::token(plan.to));
  return out;
}

}  // namespace

http::ResponseHead recoded_head(const http::ResponseHead& response, const CodingPlan& plan,
                                std::string& tag) {
  auto out = plan.changes() ? changed_head(response, plan, std::nullopt, tag) : response;
  if (plan.varies) vary_on_coding(out.fields);
  return out;
}

http::ResponseHead head_as_coded(const http::ResponseHead& response, const Policy& policy) {
  auto out = response;
  if (!policy.encodings.empty() && http::content_coding(response.fields) != Coding::identity)
    vary_on_coding(out.fields);
  return out;
}

http::ResponseHead about_stored(const http::ResponseHead& said, const StoredResponse& stored,
                                const Policy& policy) {
  const bool recoded = stored.recoded_from().has_value();
  const auto own = origin_tag(stored);
  const auto origins = http::parse_entity_tag(own);
  http::ResponseHead out{said.status, said.reason, said.minor_version, {}};
  for (const auto& field : said.fields) {
    if (recoded && field.id == FieldId::content_length) continue;
    auto value = field.value;
    if (recoded && origins && field.id == FieldId::etag) {
      const auto received = http::parse_entity_tag(value);
      if (received && http::weakly_equal(*received, *origins)) value = stored.etag();
    }
    out.fields.add(field.id, field.name, value);
  }
  if (!policy.encodings.empty() && out.fields.has(FieldId::vary) && varies_on_coding(stored))
    vary_on_coding(out.fields);
  return out;
}

StoredResponsePtr recoded(const StoredResponse& stored, const CodingPlan& plan, const http::Fields& request) {
  const http::ResponseHead before{stored.status(), {}, 1, http::fields_of(stored.head())};
  const auto origin = stored.recoded_from().value_or(plan.from);
  std::string tag;
  const auto after = changed_head(before, plan, stored.recoded_from(), tag);
  std::string head(stored.head().substr(0, stored.head().find("\r\n") + 2));
  for (const auto& field : after.fields) {
    // A tag that was made from the body is made anew from the new one (see with_content).
    if (field.id == FieldId::etag && stored.freshness().made_etag) continue;
    http::append_field(head, field.name, field.value);
  }
  std::string variant;
  append_variant_key(variant, stored.vary_names(), request);
  auto parts = stored.as_parts();
  parts.variant_key = variant;
  parts.head = head;
  parts.body = nullptr;
  parts.recoded_from.reset();
  if (plan.to != Coding::identity || origin != plan.to) parts.recoded_from = origin;
  return StoredResponse::make(parts);
}

}  // namespace forebay::cache
