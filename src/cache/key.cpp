#include "forebay/cache/key.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "forebay/base/strings.hpp"

namespace forebay::cache {
namespace {

using http::FieldId;

Error malformed(std::string detail) { return fail(ErrorKind::request_malformed, std::move(detail)); }

/// An authority with the text it was read from.
struct Named {
  std::string_view text;
  http::Authority parts;
};

Result<Named> read_authority(std::string_view text) {
  const auto parts = http::parse_authority(text);
  if (!parts) return parts.error();
  return Named{text, *parts};
}

/// The Host line, checked even where the target overrides it (RFC 9112 §3.2): exactly one, and valid.
Result<Named> named_by_host(const http::RequestHead& request) {
  const auto lines = request.fields.count(FieldId::host);
  if (lines > 1) return malformed("more than one Host field");
  if (lines == 0) {
    if (request.minor_version >= 1) return malformed("no Host field");
    return Named{"localhost", {"localhost", 0}};
  }
  return read_authority(*request.fields.find(FieldId::host));
}

/// The scheme of the effective URI: the connection's, and an absolute target has to say the same (RFC 9110
/// §7.4).
Result<std::string_view> scheme_of(const http::Target& target, std::string_view connection_scheme) {
  if (target.form == http::TargetForm::absolute && !iequals(target.scheme, connection_scheme)) {
    return malformed("a target for " + std::string(target.scheme) + " on a connection for " +
                     std::string(connection_scheme));
  }
  return connection_scheme == "https" ? std::string_view("https") : std::string_view("http");
}

constexpr std::string_view kPartitionMark = "#partition=";
constexpr std::string_view kQueryMark = "#query=";
/// What follows the mark: a digest, '+', and the length in as many digits as it may need, so that the end of
/// a key tells whether it is a QUERY's.
constexpr std::size_t kQuerySuffix = kQueryMark.size() + kHexDigits + 1 + kMaxDecimalDigits;

/// Representation metadata (RFC 9110 §8): Content-Type, Content-Encoding and whatever else is said about the
/// content; Connection cannot keep these from the origin (http/hop_by_hop). Its length counts by itself,
/// however it was framed.
bool describes_content(const http::Field& field) noexcept {
  constexpr std::string_view kPrefix = "Content-";
  return field.id != FieldId::content_length && iequals(field.name.substr(0, kPrefix.size()), kPrefix);
}

char* put(char* to, std::string_view text) noexcept { return std::copy(text.begin(), text.end(), to); }

}  // namespace

Result<EffectiveUri> effective_uri(const http::RequestHead& request, std::string_view connection_scheme) {
  const auto target = http::parse_target(request.method, request.target);
  if (!target) return target.error();
  auto named = named_by_host(request);
  if (named && !target->authority.empty()) named = read_authority(target->authority);  // RFC 9112 §3.2.2
  if (!named) return named.error();
  const auto scheme = scheme_of(*target, connection_scheme);
  if (!scheme) return scheme.error();

  EffectiveUri uri;
  uri.scheme = *scheme;
  uri.authority = named->text;
  uri.host = named->parts.host;
  uri.port = named->parts.port != 0 ? named->parts.port : http::default_port(uri.scheme);
  uri.path = target->path;
  uri.query = target->query;
  uri.has_query = target->has_query;
  return uri;
}

void write_primary_key(std::string& out, const EffectiveUri& uri) {
  // Sized once for the longest it can become and then filled: this runs for every request.
  constexpr std::size_t kMarks = std::string_view("://:?").size();
  out.resize(uri.scheme.size() + uri.host.size() + kMaxDecimalDigits + uri.path.size() + uri.query.size() +
             kMarks);
  auto* to = put(put(out.data(), uri.scheme), "://");
  for (const char c : uri.host) *to++ = to_lower(c);
  *to++ = ':';
  to += write_decimal(to, uri.port);
  to = put(to, uri.path);
  if (uri.has_query) to = put(put(to, "?"), uri.query);
  out.resize(static_cast<std::size_t>(to - out.data()));
}

void append_partition(std::string& key, const Digest& partition) {
  key.append(kPartitionMark);
  const auto begin = key.size();
  key.resize(begin + kHexDigits);
  write_hex(key.data() + begin, partition);
}

bool is_partitioned(std::string_view key) noexcept { return !partition_in(key).empty(); }

std::string_view partition_in(std::string_view key) noexcept {
  return key.substr(std::min(key.find(kPartitionMark), key.size()));
}

void append_query_content(std::string& key, const http::Fields& request, std::string_view content) {
  std::vector<std::string> names;
  names.reserve(request.size());  // their views stay good
  std::vector<std::string_view> pieces{content};
  for (const auto& field : request) {
    if (!describes_content(field)) continue;
    pieces.push_back(names.emplace_back(lower(field.name)));
    pieces.push_back(field.value);
  }
  const auto length = std::to_string(content.size());
  key.append(kQueryMark).append(to_hex(strong_digest(pieces))).append("+");
  key.append(kMaxDecimalDigits - length.size(), '0').append(length);
}

std::string_view key_without_content(std::string_view key) noexcept {
  if (key.size() < kQuerySuffix) return {};
  const auto uri = key.substr(0, key.size() - kQuerySuffix);
  return key.substr(uri.size()).starts_with(kQueryMark) ? uri : std::string_view();
}

}  // namespace forebay::cache
