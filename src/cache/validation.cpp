#include "forebay/cache/validation.hpp"

#include <algorithm>

#include "forebay/base/strings.hpp"
#include "forebay/cache/coded_tag.hpp"
#include "forebay/cache/coding_plan.hpp"
#include "forebay/cache/effective_control.hpp"
#include "forebay/cache/freshness.hpp"
#include "forebay/cache/key.hpp"
#include "forebay/cache/search_rule.hpp"
#include "forebay/cache/tags.hpp"
#include "forebay/cache/vary.hpp"
#include "forebay/http/date.hpp"
#include "forebay/http/forwarded.hpp"
#include "forebay/http/hop_by_hop.hpp"
#include "forebay/http/validators.hpp"

namespace forebay::cache {
namespace {

using http::EntityTag;
using http::FieldId;
using http::FieldSet;

// ---- Validators ---------------------------------------------------------------------------------

/// The validators of a response that just arrived. A malformed one is none.
struct Validators {
  std::optional<EntityTag> etag;
  std::optional<WallTime> last_modified;
};

Validators validators_of(const http::ResponseHead& response, WallTime now) noexcept {
  Validators out;
  if (const auto text = response.fields.find(FieldId::etag)) out.etag = http::parse_entity_tag(*text);
  if (const auto text = response.fields.find(FieldId::last_modified))
    out.last_modified = http::parse_date(*text, now);
  return out;
}

bool agrees(const EntityTag& etag, const StoredResponse& stored, http::Comparison how) noexcept {
  const auto own = http::parse_entity_tag(stored.etag());
  if (!own) return false;
  return how == http::Comparison::strong ? http::strongly_equal(etag, *own) : http::weakly_equal(etag, *own);
}

/// True if every validator that was received is also a validator of the stored response.
bool all_agree(const Validators& received, const StoredResponse& stored) noexcept {
  if (received.etag && !agrees(*received.etag, stored, http::Comparison::weak)) return false;
  return !received.last_modified || received.last_modified == stored.last_modified();
}

// ---- Updating stored fields (RFC 9111 §3.2) -----------------------------------------------------

/// Fields of an update that are not taken over, for the stored body depends on them whatever the update says
/// (RFC 9111 §3.2): how it is coded, how long it is, and its digests.
constexpr FieldSet kOfTheBody{FieldId::content_length, FieldId::content_encoding, FieldId::content_range};

bool depends_on_the_body(const http::Field& field) noexcept {
  return kOfTheBody.contains(field.id) || is_content_digest(field);
}

bool has_same_name(const http::Field& a, const http::Field& b) noexcept {
  return a.id == b.id && (a.id != FieldId::other || iequals(a.name, b.name));
}

/// The lines of an update that replace or extend the stored ones.
class Update {
 public:
  Update(const http::Fields& fields, SetCookie set_cookie)
      : fields_(fields), end_to_end_(fields), takes_cookies_(set_cookie == SetCookie::keep) {}

  bool takes(const http::Field& field) const noexcept {
    if (field.id == FieldId::set_cookie && !takes_cookies_) return false;  // it is for the client that asked
    return !depends_on_the_body(field) && end_to_end_.passes(field);
  }
  bool replaces(const http::Field& stored) const noexcept {
    return std::any_of(fields_.begin(), fields_.end(), [&](const http::Field& field) {
      return has_same_name(field, stored) && takes(field);
    });
  }
  void append_to(http::Fields& out) const {
    for (const auto& field : fields_) {
      if (takes(field)) out.add(field.id, field.name, field.value);
    }
  }

