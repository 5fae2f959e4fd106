#include "followed_reply.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "forebay/http/hop_by_hop.hpp"
#include "forebay/upstream/connect_failure.hpp"

namespace forebay::proxy {
namespace {

using tier::FlightOutcome;
using tier::FollowedFlight;

/// Where leaders are lost one after the other, this node goes on by itself.
constexpr std::uint32_t kMaxSuccessions = 4;
/// How long a new leader may take to tell its head: as long as the upstream's head may take, about.
constexpr std::chrono::milliseconds kNextHead{30'000};

Error another_one() { return fail(ErrorKind::response_incomplete, "fetched anew, it is another"); }

}  // namespace

tier::FlightHead flight_head(std::string key, cache::Position position, const upstream::Reply& reply,
                             const cache::StoredResponse& kept, std::optional<std::uint64_t> length) {
  const auto& head = reply.head();
  tier::FlightHead told;
  told.key = std::move(key);
  told.vary_names = kept.vary_names();
  told.variant_key = kept.variant_key();
  told.position = position;
  told.request_time = reply.request_time();
  told.response_time = reply.response_time();
  told.length = length;
  told.recoded_from = kept.recoded_from();
  told.status = head.status;
  http::append_status_line(told.head, head.status, head.reason);
  const http::EndToEnd end_to_end(head.fields);
  for (const auto& field : head.fields)
    if (end_to_end.passes(field) && field.id != http::FieldId::content_length)
      http::append_field(told.head, field.name, field.value);
  return told;
}

bool may_be_its_own(ErrorKind kind) noexcept {
  return upstream::is_connect_failure(kind) || kind == ErrorKind::queue_full ||
         kind == ErrorKind::queue_timeout || kind == ErrorKind::no_server;
}

http::ResponseHead head_in(const tier::FlightHead& told) {
  constexpr std::size_t kReason = std::string_view("HTTP/1.1 200 ").size();
  const std::string_view text = told.head;
  http::ResponseHead head;
  head.status = told.status;
  head.reason = text.substr(kReason, text.find("\r\n") - kReason);
  head.fields = http::fields_of(text);
  return head;
}

FollowedReply::FollowedReply(Fetch fetch, std::unique_ptr<FollowedFlight> flight, tier::FlightHead head)
    : fetch_(std::move(fetch)), flight_(std::move(flight)), told_(std::move(head)), head_(head_in(told_)) {}

io::Awaitable<void> FollowedReply::stop_sending() {
  if (own_) co_await own_->stop_sending();
}

io::Awaitable<Result<std::size_t>> FollowedReply::read_some(io::asio::mutable_buffer out) {
  for (;;) {
    if (own_) co_return co_await read_own(out);
    if (bytes_) {
      const auto left = bytes_->view().substr(taken_);
      const auto size = std::min(left.size(), out.size());
      std::memcpy(out.data(), left.data(), size);
      taken_ += size;
      if (size == left.size()) bytes_.reset();
      co_return size;
    }
    const auto way = co_await hear();
    if (!way) co_return way.error();
    if (*way == Way::ended) co_return std::size_t{0};
    if (*way == Way::ready) continue;
    const auto error = co_await go_on(*way == Way::alone);
    if (error) co_return *error;
  }
}

// ---- From another node -----------------------------------------------------------------------------------

io::Awaitable<Result<FollowedReply::Way>> FollowedReply::hear() {
  auto event = co_await flight_->next(fetch_.between_bytes, fetch_.cancel);
  if (!event) {
    if (event.error().kind == ErrorKind::cancelled) co_return event.error();
    co_return Way::alone;  // Redis is gone, or what stands there is of no use
  }
  if (std::holds_alternative<FollowedFlight::NothingYet>(*event))
    co_return fail(ErrorKind::between_bytes_timeout, "on another node");
  if (const auto* const end = std::get_if<tier::FlightEnd>(&*event)) co_return take(*end);
  auto* const bytes = std::get_if<FollowedFlight::Bytes>(&*event);
  if (!bytes) co_return Way::lost;
  const auto fresh = beyond_known(bytes->view());
  if (!fresh) co_return fresh.error();
  digest_.add(*fresh);
  received_ += fresh->size();
  if (fresh->empty()) co_return Way::ready;
  taken_ = bytes->size - fresh->size();
  bytes_ = std::move(*bytes);
  co_return Way::ready;
}

Result<FollowedReply::Way> FollowedReply::take(const tier::FlightEnd& end) {
  switch (end.outcome) {
    case FlightOutcome::complete:
      if (known_ < received_ && successions_ > 0) return another_one();  // it is shorter
      trailers_ = end.trailers;
      return Way::ended;
    case FlightOutcome::failed: return fail(end.error, "on another node");
    case FlightOutcome::look_again: return Way::lost;  // its node has stopped
    case FlightOutcome::uncacheable:
    case FlightOutcome::abandoned: break;
  }
  return Way::alone;
}

Result<std::string_view> FollowedReply::beyond_known(std::string_view bytes) {
  if (successions_ == 0 || known_ >= received_) return bytes;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), received_ - known_));
  again_.add(bytes.substr(0, size));
  known_ += size;
  if (known_ == received_ && again_.value() != digest_.value()) return another_one();
  // From here on both are the same.
  if (known_ == received_) known_ = UINT64_MAX;
  return bytes.substr(size);
}

