#include "log_entry.hpp"

#include <chrono>

#include "forebay/base/strings.hpp"

namespace forebay::tier {
namespace {

using cache::Position;
using cache::Purge;
using cache::PurgeKind;
using cache::PurgeMode;

constexpr unsigned kSequenceBits = 20;
constexpr std::uint64_t kMaxSequence = (1ULL << kSequenceBits) - 1;
constexpr std::uint64_t kMaxMilliseconds = (1ULL << (64 - kSequenceBits)) - 1;
constexpr std::size_t kMaxNode = 64;

/// Of the format. One that is raised says that older nodes would misunderstand an entry.
constexpr std::string_view kVersion = "1";

Error malformed(std::string_view what) {
  return fail(ErrorKind::invalid_value, "an entry of the invalidation log " + std::string(what));
}

std::optional<PurgeKind> kind_named(std::string_view text) noexcept {
  for (std::size_t i = 0; i < cache::kPurgeKinds; ++i)
    if (name(static_cast<PurgeKind>(i)) == text) return static_cast<PurgeKind>(i);
  return std::nullopt;
}

std::optional<PurgeMode> mode_named(std::string_view text) noexcept {
  for (const auto mode : {PurgeMode::refresh, PurgeMode::soft, PurgeMode::hard})
    if (name(mode) == text) return mode;
  return std::nullopt;
}

bool is_digest_kind(PurgeKind kind) noexcept {
  return kind == PurgeKind::key || kind == PurgeKind::url || kind == PurgeKind::tag;
}

std::string text_of(const Purge& purge) {
  return is_digest_kind(purge.kind) ? to_hex(purge.digest) : purge.scope.text();
}

/// What the entry names.
Result<Purge> read_purge(PurgeKind kind, std::string_view text) {
  if (!is_digest_kind(kind)) return Purge::parse(kind, text);
  const auto digest = from_hex(text);
  if (!digest) return malformed("names something that is no digest");
  Purge purge;
  purge.kind = kind;
  purge.digest = *digest;
  return purge;
}

struct Fields {
  std::optional<std::string_view> version, kind, mode, text, time, node, number;

  std::optional<std::string_view>* named(std::string_view name) noexcept {
    if (name == "v") return &version;
    if (name == "kind") return &kind;
    if (name == "mode") return &mode;
    if (name == "what") return &text;
    if (name == "at") return &time;
    if (name == "node") return &node;
    if (name == "n") return &number;
    return nullptr;
  }
};

Result<Fields> fields_in(const RedisReply& reply) {
  if (!reply.is_array() || reply.elements.size() % 2 != 0) return malformed("is no list of names and values");
  Fields fields;
  for (std::size_t i = 0; i < reply.elements.size(); i += 2) {
    const auto& name = reply.elements[i];
    const auto& value = reply.elements[i + 1];
    if (!name.is_string() || !value.is_string()) return malformed("is no list of names and values");
    auto* const field = fields.named(name.text);
    if (!field) continue;
    if (*field) return malformed("says \"" + name.text + "\" twice");
    *field = value.text;
  }
  return fields;
}

}  // namespace

std::optional<Position> position_of(std::string_view id) noexcept {
  const auto dash = id.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto milliseconds = parse_decimal(id.substr(0, dash));
  const auto sequence = parse_decimal(id.substr(dash + 1));
  if (!milliseconds || !sequence || *milliseconds > kMaxMilliseconds || *sequence > kMaxSequence)
    return std::nullopt;
  return *milliseconds << kSequenceBits | *sequence;
}

std::string id_at(Position position) {
  return std::to_string(position >> kSequenceBits) + "-" + std::to_string(position & kMaxSequence);
}

void append_fields(RedisCommand& command, const LogEntry& entry) {
  const auto at = entry.purge.at.time_since_epoch().count();
  command.add("v")
      .add(kVersion)
      .add("kind")
      .add(name(entry.purge.kind))
      .add("mode")
      .add(name(entry.purge.mode));
  command.add("what").add(text_of(entry.purge)).add("at").add(std::to_string(at));
  command.add("node").add(entry.node).add("n").add(std::to_string(entry.number));
}

Result<LogEntry> read_fields(const RedisReply& reply) {
  const auto fields = fields_in(reply);
  if (!fields) return fields.error();
  if (fields->version != kVersion) return malformed("has a version that is not known here");
  const auto kind = kind_named(fields->kind.value_or(""));
  if (!kind) return malformed("has no kind that is known here");
  const auto mode = mode_named(fields->mode.value_or(""));
  if (!mode) return malformed("has no mode that is known here");
  const auto at = parse_decimal(fields->time.value_or(""));
  if (!at || *at > kMaxMilliseconds) return malformed("has no time");
  const auto number = parse_decimal(fields->number.value_or(""));
  if (!number) return malformed("has no number");
  const auto node = fields->node.value_or("");
  if (node.empty() || node.size() > kMaxNode) return malformed("does not say which node has made it");
  auto purge = read_purge(*kind, fields->text.value_or(""));
  if (!purge) return purge.error();
  purge->mode = *mode;
  purge->at = WallTime(std::chrono::milliseconds(*at));
  return LogEntry{*std::move(purge), std::string(node), *number};
}

}  // namespace forebay::tier
