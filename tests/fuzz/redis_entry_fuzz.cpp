// A record from Redis, as it is and then with a size and checksum that are right, which nobody finds by
// chance. Invariants: what is read is a response that may be sent, and it comes back the same when it is
// written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "../support/kept.hpp"
#include "forebay/http/message.hpp"
#include "tier/entry_codec.hpp"

namespace {

using namespace forebay;
using namespace forebay::tier;

constexpr std::string_view kKey = "http://a:80/";
constexpr ChunkedBody kLayout{{1, 2}, 10'000, 4096};

void check(bool holds) {
  if (!holds) std::abort();
}

void check_again(const cache::StoredResponse& stored, const Wanted& wanted) {
  const auto again = encode_entry(stored, Packing::zstd);
  check(again.has_value());
  const auto entry = decode_entry(*again, wanted);
  check(entry && !entry->chunked && test::is_same(*entry->response, stored));
}

void check_entry(const Entry& entry, const Wanted& wanted) {
  const auto& stored = *entry.response;
  check(stored.key() == wanted.key && stored.vary_names() == wanted.vary_names);
  check(stored.head().ends_with("\r\n") && stored.head().find("\r\n\r\n") == std::string_view::npos);
  http::for_each_line(stored.head(), [](std::string_view name, std::string_view value) {
    check(!name.empty() && value.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos);
  });
  if (!entry.chunked) return check_again(stored, wanted);
  check(entry.chunked->chunks() > 0 && entry.chunked->chunks() <= kMaxChunks && !stored.body());
}

void check_variants(const Variants& variants) {
  check(!variants.names.empty() && variants.names.size() <= kMaxNameSets);
  const auto again = decode_key_record(encode_variants(kKey, variants), kKey);
  check(again && std::get<Variants>(*again) == variants);
}

void check_record(std::string_view record) {
  if (const auto read = decode_key_record(record, kKey)) {
    if (const auto* entry = std::get_if<Entry>(&*read)) check_entry(*entry, {kKey});
    if (const auto* variants = std::get_if<Variants>(&*read)) check_variants(*variants);
  }
  const Wanted variant{kKey, "accept", "1:a"};
  if (const auto entry = decode_entry(record, variant)) check_entry(*entry, variant);
  for (std::uint32_t number = 0; number < kLayout.chunks(); ++number) {
    BodyBuilder body(kLayout.length_of(number));
    if (decode_chunk(record, kLayout, number, body)) check(body.missing() == 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string record(reinterpret_cast<const char*>(data), size);
  check_record(record);
  if (record.size() < kEnvelopeHead) return 0;
  seal(record);
  check_record(record);
  return 0;
}