 private:
  const http::Fields& fields_;
  http::EndToEnd end_to_end_;
  bool takes_cookies_;
};

std::string_view reason_of(std::string_view head) noexcept {
  const auto line = head.substr(0, head.find("\r\n"));
  constexpr std::size_t begin = std::string_view("HTTP/1.1 200 ").size();
  return line.size() > begin ? line.substr(begin) : std::string_view();
}

/// The stored head with the update's fields: what the origin says now. Without the stored Date, which tells
/// the age of the response before it was validated, without what the policy put there, and without our own
/// Via entry, the last one, which is appended anew.
http::ResponseHead merge(const StoredResponse& stored, const http::Fields& stored_fields,
                         const http::ResponseHead& update, const Policy& policy) {
  http::ResponseHead out{stored.status(), reason_of(stored.head()), update.minor_version, {}};
  const Update changes(update.fields, policy.set_cookie);
  auto vias_before_ours = static_cast<std::ptrdiff_t>(stored_fields.count(FieldId::via)) - 1;
  for (const auto& field : stored_fields) {
    if (field.id == FieldId::date) continue;
    if (field.id == FieldId::cache_control && stored.freshness().control_replaced) continue;
    if (policy.response_edits.put(field)) continue;
    if (field.id == FieldId::via && vias_before_ours-- <= 0) continue;
    if (!changes.replaces(field)) out.fields.add(field.id, field.name, field.value);
  }
  changes.append_to(out.fields);
  return out;
}

/// Freshness of a freshened response when what the origin said about caching is neither in the stored head
/// nor in the 304: as it was, but for the times. An Expires in the 304 can only shorten it.
Freshness carried_over(const Freshness& before, const Freshness& assessed, bool has_expires) noexcept {
  auto out = before;
  out.response_time = assessed.response_time;
  out.initial_age = assessed.initial_age;
  if (has_expires) out.lifetime = std::min(before.lifetime, assessed.lifetime);
  return out;
}

Freshness freshness_after(const StoredResponse& stored, const http::ResponseHead& update,
                          const http::ResponseHead& merged, const Policy& policy, WallTime request_time,
                          WallTime response_time, double random) {
  const auto control = effective_control(merged.fields, policy, response_time);
  auto out = assess(merged, control, policy, request_time, response_time);
  out.lifetime = jittered(out.lifetime, policy, random);
  const bool says_nothing = !effective_control(update.fields, policy, response_time).present;
  const auto& before = stored.freshness();
  if ((before.control_replaced || before.control_edited) && says_nothing)
    out = carried_over(before, out, update.fields.has(FieldId::expires));
  out.made_etag = before.made_etag;  // a HEAD with another validator than that does not freshen
  if (storability_after(update, stored, policy, response_time) != StoreVerdict::stored) {
    out.lifetime = StoredSeconds{0};
    out.always_validate = true;
  }
  return out;
}

// ---- The kept head ------------------------------------------------------------------------------

/// Fields that are written anew where a head is sent or ended.
constexpr FieldSet kNotKept{FieldId::age, FieldId::content_length, FieldId::date};
/// Fields that client_cache_control replaces.
constexpr FieldSet kClientCaching{FieldId::cache_control, FieldId::expires, FieldId::pragma};

/// RFC 9110 §6.6.1: a response without a valid Date gets the time it was received.
void append_date(std::string& out, const http::Fields& fields, WallTime response_time) {
  const auto text = fields.find(FieldId::date);
  if (text && http::parse_date(*text, response_time)) {
    http::append_field(out, "Date", *text);
  } else {
    http::append_field(out, "Date", http::format_date(response_time));
  }
}

void append_head(std::string& out, const http::ResponseHead& response, FieldSet left_out,
                 std::string_view client_cache_control, const Policy& policy, WallTime response_time) {
  const auto& edits = policy.response_edits;
  const http::EndToEnd end_to_end(response.fields);
  http::append_status_line(out, response.status, response.reason);
  append_date(out, response.fields, response_time);
  for (const auto& field : response.fields) {
    if (kNotKept.contains(field.id) || left_out.contains(field.id) || edits.drops(field)) continue;
    if (is_tag_field(field.name, policy)) continue;
    if (end_to_end.passes(field)) http::append_field(out, field.name, field.value);
  }
  if (!client_cache_control.empty() && !edits.replaces("Cache-Control"))
    http::append_field(out, "Cache-Control", client_cache_control);
  edits.append_to(out);
  // RFC 9110 §7.6.3: the version of the message that was received.
  http::append_field(out, "Via", response.minor_version == 0 ? "1.0 forebay" : http::kViaEntry);
}

}  // namespace

bool can_validate(const StoredResponse& stored) noexcept {
  if (stored.freshness().made_etag) return false;
  return http::parse_entity_tag(stored.etag()).has_value() || stored.last_modified().has_value();
}

void append_validation_fields(std::string& out, const StoredResponse& stored) {
  // RFC 9111 §4.3.1: both, where there are both; a recipient that knows entity tags ignores the date (RFC
  // 9110 §13.1.3).
  if (http::parse_entity_tag(stored.etag())) http::append_field(out, "If-None-Match", origin_tag(stored));
  if (stored.last_modified()) http::append_field(out, "If-Modified-Since", stored.last_modified_text());
}

bool selects(const http::ResponseHead& not_modified, const StoredResponse& stored) {
  const auto received = validators_of(not_modified, stored.freshness().response_time);
  // RFC 9111 §4.3.4: a strong validator decides alone. Last-Modified counts as weak (RFC 9110 §8.8.2.2).
  if (received.etag && !received.etag->weak) return agrees(*received.etag, stored, http::Comparison::strong);
  // Otherwise the weak ones have to correspond. Its third case, a 304 without any, is meant for conditions
  // that did not come from the stored response; ours did, and RFC 9110 §15.4.5 lets an origin leave out
  // Last-Modified.
  return all_agree(received, stored);
}

StoreVerdict storability_after(const http::ResponseHead& not_modified, const StoredResponse& stored,
                               const Policy& policy, WallTime response_time) {
  const auto control = effective_control(not_modified.fields, policy, response_time);
  if (control.no_store && !control.must_understand) return StoreVerdict::no_store;
  const bool keeps_private = policy.key.partition.stores_private && is_partitioned(stored.key());
  if (control.is_private && !keeps_private) return StoreVerdict::is_private;
  if (not_modified.fields.has(FieldId::vary) &&
      selecting_names(not_modified.fields, policy.key) != stored.vary_names()) {
    return StoreVerdict::vary_any;
  }
  if (policy.key.query.no_vary_search && names_another_rule(not_modified.fields, stored.key()))
    return StoreVerdict::vary_any;
  return StoreVerdict::stored;
}

StoredResponsePtr freshen(const StoredResponse& stored, const http::ResponseHead& not_modified,
                          const Policy& policy, WallTime request_time, WallTime response_time,
                          Position position, double random) {
  const auto stored_fields = http::fields_of(stored.head());
  const auto merged = merge(stored, stored_fields, not_modified, policy);
  std::string head;
  append_kept_head(head, merged, policy, response_time);
  if (const auto length = stored_fields.find(FieldId::content_length)) {
    http::append_field(head, "Content-Length", *length);
  }
  const auto tags = tags_after(stored.tags(), stored.key(), not_modified.fields, policy);
  auto parts = stored.as_parts();
  parts.head = head;
  parts.tags = tags;
  parts.freshness =
      freshness_after(stored, not_modified, merged, policy, request_time, response_time, random);
  parts.position = position;
  return StoredResponse::make(parts);
}

HeadVerdict judge_head(const http::ResponseHead& head_response, const StoredResponse& stored) {
  if (head_response.status != 200) return HeadVerdict::says_nothing;  // RFC 9111 §4.3.5 speaks of 200 only
  const auto received = validators_of(head_response, stored.freshness().response_time);
  const auto length = head_response.fields.find(FieldId::content_length);
  if (!received.etag && !received.last_modified && !length) return HeadVerdict::says_nothing;
  const bool same = stored.status() == 200 && all_agree(received, stored) &&
                    (!length || parse_decimal(*length) == stored.complete_length());
  return same ? HeadVerdict::freshens : HeadVerdict::invalidates;
}

void append_kept_head(std::string& out, const http::ResponseHead& response, const Policy& policy,
                      WallTime response_time) {
  const bool replaces =
      !policy.client_cache_control.empty() &&
      replaces_cache_control(response, effective_control(response.fields, policy, response_time), policy);
  FieldSet left_out;
  if (replaces) left_out = kClientCaching;
  if (policy.set_cookie == SetCookie::strip) left_out.insert(FieldId::set_cookie);
  append_head(out, response, left_out, replaces ? policy.client_cache_control : "", policy, response_time);
}

void append_passed_head(std::string& out, const http::ResponseHead& response, const Policy& policy,
                        WallTime response_time) {
  append_head(out, response, {}, {}, policy, response_time);
}

}  // namespace forebay::cache
