#include "forebay/observe/rare_line.hpp"

namespace forebay::observe {

void RareLine::write(std::string line, SteadyTime now) {
  if (now < quiet_until_) {
    ++untold_;
    return;
  }
  if (untold_ > 0) line.append("; ").append(std::to_string(untold_)).append(" more since the last such line");
  log_.write(level_, line);
  quiet_until_ = now + pause_;
  untold_ = 0;
}

}  // namespace forebay::observe
