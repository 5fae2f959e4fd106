#include "redis_lookups.hpp"

#include <algorithm>
#include <utility>

#include "forebay/cache/vary.hpp"
#include "more_recent.hpp"
#include "redis_groups.hpp"

namespace forebay::tier {
namespace {

using observe::RedisLookup;
using std::chrono::milliseconds;

/// Every call has a limit of its own: this is for lookups whose asker has none.
constexpr milliseconds kNoLimit = std::chrono::hours{1};

RedisRead failed(const Error& error) noexcept {
  switch (error.kind) {
    case ErrorKind::redis_timeout: return {RedisLookup::timeout};
    case ErrorKind::cancelled: return {RedisLookup::cancelled};
    default: return {RedisLookup::unavailable};
  }
}

/// What a read of a key's variants is shared by. Like the key's own text, and other than the records' names,
/// it is no digest: those may collide.
std::string name_of(std::string_view key, const auto& variants) {
  std::string name(key);
  for (const auto& variant : variants)
    name.append("\n")
        .append(variant.record)
        .append("\n")
        .append(variant.vary_names)
        .append("\n")
        .append(variant.variant_key);
  return name;
}

}  // namespace

RedisLookups::RedisLookups(const RedisSettings& settings, const RedisTier::Dependencies& dependencies,
                           Remove remove)
    : settings_(settings),
      dependencies_(dependencies),
      remove_(std::move(remove)),
      report_(dependencies.metrics, dependencies.log),
      reads_(std::make_shared<RedisReads>(dependencies.executor)) {}

io::Awaitable<RedisTier::Lookup> RedisLookups::find(cache::PrimaryKey key, const http::Fields& request,
                                                    RedisTier::Limits limits) {
  const auto self = shared_from_this();
  const auto limit = limits.time > milliseconds{0} ? limits.time : kNoLimit;
  const auto until = dependencies_.clock.steady_now() + limit;
  const RedisKeys keys(settings_.name_space, key.digest);
  const RedisReads::Work work = [self, keys, text = std::string(key.text)](io::Cancel& cancel) {
    return self->read_key(text, keys, cancel);
  };
  auto read = co_await reads_->share(std::string(key.text), work, limit, limits.cancel);
  RedisTier::Lookup lookup;
  if (read.variants) {
    lookup.vary_names = read.variants->names.front();
    auto variants = selected(keys, *read.variants, request);
    auto name = name_of(key.text, variants);
    const RedisReads::Work more = [self, keys, text = std::string(key.text),
                                   variants = std::move(variants)](io::Cancel& cancel) {
      return self->read_variants(text, keys, variants, cancel);
    };
    const auto left = std::max(until - dependencies_.clock.steady_now(), milliseconds{1});
    read = co_await reads_->share(std::move(name), more, left, limits.cancel);
  }
  dependencies_.metrics.redis_lookups[static_cast<std::size_t>(read.result)].add();
  lookup.result = read.result;
  lookup.response = std::move(read.response);
  co_return lookup;
}

// ---- Records ---------------------------------------------------------------------------------------------

/// The texts of these records, nil for those that are not there.
io::Awaitable<RedisLookups::Replies> RedisLookups::get(std::vector<std::string> records, io::Cancel& cancel) {
  // close() has called off every read before the client goes.
  if (cancel.requested()) co_return fail(ErrorKind::cancelled);
  std::vector<RedisCommand> commands;
  commands.reserve(records.size());
  for (const auto& record : records) commands.push_back(RedisCommand{"GET"}.key(record));
  auto replies = co_await dependencies_.client.call_all(std::move(commands), {milliseconds{0}, &cancel});
  if (replies.has_error()) co_return replies;
  for (const auto& reply : *replies) {
    if (!reply.is_nil() && !reply.is_string()) co_return fail(ErrorKind::redis_error, reply.text);
    dependencies_.metrics.redis_read_bytes.add(reply.text.size());
  }
  co_return replies;
}

io::Awaitable<RedisRead> RedisLookups::read_key(std::string key, RedisKeys keys, io::Cancel& cancel) {
  const auto self = shared_from_this();
  std::vector<std::string> names{keys.record()};
  const auto replies = co_await get(std::move(names), cancel);
  if (replies.has_error()) co_return failed(replies.error());
  if (replies->front().is_nil()) co_return RedisRead{};
  auto& memory = dependencies_.memory;
  Reservation reserved(memory.budget());
  if (!memory.reserve(reserved, BodyBuilder::charge_of(kMaxInlineBody)))
    co_return RedisRead{RedisLookup::no_room};
  auto record = decode_key_record(replies->front().text, key, &memory.budget());
  reserved.release();
  if (record.has_error()) {
    report(keys.record(), record.error());
    co_return RedisRead{RedisLookup::corrupt};
  }
  if (auto* const variants = std::get_if<Variants>(&*record)) {
    RedisRead read;
    read.variants = std::move(*variants);
    co_return read;
  }
  co_return co_await with_body(std::get<Entry>(std::move(*record)), std::move(keys), cancel);
}

io::Awaitable<RedisRead> RedisLookups::read_variants(std::string key, RedisKeys keys,
                                                     std::vector<Variant> variants, io::Cancel& cancel) {
  const auto self = shared_from_this();
  std::vector<std::string> names;
  for (const auto& variant : variants) names.push_back(variant.record);
  const auto replies = co_await get(std::move(names), cancel);
  if (replies.has_error()) co_return failed(replies.error());
  auto& memory = dependencies_.memory;
  Reservation reserved(memory.budget());
  if (!memory.reserve(reserved, variants.size() * BodyBuilder::charge_of(kMaxInlineBody)))
    co_return RedisRead{RedisLookup::no_room};
  RedisRead read;
  auto entry = newest(key, variants, *replies, read);
  reserved.release();
  if (!entry.response) co_return read;
  co_return co_await with_body(std::move(entry), std::move(keys), cancel);
}

/// What the request's values select, for each set of names.
std::vector<RedisLookups::Variant> RedisLookups::selected(const RedisKeys& keys, const Variants& variants,
                                                          const http::Fields& request) const {
  std::vector<Variant> all;
  all.reserve(variants.names.size());
  for (const auto& names : variants.names) {
    std::string values;
    cache::append_variant_key(values, names, request);
    auto record = keys.variant(variants.generation, names, values);
    all.push_back({std::move(record), names, std::move(values)});
  }
  return all;
}

/// The newest of those that are there; says in `read` why there is none.
Entry RedisLookups::newest(std::string_view key, std::span<const Variant> variants,
                           std::span<const RedisReply> replies, RedisRead& read) {
  Entry found;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (replies[i].is_nil()) continue;
    const auto& variant = variants[i];
    auto entry = decode_entry(replies[i].text, {key, variant.vary_names, variant.variant_key},
                              &dependencies_.memory.budget());
    if (entry.has_error()) {
      report(variant.record, entry.error());
      read.result = RedisLookup::corrupt;
    } else if (!found.response || is_more_recent(*entry->response, *found.response)) {
      found = std::move(*entry);
    }
  }
  return found;
}

