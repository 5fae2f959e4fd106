#include <gtest/gtest.h>

#include <sched.h>

#include "forebay/app/daemon.hpp"

namespace forebay::app {
namespace {

TEST(AvailableCpus, IsAtLeastOneAndAtMostWhatTheMaskAllows) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_GE(available_cpus(), 1u);
  EXPECT_LE(available_cpus(), static_cast<unsigned>(CPU_COUNT(&before)));

  cpu_set_t one;
  CPU_ZERO(&one);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  CPU_SET(first, &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(available_cpus(), 1u);
  ASSERT_EQ(::sched_setaffinity(0, sizeof before, &before), 0);
}

}  // namespace
}  // namespace forebay::app
