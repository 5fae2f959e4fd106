#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#include "forebay/app/daemon.hpp"

namespace forebay::app {
namespace {

/// CPUs' worth of time per period, rounded up; 0 for no limit.
unsigned quota_cpus(double quota, double period) {
  return quota > 0 && period > 0 ? static_cast<unsigned>(std::ceil(quota / period)) : 0;
}

unsigned cgroup_v2_cpus() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max") return 0;
  return quota_cpus(std::strtod(quota.c_str(), nullptr), period);
}

unsigned cgroup_v1_cpus() {
  std::ifstream quota_file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  std::ifstream period_file("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  double quota = 0;
  double period = 0;
  return quota_file >> quota && period_file >> period ? quota_cpus(quota, period) : 0;
}

}  // namespace

unsigned available_cpus() {
  cpu_set_t set;
  unsigned cpus = 1;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) cpus = static_cast<unsigned>(CPU_COUNT(&set));
  for (const auto quota : {cgroup_v2_cpus(), cgroup_v1_cpus()})
    if (quota > 0) cpus = std::min(cpus, quota);
  return std::max(cpus, 1U);
}

}  // namespace forebay::app
