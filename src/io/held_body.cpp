#include "forebay/io/held_body.hpp"

namespace forebay::io {

Awaitable<Result<std::size_t>> HeldBody::read_some(asio::mutable_buffer out) {
  if (given_ == held_.size() && rest_) co_return co_await rest_->read_some(out);
  const auto left = held_.substr(given_);
  const auto n = asio::buffer_copy(out, asio::buffer(left.data(), left.size()));
  given_ += n;
  co_return n;
}

std::optional<std::uint64_t> HeldBody::length() const noexcept {
  return rest_ ? rest_->length() : held_.size();
}

const std::string& HeldBody::trailers() const noexcept { return rest_ ? rest_->trailers() : no_trailers_; }

bool HeldBody::rewind() noexcept {
  if (!rest_) given_ = 0;
  return !rest_;
}

}  // namespace forebay::io
