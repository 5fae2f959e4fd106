#include "recode_stored.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coded_body.hpp"
#include "forebay/cache/recoded.hpp"
#include "forebay/cache/vary.hpp"
#include "forward_head.hpp"
#include "recorder.hpp"

namespace forebay::proxy {
namespace {

namespace asio = io::asio;
using http::Coding;
using http::Flush;
using Next = http::Step::Next;

constexpr std::size_t kPiece = std::size_t{16} * 1024;

/// The request's fields as if it asked for this coding.
http::Fields asking_for(const Exchange& x, Coding coding) {
  auto fields = x.request.fields;
  fields.set(http::FieldId::accept_encoding, "Accept-Encoding", http::token(coding));
  return fields;
}

/// The codings that a request on this route may ask for. What is not coded first: nothing need be undone
/// then.
std::vector<Coding> codings_of(const cache::Policy& policy) {
  auto codings = policy.encodings;
  codings.insert(codings.begin(), Coding::identity);
  return codings;
}

/// What is to be done with a response so that it answers the request.
cache::CodingPlan plan_for(const Exchange& x, const cache::StoredResponse& stored,
                           std::optional<std::uint64_t> length) {
  if (stored.freshness().no_transform) return {};
  const http::ResponseHead head{stored.status(), {}, 1, http::fields_of(stored.head())};
  return cache::plan_coding(x.request.fields, head, length, x.route->policy);
}

/// What the store has for the request if it asked for this coding.
cache::StoredResponsePtr find_in(Worker& worker, Exchange& x, Coding coding) {
  const auto found = worker.shared.memory.find(x.key, asking_for(x, coding), x.scratch.variant);
  if (!found.response || found.response->is_incomplete()) return nullptr;
  const auto reuse = cache::decide(x.control, found, x.route->policy, worker.shared.clock.now(), 1);
  return reuse.serves() && !reuse.stale ? found.response : nullptr;
}

/// One body on its way through a recoder into a recorder.
class Recoding {
 public:
  Recoding(Worker& worker, const cache::CodingPlan& plan, Recorder& recorder)
      : worker_(worker),
        recoder_(plan.from, plan.to),
        recorder_(recorder),
        out_(std::make_unique<std::array<char, kPiece>>()) {}

  /// False when there is no use in going on.
  io::Awaitable<bool> take(std::string_view input, Flush flush) {
    do {
      auto piece = input.substr(0, kPiece);
      input.remove_prefix(piece.size());
      const auto behind = input.empty() ? flush : Flush::none;
      for (auto next = Next::drain; next == Next::drain;) {
        const auto step = recoder_.step(piece, *out_, behind);
        if (!step) worker_.metrics.recoding_failures.add();
        if (!step) co_return false;
        recorder_.take({out_->data(), step->produced});
        if (!recorder_.is_recording()) co_return false;
        piece.remove_prefix(step->consumed);
        next = step->next;
        co_await asio::post(worker_.executor, io::kUse);
      }
    } while (!input.empty());
    co_return true;
  }

 private:
  Worker& worker_;
  http::Recoder recoder_;
  Recorder& recorder_;
  std::unique_ptr<std::array<char, kPiece>> out_;
};

}  // namespace

std::optional<Sibling> find_sibling(Worker& worker, Exchange& x) {
  const auto& policy = x.route->policy;
  if (policy.encodings.empty()) return std::nullopt;
  const auto wanted = cache::wanted_coding(x.request.fields);
  for (const auto coding : codings_of(policy)) {
    if (coding == wanted) continue;
    auto stored = find_in(worker, x, coding);
    if (!stored || !stored->body()) continue;
    const auto plan = plan_for(x, *stored, stored->body_size());
    if (plan.changes() && plan.to == wanted) return Sibling{std::move(stored), plan};
  }
  return std::nullopt;
}

bool will_be_sibling(const Exchange& x, const cache::StoredResponse& arriving) {
  const auto& policy = x.route->policy;
  if (policy.encodings.empty() || arriving.is_incomplete()) return false;
  const auto plan = plan_for(x, arriving, std::nullopt);
  if (!plan.changes() || plan.to != cache::wanted_coding(x.request.fields)) return false;
  const auto codings = codings_of(policy);
  return std::any_of(codings.begin(), codings.end(), [&](Coding coding) {
    std::string variant;
    cache::append_variant_key(variant, arriving.vary_names(), asking_for(x, coding));
    return variant == arriving.variant_key();
  });
}

io::Awaitable<void> wait_for_end(Worker& worker, Exchange& x, std::shared_ptr<flight::BodyFeed> feed,
                                 std::chrono::milliseconds limit) {
  const auto reader = feed->join(worker.executor);
  if (!reader) co_return;
  const auto& clock = worker.shared.clock;
  const auto end = clock.steady_now() + limit;
  x.gone.on_request([&reader] { reader->cancel(); });
  while (!x.gone.requested() && clock.steady_now() < end) {
    const auto slices = co_await reader->next(limit);
    if (!slices || slices->empty()) break;
  }
  x.gone.on_request({});
}

io::Awaitable<bool> recode_stored(Worker& worker, Exchange& x, Sibling sibling) {
  auto& memory = worker.shared.memory;
  const auto& stored = *sibling.response;
  tier::Reservation charged(memory.budget(), tier::ChargeKind::buffers);
  if (!memory.reserve(charged, recoding_bytes(sibling.plan))) co_return false;
  worker.metrics.recodings.add();
  const auto fields = forwarded_fields(x.request.fields, ForwardAs::shared_fetch, x.route->policy.key);
  Recorder recorder(memory, cache::recoded(stored, sibling.plan, fields));
  Recoding recoding(worker, sibling.plan, recorder);
  for (const auto& slice : stored.body()->slices()) {
    const bool goes_on = co_await recoding.take(slice.view(), Flush::none);
    if (!goes_on) co_return false;
  }
  const bool whole = co_await recoding.take({}, Flush::finish);
  if (!whole) co_return false;
  const auto verdict = recorder.store(x.request.fields);
  (verdict == cache::StoreVerdict::stored ? worker.metrics.stored : worker.metrics.not_stored).add();
  if (recorder.stored()) worker.share(*recorder.stored(), x.route->policy);
  co_return verdict == cache::StoreVerdict::stored;
}

}  // namespace forebay::proxy
