// A body of which the beginning, or all, is held in memory already.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "forebay/io/body.hpp"

namespace forebay::io {

/// Gives what is held, then what `rest` still has. Both outlive it.
class HeldBody final : public BodySource {
 public:
  explicit HeldBody(std::string_view held, BodySource* rest = nullptr) noexcept : held_(held), rest_(rest) {}

  Awaitable<Result<std::size_t>> read_some(asio::mutable_buffer out) override;
  std::optional<std::uint64_t> length() const noexcept override;
  const std::string& trailers() const noexcept override;
  bool rewind() noexcept override;

 private:
  std::string_view held_;
  std::size_t given_ = 0;
  BodySource* rest_;
  const std::string no_trailers_;
};

}  // namespace forebay::io
