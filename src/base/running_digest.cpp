#include "forebay/base/running_digest.hpp"

#include <xxhash.h>

#include <new>

namespace forebay {

struct RunningDigest::State {
  State() : of(XXH3_createState()) {
    if (!of) throw std::bad_alloc();
    XXH3_128bits_reset(of);
  }
  ~State() { XXH3_freeState(of); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  XXH3_state_t* const of;
};

RunningDigest::RunningDigest() : state_(std::make_unique<State>()) {}
RunningDigest::~RunningDigest() = default;
RunningDigest::RunningDigest(RunningDigest&&) noexcept = default;
RunningDigest& RunningDigest::operator=(RunningDigest&&) noexcept = default;

void RunningDigest::add(std::string_view bytes) noexcept {
  XXH3_128bits_update(state_->of, bytes.data(), bytes.size());
}

Digest RunningDigest::value() const noexcept {
  const auto hash = XXH3_128bits_digest(state_->of);
  return {hash.high64, hash.low64};
}

}  // namespace forebay
