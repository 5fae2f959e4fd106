// What is purged in the first line, a key in the rest. Invariants: what is understood is kept as it was
// given; a prefix is one; a purge of a URL finds what is stored by it.
#include "forebay/cache/purge.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace cache = forebay::cache;
  using cache::PurgeKind;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = text.substr(0, text.find('\n'));
  const auto key = text.substr(std::min(line.size() + 1, text.size())).substr(0, 1024);
  const auto place = cache::place_of(key);
  for (const auto kind : {PurgeKind::prefix, PurgeKind::pattern, PurgeKind::host}) {
    const auto scope = cache::UrlScope::parse(kind, line);
    if (!scope) continue;
    if (scope->text() != line || line.size() > cache::UrlScope::kMaxBytes) std::abort();
    const bool contains = scope->contains(place);
    const bool names_a_host = line.find("//") != line.npos;
    if (kind == PurgeKind::prefix && !names_a_host && contains != place.path.starts_with(line)) std::abort();
  }
  const auto digests = cache::url_digests(key);
  if (std::find(digests.begin(), digests.end(), cache::url_digest(key)) == digests.end()) std::abort();
  if (key.find('#') == key.npos &&
      cache::url_digest(std::string(key) + "#partition=0") != cache::url_digest(key))
    std::abort();
  return 0;
}
