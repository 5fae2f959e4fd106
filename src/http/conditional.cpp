#include "forebay/http/conditional.hpp"

#include "forebay/http/date.hpp"
#include "forebay/http/validators.hpp"

namespace forebay::http {
namespace {

/// The date of a precondition that has exactly one line with a valid date; otherwise it is to be ignored
/// (RFC 9110 §13.1.3, §13.1.4).
std::optional<WallTime> only_date(const Fields& request, FieldId id, WallTime now) noexcept {
  if (request.count(id) != 1) return std::nullopt;
  return parse_date(*request.find(id), now);
}

bool lists_selected(const Fields& request, FieldId id, const SelectedRepresentation& selected,
                    Comparison how) noexcept {
  return lists_tag(request, id, parse_entity_tag(selected.etag), how);
}

bool is_get_or_head(Method method) noexcept { return method == Method::get || method == Method::head; }

/// RFC 9110 §13.2.1: these methods select no representation, so preconditions mean nothing to them.
bool ignores_preconditions(Method method) noexcept {
  return method == Method::connect || method == Method::options || method == Method::trace;
}

/// Steps 1 and 2 of RFC 9110 §13.2.2.
bool lost_update(const Fields& request, const SelectedRepresentation& selected, WallTime now) noexcept {
  if (request.has(FieldId::if_match)) {  // then If-Unmodified-Since is ignored (§13.1.4)
    return !lists_selected(request, FieldId::if_match, selected, Comparison::strong);
  }
  if (!selected.last_modified) return false;  // §13.1.4: ignored without a modification date
  const auto since = only_date(request, FieldId::if_unmodified_since, now);
  return since && *selected.last_modified > *since;
}

/// Step 4 of RFC 9110 §13.2.2.
bool unmodified_since(const Fields& request, const SelectedRepresentation& selected, WallTime now) noexcept {
  const auto modified = selected.last_modified ? selected.last_modified : selected.date;  // RFC 9111 §4.3.2
  if (!modified) return false;  // §13.1.3: ignored without a modification date
  const auto since = only_date(request, FieldId::if_modified_since, now);
  return since && std::chrono::floor<seconds>(*modified) <= *since;  // the field has whole seconds
}

}  // namespace

bool if_range_holds(const Fields& request, const SelectedRepresentation& selected, WallTime now) noexcept {
  if (request.count(FieldId::if_range) != 1) return false;
  const auto value = *request.find(FieldId::if_range);
  if (const auto tag = parse_entity_tag(value)) {
    const auto own = parse_entity_tag(selected.etag);
    return own && strongly_equal(*tag, *own);
  }
  const auto date = parse_date(value, now);
  return date && selected.last_modified && selected.date && *date == *selected.last_modified &&
         *selected.date - *selected.last_modified >= seconds{1};
}

Precondition evaluate(Method method, const Fields& request, const SelectedRepresentation& selected,
                      WallTime now) noexcept {
  if (!request.has_any(kPreconditionFields) || ignores_preconditions(method)) return Precondition::proceed;
  if (lost_update(request, selected, now)) return Precondition::failed;
  if (request.has(FieldId::if_none_match)) {  // step 3; then If-Modified-Since is ignored (§13.1.3)
    if (!lists_selected(request, FieldId::if_none_match, selected, Comparison::weak))
      return Precondition::proceed;
    // A conditional QUERY is answered like a GET (draft-ietf-httpbis-safe-method-w-body §2).
    return is_get_or_head(method) || method == Method::query ? Precondition::not_modified
                                                             : Precondition::failed;
  }
  if (is_get_or_head(method) && unmodified_since(request, selected, now)) return Precondition::not_modified;
  return Precondition::proceed;
}

}  // namespace forebay::http
