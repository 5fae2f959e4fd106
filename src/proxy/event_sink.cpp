#include "forebay/proxy/event_sink.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "forebay/http/json_text.hpp"
#include "forebay/proxy/snapshot.hpp"

namespace forebay::proxy {

std::string_view name(EventOutcome outcome) noexcept {
  switch (outcome) {
    case EventOutcome::purged: return "purged";
    case EventOutcome::ignored: return "ignored";
    case EventOutcome::malformed: return "malformed";
  }
  return "";
}

EventResult EventSink::take(const boost::json::value& event, const Snapshot& snapshot, WallTime now) {
  const auto malformed = [this](const Error& error) -> EventResult {
    note(EventOutcome::malformed);
    return error;
  };
  const auto order = snapshot.events.order_for(event);
  if (!order) return malformed(order.error());
  EventTaken taken;
  const auto& type = event.as_object().at("type").as_string();
  taken.type.assign(type.data(), type.size());
  if (!*order) {
    note(EventOutcome::ignored);
    return taken;
  }
  const auto purges = entries_for(**order, snapshot.routes, now);
  if (!purges) return malformed(purges.error());
  taken.has_rule = true;
  taken.purges = (*order)->size();
  for (const auto& purge : *purges) taken.position = memory_.log().append(purge).position;
  note(EventOutcome::purged);
  return taken;
}

std::vector<EventResult> EventSink::take_text(std::string_view text, const Snapshot& snapshot, WallTime now) {
  if (text.size() > kMaxText)
    return refuse(fail(ErrorKind::invalid_value, "is longer than " + std::to_string(kMaxText) + " bytes"));
  const auto document = http::parse_json(text);
  if (!document) return refuse(document.error());
  const auto* const list = document->if_array();
  if (!list) return {take(*document, snapshot, now)};
  if (list->size() > kMaxEvents)
    return refuse(fail(ErrorKind::invalid_value, "has more than " + std::to_string(kMaxEvents) + " events"));
  std::vector<EventResult> results;
  for (const auto& event : *list) results.push_back(take(event, snapshot, now));
  return results;
}

std::vector<EventResult> EventSink::refuse(Error error) {
  note(EventOutcome::malformed);
  return {std::move(error)};
}

}  // namespace forebay::proxy
