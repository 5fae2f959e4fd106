#include "entry_packing.hpp"

#include <algorithm>
#include <numeric>

#include "forebay/http/coding_stream.hpp"

namespace forebay::tier {
namespace {

using http::Coding;
using http::Flush;
using Next = http::Step::Next;

std::uint64_t total(std::span<const cache::Slice> pieces) noexcept {
  return std::accumulate(pieces.begin(), pieces.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const cache::Slice& piece) { return sum + piece.size; });
}

}  // namespace

std::optional<std::string> compressed(std::span<const cache::Slice> pieces) {
  const auto size = total(pieces);
  std::string out(static_cast<std::size_t>(size), '\0');
  // The fastest level: it is done on a worker, and bodies that are worth more come coded already.
  http::Encoder encoder(Coding::zstd, http::levels(Coding::zstd).least);
  std::size_t used = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    auto input = pieces[i].view();
    const auto flush = i + 1 == pieces.size() ? Flush::finish : Flush::none;
    for (auto next = Next::drain; next == Next::drain;) {
      if (used == out.size()) return std::nullopt;
      const auto step = encoder.step(input, std::span(out).subspan(used), flush);
      input.remove_prefix(step.consumed);
      used += step.produced;
      next = step.next;
    }
  }
  if (used >= size) return std::nullopt;
  out.resize(used);
  return out;
}

bool decompress(std::string_view frame, std::uint64_t length, BodyBuilder& body) {
  http::Decoder decoder(Coding::zstd);
  for (;;) {
    char surplus = 0;
    auto room = body.room();
    room = length > 0 ? room.first(static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), length)))
                      : std::span(&surplus, 1);
    const auto step = decoder.step(frame, room, Flush::finish);
    if (!step || step->produced > length) return false;
    frame.remove_prefix(step->consumed);
    if (step->produced > 0) body.filled(step->produced);
    length -= step->produced;
    if (step->next == Next::done) return length == 0;
  }
}

}  // namespace forebay::tier
