#include "forebay/tier/budget.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace forebay::tier {
namespace {

TEST(Budget, EveryKindHasAName) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kChargeKinds; ++i) names.insert(name(static_cast<ChargeKind>(i)));
  EXPECT_EQ(names, (std::set<std::string_view>{"heads", "bodies", "bookkeeping", "in_flight", "buffers"}));
}

TEST(Budget, CountsByKind) {
  Budget budget(100);
  budget.charge(ChargeKind::heads, 30);
  budget.charge(ChargeKind::bodies, 50);
  EXPECT_EQ(budget.used(), 80u);
  EXPECT_EQ(budget.used(ChargeKind::heads), 30u);
  budget.reclassify(ChargeKind::bodies, ChargeKind::in_flight, 20);
  EXPECT_EQ(budget.used(ChargeKind::bodies), 30u);
  EXPECT_EQ(budget.used(ChargeKind::in_flight), 20u);
  EXPECT_EQ(budget.used(), 80u);
  budget.release(ChargeKind::heads, 30);
  EXPECT_EQ(budget.used(), 50u);
}

TEST(Budget, HasRoomUpToItsLimit) {
  Budget budget(100);
  EXPECT_TRUE(budget.has_room_for(100));
  EXPECT_FALSE(budget.has_room_for(101));
  EXPECT_FALSE(budget.has_room_for(UINT64_MAX));
  budget.charge(ChargeKind::heads, 40);
  EXPECT_TRUE(budget.has_room_for(60));
  EXPECT_FALSE(budget.has_room_for(61));
  EXPECT_FALSE(budget.has_room_for(UINT64_MAX - 39));  // would wrap around
  budget.set_limit(39);
  EXPECT_FALSE(budget.has_room_for(0));
}

TEST(Budget, TryChargeTakesAllOrNothing) {
  Budget budget(100);
  EXPECT_TRUE(budget.try_charge(ChargeKind::heads, 60));
  EXPECT_FALSE(budget.try_charge(ChargeKind::heads, 41));
  EXPECT_FALSE(budget.try_charge(ChargeKind::heads, UINT64_MAX));
  EXPECT_EQ(budget.used(), 60u);
  EXPECT_TRUE(budget.try_charge(ChargeKind::heads, 40));
  EXPECT_EQ(budget.used(ChargeKind::heads), 100u);
}

TEST(Budget, IsNeverOverchargedByThreads) {
  Budget budget(1000);
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> taken{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 1000; ++round)
        if (budget.try_charge(ChargeKind::bodies, 3)) taken += 3;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(taken.load(), 999u);
  EXPECT_EQ(budget.used(), 999u);
}

TEST(Reservation, ReleasesWhatItHolds) {
  Budget budget(100);
  {
    Reservation reserved(budget);
    reserved.add(30);
    EXPECT_TRUE(reserved.try_add(70));
    EXPECT_FALSE(reserved.try_add(1));
    EXPECT_EQ(budget.used(ChargeKind::in_flight), 100u);
    reserved.turn_into(ChargeKind::bodies, 60);
    EXPECT_EQ(budget.used(ChargeKind::in_flight), 40u);
    EXPECT_EQ(budget.used(), 100u);
  }
  EXPECT_EQ(budget.used(ChargeKind::in_flight), 0u);
  EXPECT_EQ(budget.used(ChargeKind::bodies), 60u);
}

TEST(Reservation, GivesBackAtMostWhatThereIs) {
  Budget budget(100);
  Reservation reserved(budget, ChargeKind::buffers);
  reserved.add(120);  // fits or not
  EXPECT_EQ(budget.used(ChargeKind::buffers), 120u);
  reserved.give_back(50);
  EXPECT_EQ(budget.used(), 70u);
  reserved.give_back(500);
  EXPECT_EQ(budget.used(), 0u);
  reserved.release();
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace forebay::tier
