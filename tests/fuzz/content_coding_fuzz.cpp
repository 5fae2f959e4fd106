// The first byte chooses a coding, a level and how the rest is cut. The rest is decoded: what comes out is
// the same however it arrives and however little room there is for it. Then it is coded and must come back.
// At last it is an Accept-Encoding field, and what is chosen is acceptable.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "forebay/http/coding_stream.hpp"
#include "forebay/http/content_coding.hpp"

using namespace forebay;

namespace {

using http::Coding;
using http::CodingSet;
using http::Flush;
using Next = http::Step::Next;

constexpr std::size_t kMostDecoded = std::size_t{1}
                                     << 14;  // where decoding is given up, so that bombs cost little

void check(bool holds) {
  if (!holds) std::abort();
}

struct Decoded {
  enum class Verdict { whole, refused, too_large };
  Verdict verdict = Verdict::whole;
  std::string body;
};

/// `piece` bytes are there each time, `room` bytes of the body are taken at once.
Decoded decode(std::string_view text, Coding coding, std::size_t piece, std::size_t room) {
  http::Decoder decoder(coding);
  Decoded all;
  std::string out(room, '\0');
  for (int idle = 0;;) {
    const auto given = text.substr(0, piece);
    const auto flush = given.size() == text.size() ? Flush::finish : Flush::none;
    const auto step = decoder.step(given, out, flush);
    if (!step) {
      check(step.error().kind == ErrorKind::response_malformed && !step.error().detail.empty());
      all.verdict = Decoded::Verdict::refused;
      return all;
    }
    check(step->consumed <= given.size() && step->produced <= room);
    check(step->next == Next::drain || step->consumed == given.size());
    all.body.append(out, 0, step->produced);
    text.remove_prefix(step->consumed);
    if (step->next == Next::done) return all;
    if (all.body.size() > kMostDecoded) {
      all.verdict = Decoded::Verdict::too_large;
      return all;
    }
    idle = step->consumed + step->produced > 0 ? 0 : idle + 1;
    check(idle < 3);
  }
}

void check_decoding(std::string_view text, Coding coding) {
  const auto whole = decode(text, coding, std::max<std::size_t>(text.size(), 1), 4096);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::max<std::size_t>(text.size(), 1)}) {
    for (const std::size_t room : {std::size_t{5}, kMostDecoded}) {
      const auto other = decode(text, coding, piece, room);
      if (whole.verdict == Decoded::Verdict::too_large || other.verdict == Decoded::Verdict::too_large) {
        continue;  // whether something wrong follows is seen by those with the greater steps only
      }
      check(other.verdict == whole.verdict);
      check(whole.verdict != Decoded::Verdict::whole || other.body == whole.body);
    }
  }
}

std::string encode(std::string_view text, Coding coding, int level, std::size_t piece, Flush between) {
  http::Encoder encoder(coding, level);
  std::string all;
  std::string out(http::kFlushRoom + piece, '\0');
  for (;;) {
    auto given = text.substr(0, piece);
    text.remove_prefix(given.size());
    const auto flush = text.empty() ? Flush::finish : between;
    for (auto next = Next::drain; next == Next::drain;) {
      const auto step = encoder.step(given, out, flush);
      check(step.consumed <= given.size() && step.produced <= out.size());
      check(step.consumed > 0 || step.produced > 0 || step.next != Next::drain);
      check(step.next == Next::drain || step.consumed == given.size());
      all.append(out, 0, step.produced);
      given.remove_prefix(step.consumed);
      next = step.next;
      if (next == Next::done) return all;
    }
  }
}

void check_choice(std::string_view value) {
  http::Fields request;
  request.add(http::FieldId::accept_encoding, "Accept-Encoding", value);
  const auto acceptable = http::acceptable_codings(request);
  constexpr Coding kAll[] = {Coding::zstd, Coding::br, Coding::gzip};
  const auto best = http::best_coding(request, kAll);
  check(acceptable.contains(best) || (acceptable.empty() && best == Coding::identity));
  for (const auto& only : kAll) {
    const auto chosen = http::best_coding(request, {&only, 1});
    check(chosen == Coding::identity || (chosen == only && acceptable.contains(only)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[0];
  const std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto coding = static_cast<Coding>(choice % http::kCodings);
  check_decoding(rest, coding);

  const auto level = static_cast<int>(choice / http::kCodings % 8);  // the densest are too slow here
  const auto between = choice & 0x80U ? Flush::block : Flush::none;
  const auto coded = encode(rest, coding, level, 1 + choice, between);
  const auto back = decode(coded, coding, 64, 64);
  check(back.verdict == Decoded::Verdict::too_large ||
        (back.verdict == Decoded::Verdict::whole && back.body == rest));

  check_choice(rest);
  return 0;
}
