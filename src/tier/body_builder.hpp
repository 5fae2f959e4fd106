// A body of known length, made from what arrives in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "forebay/cache/body.hpp"

namespace forebay::tier {

/// Belongs to one thread. What it allocates is charged to the account; whoever bounds that reserves
/// charge_of() the length before.
class BodyBuilder {
 public:
  explicit BodyBuilder(std::uint64_t length, cache::BodyAccount* account = nullptr) noexcept
      : missing_(length), account_(account) {}

  /// What a body of this length is charged in the end.
  static std::uint64_t charge_of(std::uint64_t length) noexcept;

  std::uint64_t missing() const noexcept { return missing_; }
  /// What has been charged so far.
  std::uint64_t charged() const noexcept { return charged_; }

  /// Where the next bytes go: not empty as long as some are missing.
  std::span<char> room();
  /// So many of them are there.
  void filled(std::size_t bytes) noexcept;
  /// At most what is missing.
  void append(std::string_view bytes);

  /// The whole body, when nothing is missing; nothing for one without bytes.
  cache::BodyPtr finish();

 private:
  static constexpr std::uint32_t kPiece = 64 * 1024;

  std::uint64_t missing_;
  std::uint64_t charged_ = 0;
  cache::BodyAccount* account_;
  std::vector<cache::Slice> slices_;  // the last one grows
};

}  // namespace forebay::tier
