#include "redis_report.hpp"

#include <string>
#include <utility>

namespace forebay::tier {

void RedisReport::unusable(std::string_view record, EntryFault fault, SteadyTime now) {
  metrics_.redis_unusable[static_cast<std::size_t>(fault)].add();
  std::string line("redis: ");
  line.append(record).append(" cannot be used: ").append(name(fault));
  line_.write(std::move(line), now);
}

void RedisReport::refused(std::string_view what, std::string_view why, SteadyTime now) {
  std::string line("redis: ");
  line.append(what).append(" was refused: ").append(why);
  line_.write(std::move(line), now);
}

}  // namespace forebay::tier