// ---- When the leader is lost -----------------------------------------------------------------------------

/// What is fetched anew is answered to another request than the one that was told of: with its cookies it may
/// be one client's own. And as the head stays, so does what it says of the content and of storing it.
bool FollowedReply::fits(const http::ResponseHead& head, std::optional<std::uint64_t> length,
                         WallTime request_time, WallTime response_time) const {
  using http::FieldId;
  constexpr std::array kSame{FieldId::etag,
                             FieldId::last_modified,
                             FieldId::content_type,
                             FieldId::content_encoding,
                             FieldId::content_language,
                             FieldId::cache_control,
                             FieldId::vary};
  const auto is_same = [&](FieldId id) { return head.fields.find(id) == head_.fields.find(id); };
  return head.status == head_.status && length == told_.length &&
         std::all_of(kSame.begin(), kSame.end(), is_same) &&
         fetch_.may_share(head, request_time, response_time);
}

io::Awaitable<FollowedReply::MaybeError> FollowedReply::go_on(bool alone) {
  flight_.reset();
  known_ = received_ > 0 ? 0 : UINT64_MAX;
  again_ = RunningDigest();
  alone = alone || fetch_.keeps_to_itself;
  while (++successions_ <= kMaxSuccessions && !alone) {
    auto seat = co_await fetch_.worker.shared_tier->flights().join(told_.key, fetch_.position, fetch_.cancel);
    // Kept, whatever comes: a lease that nobody has would be renewed for ever.
    if (auto* const led = std::get_if<tier::LedFlightPtr>(&seat)) fetch_.led = *led;
    if (fetch_.cancel.requested()) co_return fail(ErrorKind::cancelled);
    auto* const followed = std::get_if<std::unique_ptr<FollowedFlight>>(&seat);
    if (!followed) break;
    flight_ = std::move(*followed);
    const auto way = co_await follow_next();
    if (!way) co_return way.error();
    if (*way == Way::ready) co_return std::nullopt;
    alone = *way == Way::alone;
  }
  co_return co_await take_over();
}

io::Awaitable<Result<FollowedReply::Way>> FollowedReply::follow_next() {
  auto event = co_await flight_->next(kNextHead, fetch_.cancel);
  if (!event) {
    if (event.error().kind == ErrorKind::cancelled) co_return event.error();
    co_return Way::alone;
  }
  if (const auto* const head = std::get_if<tier::FlightHead>(&*event)) {
    if (!fits(head_in(*head), head->length, head->request_time, head->response_time)) co_return another_one();
    co_return Way::ready;
  }
  const auto* const end = std::get_if<tier::FlightEnd>(&*event);
  if (!end || end->outcome != FlightOutcome::failed) co_return Way::lost;
  if (may_be_its_own(end->error)) co_return Way::alone;
  co_return fail(end->error, "on another node");
}

/// Who has the lease tells the others; it goes without, too.
io::Awaitable<FollowedReply::MaybeError> FollowedReply::take_over() {
  auto& flights = fetch_.worker.shared_tier->flights();
  flights.count(observe::ClusterFlight::succeeded);
  auto reply = co_await fetch_.ask_again();
  if (!reply) co_return reply.error();
  const auto& answer = **reply;
  if (!fits(answer.head(), (*reply)->body().length(), answer.request_time(), answer.response_time())) {
    co_await (*reply)->stop_sending();
    if (fetch_.led) {  // those who have nothing yet may have it
      fetch_.led->end({.outcome = FlightOutcome::look_again});
      fetch_.led->release();
    }
    co_return another_one();
  }
  own_ = std::move(*reply);
  if (fetch_.led) {
    auto told = told_;
    told.position = fetch_.position;
    fetch_.led->head(told);
  }
  co_return std::nullopt;
}

/// What was received before comes once more: it is compared, and told to those who follow.
io::Awaitable<Result<std::size_t>> FollowedReply::read_own(io::asio::mutable_buffer out) {
  for (;;) {
    const auto n = co_await own_->body().read_some(out);
    if (!n) co_return n;
    if (*n == 0) {
      if (known_ < received_) co_return another_one();
      trailers_ = own_->body().trailers();
      co_return std::size_t{0};
    }
    const std::string_view bytes(static_cast<const char*>(out.data()), *n);
    const auto fresh = beyond_known(bytes);
    if (!fresh) co_return fresh.error();
    tell_known(bytes.substr(0, bytes.size() - fresh->size()));
    if (fresh->empty()) continue;
    std::memmove(out.data(), fresh->data(), fresh->size());
    co_return fresh->size();
  }
}

void FollowedReply::tell_known(std::string_view bytes) {
  if (!fetch_.led || bytes.empty()) return;
  const auto size = static_cast<std::uint32_t>(bytes.size());
  auto chunk = cache::Chunk::allocate(size, &fetch_.worker.shared.memory.budget());
  std::memcpy(chunk->data(), bytes.data(), size);
  fetch_.led->append({std::move(chunk), 0, size});
}

}  // namespace forebay::proxy
