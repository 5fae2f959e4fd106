#include "forebay/http/recoder.hpp"

namespace forebay::http {

using Next = Step::Next;

int usual_level(Coding coding) noexcept {
  switch (coding) {
    case Coding::identity: break;
    case Coding::gzip: return 6;
    case Coding::br: return 5;
    case Coding::zstd: return 3;
  }
  return 0;
}

Recoder::Recoder(Coding from, Coding to)
    : decoder_(from), encoder_(to, usual_level(to)), between_(std::make_unique<Between>()) {}

Result<Step> Recoder::step(std::string_view input, std::span<char> output, Flush flush) {
  Step total;
  for (;;) {
    if (plain_.empty() && next_ != Next::done) {
      const auto decoded = decoder_.step(input.substr(total.consumed), *between_, flush);
      if (!decoded) return decoded.error();
      total.consumed += decoded->consumed;
      plain_ = {between_->data(), decoded->produced};
      next_ = decoded->next;
    }
    // The encoder comes to its end, or gives out what it holds back, when the decoder has nothing more.
    const auto behind = next_ == Next::done ? Flush::finish : next_ == Next::feed ? flush : Flush::none;
    const auto encoded = encoder_.step(plain_, output.subspan(total.produced), behind);
    plain_.remove_prefix(encoded.consumed);
    total.produced += encoded.produced;
    total.next = encoded.next;
    if (encoded.next != Next::feed || next_ == Next::feed) return total;
    if (output.size() - total.produced < kFlushRoom) {
      total.next = Next::drain;
      return total;
    }
  }
}

std::size_t Recoder::memory_bytes(Coding from, Coding to) noexcept {
  return sizeof(Between) + Decoder::memory_bytes(from) + Encoder::memory_bytes(to, usual_level(to));
}

}  // namespace forebay::http
