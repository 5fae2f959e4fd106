#include "forebay/tier/invalidation_log.hpp"

#include <algorithm>
#include <utility>

namespace forebay::tier {

using cache::Position;
using cache::Purged;
using cache::PurgeKind;
using cache::PurgeMode;

// ---- what is kept of one name ---------------------------------------------------------------------------

void InvalidationLog::Last::note(PurgeMode mode, Position position, WallTime when) noexcept {
  by_mode[static_cast<std::size_t>(mode)] = position;
  if (mode != PurgeMode::hard) at = when;
}

void InvalidationLog::Last::merge(const Last& other) noexcept {
  for (std::size_t mode = 0; mode < by_mode.size(); ++mode)
    by_mode[mode] = std::max(by_mode[mode], other.by_mode[mode]);
  at = std::max(at, other.at);
}

Position InvalidationLog::Last::latest() const noexcept {
  return *std::max_element(by_mode.begin(), by_mode.end());
}

Purged InvalidationLog::Last::since(Position position) const noexcept {
  for (const auto mode : {PurgeMode::hard, PurgeMode::soft, PurgeMode::refresh})
    if (by_mode[static_cast<std::size_t>(mode)] > position) return {mode, at};
  return {};
}

// ---- names ----------------------------------------------------------------------------------------------

InvalidationLog::Last& InvalidationLog::Names::append(const Digest& digest, Position position) {
  newest.push_back({position, digest});
  latest = position;
  return last[digest];
}

void InvalidationLog::Names::forget_beyond(std::size_t capacity) {
  while (newest.size() > capacity) {
    const auto oldest = newest.front();
    newest.pop_front();
    const auto at = last.find(oldest.digest);
    if (at == last.end() || at->second.latest() != oldest.position) continue;  // it has a newer entry
    floor.merge(at->second);
    last.erase(at);
  }
}

Purged InvalidationLog::Names::since(const Digest& digest, Position position) const {
  if (latest <= position) return {};
  auto purged = floor.since(position);
  if (const auto at = last.find(digest); at != last.end()) purged.add(at->second.since(position));
  return purged;
}

// ---- prefixes, patterns, hosts --------------------------------------------------------------------------

InvalidationLog::Last& InvalidationLog::Scopes::append(const cache::UrlScope& scope) {
  const auto known = std::find_if(newest.begin(), newest.end(),
                                  [&](const Entry& entry) { return entry.scope.text() == scope.text(); });
  Entry entry{scope, {}};
  if (known != newest.end()) {
    entry.last = known->last;
    newest.erase(known);
  }
  return newest.emplace_back(std::move(entry)).last;
}

void InvalidationLog::Scopes::forget_beyond(std::size_t capacity) {
  while (newest.size() > capacity) {
    floor.merge(newest.front().last);
    newest.pop_front();
  }
}

Purged InvalidationLog::Scopes::since(const cache::Place& place, Position position) const {
  auto purged = floor.since(position);
  for (auto at = newest.rbegin(); at != newest.rend() && at->last.latest() > position; ++at)
    if (at->scope.contains(place)) purged.add(at->last.since(position));
  return purged;
}

// ---- the log --------------------------------------------------------------------------------------------

InvalidationLog::Appended InvalidationLog::append(const cache::Purge& purge) {
  return add(purge, 0, From::here);
}

InvalidationLog::Appended InvalidationLog::add(const cache::Purge& purge, Position at, From from) {
  const std::lock_guard lock(mutex_);
  if (relay_ && from == From::here) relay_->relay(purge);
  const auto position = std::max(at, last_.load(std::memory_order_relaxed) + 1);
  Position previous = 0;
  const auto note = [&](Last& last, Position unknown_before) {
    previous = std::max(last.latest(), unknown_before);
    last.note(purge.mode, position, purge.at);
  };
  const auto add_name = [&](Names& names) {
    note(names.append(purge.digest, position), names.floor.latest());
    names.forget_beyond(max_names_);
  };
  const auto add_scope = [&](Scopes& scopes) {
    note(scopes.append(purge.scope), scopes.floor.latest());
    scopes.forget_beyond(max_scopes_);
  };
  switch (purge.kind) {
    case PurgeKind::key: add_name(keys_); break;
    case PurgeKind::url: add_name(urls_); break;
    case PurgeKind::tag: add_name(tags_); break;
    case PurgeKind::prefix: add_scope(prefixes_); break;
    case PurgeKind::pattern: add_scope(patterns_); break;
    case PurgeKind::host: add_scope(hosts_); break;
    case PurgeKind::everything: note(everything_, 0); break;
  }
  counts_[static_cast<std::size_t>(purge.kind)][static_cast<std::size_t>(purge.mode)].fetch_add(
      1, std::memory_order_relaxed);
  last_.store(position, std::memory_order_release);
  if (purge.kind == PurgeKind::key) return {position, previous};
  lazy_.store(position, std::memory_order_release);
  if (purge.kind != PurgeKind::tag) lazy_untagged_.store(position, std::memory_order_release);
  return {position, previous};
}

Position InvalidationLog::settled_position() const {
  const std::lock_guard lock(mutex_);
  return position();
}

Position InvalidationLog::floor() const {
  const std::lock_guard lock(mutex_);
  Position highest = 0;
  for (const auto* names : {&keys_, &urls_, &tags_}) highest = std::max(highest, names->floor.latest());
  for (const auto* scopes : {&prefixes_, &patterns_, &hosts_})
    highest = std::max(highest, scopes->floor.latest());
  return highest;
}

Purged InvalidationLog::named_since(std::string_view key, std::span<const Digest> tags,
                                    Position since) const {
  auto purged = everything_.since(since);
  if (urls_.latest > since) purged.add(urls_.since(cache::url_digest(key), since));
  for (const auto& tag : tags) purged.add(tags_.since(tag, since));
  const auto place = cache::place_of(key);
  for (const auto* scopes : {&prefixes_, &patterns_, &hosts_}) purged.add(scopes->since(place, since));
  return purged;
}

Purged InvalidationLog::lazily_purged_since(std::string_view key, std::span<const Digest> tags,
                                            Position since) const {
  if (since >= lazy_position(!tags.empty())) return {};  // nothing at all came after it
  const std::lock_guard lock(mutex_);
  return named_since(key, tags, since);
}

Purged InvalidationLog::purged_since(const cache::PrimaryKey& key, std::span<const Digest> tags,
                                     Position since) const {
  if (since >= position()) return {};
  const auto uri = cache::key_without_content(key.text);
  const std::lock_guard lock(mutex_);
  auto purged = named_since(key.text, tags, since);
  purged.add(keys_.since(key.digest, since));
  if (!uri.empty()) purged.add(keys_.since(forebay::digest(uri), since));
  return purged;
}

bool InvalidationLog::uri_invalidated_since(std::string_view key, Position since) const {
  const auto uri = cache::key_without_content(key);
  if (uri.empty() || since >= position()) return false;
  const std::lock_guard lock(mutex_);
  return keys_.since(forebay::digest(uri), since).is_hard();
}

}  // namespace forebay::tier
