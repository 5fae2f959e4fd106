#include "redis_report.hpp"

#include <string>

namespace forebay::tier {

void RedisReport::unusable(std::string_view record, EntryFault fault, SteadyTime now) {
  metrics_.redis_unusable[static_cast<std::size_t>(fault)].add();
  if (now < quiet_until_) {
    ++untold_;
    return;
  }
  std::string line("redis: ");
  line.append(record).append(" cannot be used: ").append(name(fault));
  if (untold_ > 0) line.append("; ").append(std::to_string(untold_)).append(" more since the last such line");
  log_.write(observe::Level::warning, line);
  quiet_until_ = now + kPause;
  untold_ = 0;
}

}  // namespace forebay::tier
