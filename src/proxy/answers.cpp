#include "answers.hpp"

#include <cstring>

#include "forebay/base/strings.hpp"
#include "forebay/http/conditional.hpp"
#include "forebay/http/date.hpp"
#include "forebay/http/proxy_status.hpp"
#include "forebay/http/status.hpp"
#include "ranges.hpp"

namespace forebay::proxy {
namespace {

/// RFC 9110 §15.4.5: what a 304 repeats of the 200; Last-Modified only when there is no entity tag.
bool belongs_into_not_modified(http::FieldId id, bool has_etag) noexcept {
  using http::FieldId;
  static constexpr http::FieldSet kRepeated{FieldId::cache_control,
                                            FieldId::content_location,
                                            FieldId::date,
                                            FieldId::etag,
                                            FieldId::expires,
                                            FieldId::vary,
                                            FieldId::via};
  return kRepeated.contains(id) || (id == FieldId::last_modified && !has_etag);
}

void write_not_modified_head(std::string& out, const cache::StoredResponse& stored) {
  out.clear();
  http::append_status_line(out, 304);
  const bool has_etag = !stored.etag().empty();
  http::for_each_line(stored.head(), [&](std::string_view name, std::string_view value) {
    if (belongs_into_not_modified(http::field_id(name), has_etag)) http::append_field(out, name, value);
  });
}

/// RFC 9110 §10.2.1: the methods that forebay takes for what is asked for.
std::string allowed_methods(const Route* route) {
  std::string methods = "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH";
  if (route && route->policy.query_method.enabled) methods += ", QUERY";
  return methods;
}

char* append(char* at, std::string_view text) noexcept {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

std::string_view write_extra(Scratch& scratch, std::optional<std::chrono::seconds> age,
                             const http::CacheStatus& status) {
  static_assert(sizeof(Scratch::extra_room) >= 5 + kMaxDecimalDigits + 2 + 14 + http::kMaxCacheStatus + 2);
  char* const begin = scratch.extra_room.data();
  char* at = begin;
  if (age) {
    at = append(at, "Age: ");
    at += write_decimal(at, static_cast<std::uint64_t>(age->count()));
    at = append(at, "\r\n");
  }
  at = append(at, "Cache-Status: ");
  at += http::write_cache_status(at, status);
  at = append(at, "\r\n");
  return {begin, static_cast<std::size_t>(at - begin)};
}

http::Precondition judge_precondition(const Exchange& x, const cache::StoredResponse& stored, WallTime now) {
  // RFC 9110 §13.2.1: preconditions apply where the answer without them would be a 2xx.
  if (!x.request.fields.has_any(http::kPreconditionFields) || stored.status() < 200 || stored.status() > 299)
    return http::Precondition::proceed;
  auto selected = stored.representation();
  if (!selected.last_modified && x.request.fields.has(http::FieldId::if_modified_since))
    selected.date = stored.date();  // RFC 9111 §4.3.2
  return http::evaluate(x.request.method, x.request.fields, selected, now);
}

bool answer_precondition(Exchange& x, const cache::StoredResponse& stored, Answer& answer, WallTime now) {
  switch (judge_precondition(x, stored, now)) {
    case http::Precondition::proceed: return false;
    case http::Precondition::not_modified:
      write_not_modified_head(x.scratch.head, stored);
      answer.status = 304;
      answer.head = x.scratch.head;
      return true;
    case http::Precondition::failed: {
      const auto extra = answer.extra;
      answer = error_answer(x, 412, "the stored representation does not meet the request's precondition",
                            nullptr, now);
      answer.extra = extra;
      return true;
    }
  }
  return false;
}

Answer answer_from(Exchange& x, cache::StoredResponsePtr stored, std::chrono::seconds age,
                   const http::CacheStatus& status, WallTime now) {
  Answer answer;
  answer.extra = write_extra(x.scratch, age, status);
  if (!answer_precondition(x, *stored, answer, now)) {
    answer.status = stored->status();
    answer.head = stored->head();
    if (x.request.method != http::Method::head) answer.body = stored->body().get();
    if (x.request.fields.has(http::FieldId::range) && x.request.method != http::Method::head)
      answer_ranges(x, *stored, wanted_of(x, *stored, stored->complete_length(), now), answer, now);
  }
  answer.keep = std::move(stored);
  return answer;
}

Answer error_answer(Exchange& x, int status, std::string_view sentence, const Error* error, WallTime now) {
  auto& text = x.scratch.text;
  text.assign(std::to_string(status)).append(" ").append(http::reason_phrase(status));
  if (!sentence.empty()) text.append(": ").append(sentence);
  text.append("\n");

  auto& head = x.scratch.head;
  head.clear();
  http::append_status_line(head, status);
  http::append_field(head, "Date", http::format_date(now));
  http::append_field(head, "Content-Type", "text/plain; charset=utf-8");
  http::append_field(head, "Content-Length", std::to_string(text.size()));
  if (status == 405) http::append_field(head, "Allow", allowed_methods(x.route));
  if (error) http::append_field(head, "Proxy-Status", http::proxy_status_value(*error));

  Answer answer;
  answer.status = status;
  answer.head = head;
  if (x.request.method != http::Method::head) answer.text = text;
  return answer;
}

Answer json_answer(Exchange& x, int status, std::string_view json, WallTime now) {
  x.scratch.text.assign(json);
  auto& head = x.scratch.head;
  head.clear();
  http::append_status_line(head, status);
  http::append_field(head, "Date", http::format_date(now));
  http::append_field(head, "Content-Type", "application/json");
  http::append_field(head, "Cache-Control", "no-store");
  http::append_field(head, "Content-Length", std::to_string(json.size()));
  Answer answer;
  answer.status = status;
  answer.head = head;
  answer.text = x.scratch.text;
  return answer;
}

Answer options_answer(Exchange& x, WallTime now) {
  auto& head = x.scratch.head;
  head.clear();
  http::append_status_line(head, 204);
  http::append_field(head, "Date", http::format_date(now));
  http::append_field(head, "Allow", allowed_methods(x.route));
  Answer answer;
  answer.status = 204;
  answer.head = head;
  return answer;
}

}  // namespace forebay::proxy
