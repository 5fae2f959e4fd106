// Which stored response is of no use any more, without looking through all of them.
//
// They stand in lines by how long they are useful from the moment they come, two lines for each power of two
// of seconds; in a line, first come, first served. Responses of one lifetime stand in one line, where the
// first one to come is the first one to expire; those of others do so by and large. So who has expired is
// found in front of some line, or comes there by less than half of its lifetime later.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>

#include "forebay/base/clock.hpp"

namespace forebay::tier {

namespace bi = boost::intrusive;

struct ExpiryTag;
/// What is kept of a stored response for this.
struct Expiring : bi::list_base_hook<bi::tag<ExpiryTag>, bi::link_mode<bi::normal_link>> {
  std::uint32_t expires_s = 0;  // since the epoch; the last second there is: not in sight
  std::uint8_t expiry_line = 0;
};

/// Not thread-safe. Owns nothing.
class ExpiryLines {
 public:
  ExpiryLines() { firsts_.fill(kNever); }
  ~ExpiryLines();
  ExpiryLines(const ExpiryLines&) = delete;
  ExpiryLines& operator=(const ExpiryLines&) = delete;

  /// It is useful for so long from `now` on.
  void add(Expiring& added, WallTime now, milliseconds useful) noexcept;
  void remove(Expiring& removed) noexcept;
  /// One that is of no use any more at `now`; nothing when there is none in front.
  Expiring* expired(WallTime now) noexcept;

 private:
  using List = bi::list<Expiring,
                        bi::base_hook<bi::list_base_hook<bi::tag<ExpiryTag>, bi::link_mode<bi::normal_link>>>,
                        bi::constant_time_size<false>>;
  static constexpr std::size_t kLines = 65;  // the last one for those that never expire
  static constexpr std::uint32_t kNever = UINT32_MAX;

  void note_first(std::size_t line) noexcept;

  std::array<List, kLines> lines_;
  std::array<std::uint32_t, kLines> firsts_;  // when those in front expire
  std::uint32_t soonest_ = kNever;            // not later than any of these
};

}  // namespace forebay::tier