// ---- Bodies ----------------------------------------------------------------------------------------------

/// A group of chunks is asked for when the one before has been taken over: so much waits here, and no more.
io::Awaitable<RedisRead> RedisLookups::with_body(Entry entry, RedisKeys keys, io::Cancel& cancel) {
  if (is_too_large(entry.response->body_size())) co_return RedisRead{RedisLookup::too_large};
  if (!entry.chunked) co_return RedisRead{RedisLookup::hit, std::move(entry.response)};
  const auto self = shared_from_this();
  const auto layout = *entry.chunked;
  const auto key = digest(entry.response->key());
  if (is_too_large(layout.length)) co_return RedisRead{RedisLookup::too_large};
  auto& memory = dependencies_.memory;
  Reservation reserved(memory.budget());
  Reservation arriving(memory.budget(), ChargeKind::buffers);
  if (!memory.reserve(reserved, BodyBuilder::charge_of(layout.length)) ||
      !memory.reserve(arriving, group_bytes(layout)))
    co_return RedisRead{RedisLookup::no_room};
  BodyBuilder body(layout.length, &memory.budget());
  for (std::uint32_t first = 0; first < layout.chunks();) {
    const auto records = group_of(keys, layout, first);
    const auto replies = co_await get(records, cancel);
    if (replies.has_error()) co_return failed(replies.error());
    const auto before = body.charged();
    const auto result = append_chunks(key, layout, first, records, *replies, body);
    reserved.give_back(body.charged() - before);
    if (result != RedisLookup::hit) co_return RedisRead{result};
    first += static_cast<std::uint32_t>(records.size());
  }
  co_return RedisRead{RedisLookup::hit, with_chunked_body(*entry.response, body.finish())};
}

/// A chunk that cannot be used is removed, for a writer would take it for the one that he has.
RedisLookup RedisLookups::append_chunks(const Digest& key, const ChunkedBody& layout, std::uint32_t first,
                                        std::span<const std::string> records,
                                        std::span<const RedisReply> replies, BodyBuilder& body) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (replies[i].is_nil()) return RedisLookup::incomplete;
    const auto number = first + static_cast<std::uint32_t>(i);
    const auto decoded = decode_chunk(replies[i].text, layout, number, body);
    if (decoded.has_error()) {
      report(records[i], decoded.error());
      remove_(key, records[i]);
      return RedisLookup::corrupt;
    }
  }
  return RedisLookup::hit;
}

/// Another node may have other limits.
bool RedisLookups::is_too_large(std::uint64_t body_length) const noexcept {
  return body_length > std::min(settings_.max_body, dependencies_.memory.max_body());
}

void RedisLookups::report(std::string_view record, EntryFault fault) {
  report_.unusable(record, fault, dependencies_.clock.steady_now());
}

}  // namespace forebay::tier
