#include "forebay/cache/policy.hpp"

#include <algorithm>

namespace forebay::cache {

bool StatusTtl::fits(int code) const noexcept {
  if (status.size() != 3 || code < 100 || code > 999) return false;
  const char digits[] = {static_cast<char>('0' + code / 100), static_cast<char>('0' + code / 10 % 10),
                         static_cast<char>('0' + code % 10)};
  for (std::size_t i = 0; i < 3; ++i)
    if (status[i] != digits[i] && (i == 0 || status[i] != 'x')) return false;
  return true;
}

const StatusTtl* Policy::find_status(int code) const noexcept {
  const auto found = std::find_if(status_ttl.begin(), status_ttl.end(),
                                  [code](const StatusTtl& row) { return row.fits(code); });
  return found == status_ttl.end() ? nullptr : &*found;
}

}  // namespace forebay::cache
