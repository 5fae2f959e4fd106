#include "forebay/io/deadline.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "forebay/io/cancel.hpp"

namespace forebay::io {
namespace {

using namespace std::chrono_literals;

class ManualClock final : public Clock {
 public:
  WallTime now() const noexcept override { return WallTime{}; }
  SteadyTime steady_now() const noexcept override { return now_; }
  void advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  SteadyTime now_{1h};
};

struct DeadlineTest : ::testing::Test {
  asio::io_context context;
  ManualClock clock;
  Sweep sweep{context.get_executor(), clock};
};

TEST_F(DeadlineTest, FiresOnceWhenItIsDue) {
  int fired = 0;
  Deadline deadline(sweep, [&] { ++fired; });
  clock.advance(1h);
  sweep.expire_due();
  EXPECT_EQ(fired, 0);  // never armed

  deadline.arm(10s);
  clock.advance(9'999ms);
  sweep.expire_due();
  EXPECT_EQ(fired, 0);
  EXPECT_FALSE(deadline.has_fired());
  clock.advance(1ms);
  sweep.expire_due();
  EXPECT_EQ(fired, 1);
  EXPECT_TRUE(deadline.has_fired());
  clock.advance(1h);
  sweep.expire_due();
  EXPECT_EQ(fired, 1);
}

TEST_F(DeadlineTest, ArmingAgainPutsItOffAndForgetsThatItFired) {
  int fired = 0;
  Deadline deadline(sweep, [&] { ++fired; });
  deadline.arm(10s);
  clock.advance(9s);
  deadline.arm(10s);
  clock.advance(9s);
  sweep.expire_due();
  EXPECT_EQ(fired, 0);
  clock.advance(1s);
  sweep.expire_due();
  EXPECT_EQ(fired, 1);
  deadline.arm(10s);
  EXPECT_FALSE(deadline.has_fired());
}

TEST_F(DeadlineTest, DisarmedDoesNotFire) {
  int fired = 0;
  Deadline deadline(sweep, [&] { ++fired; });
  deadline.arm(10s);
  deadline.disarm();
  clock.advance(1h);
  sweep.expire_due();
  EXPECT_EQ(fired, 0);
}

TEST_F(DeadlineTest, MayBeArmedAgainWhileItFires) {
  int fired = 0;
  std::optional<Deadline> deadline;
  deadline.emplace(sweep, [&] {
    ++fired;
    deadline->arm(5s);
  });
  deadline->arm(5s);
  for (int i = 0; i < 3; ++i) {
    clock.advance(5s);
    sweep.expire_due();
  }
  EXPECT_EQ(fired, 3);
}

TEST_F(DeadlineTest, LeavesTheSweepWhenDestroyed) {
  int fired = 0;
  Deadline before(sweep, [&] { ++fired; });
  auto gone = std::make_unique<Deadline>(sweep, [&] { ADD_FAILURE(); });
  Deadline after(sweep, [&] { ++fired; });
  for (auto* deadline : {&before, gone.get(), &after}) deadline->arm(1s);
  gone.reset();
  clock.advance(1s);
  sweep.expire_due();
  EXPECT_EQ(fired, 2);
}

TEST_F(DeadlineTest, TheSweepRunsByItselfUntilStopped) {
  int fired = 0;
  Deadline deadline(sweep, [&] {
    ++fired;
    sweep.stop();
  });
  deadline.arm(1s);
  clock.advance(1s);
  sweep.start();
  EXPECT_GT(context.run_for(20s), 0u);  // and ends: a stopped sweep is no work
  EXPECT_EQ(fired, 1);
  EXPECT_TRUE(context.stopped());
}

TEST_F(DeadlineTest, TheSweepMayBeStartedAgain) {
  int fired = 0;
  Deadline deadline(sweep, [&] {
    ++fired;
    sweep.stop();
  });
  sweep.start();
  sweep.stop();
  sweep.start();
  deadline.arm(1s);
  clock.advance(1s);
  context.run_for(20s);
  EXPECT_EQ(fired, 1);
  EXPECT_TRUE(context.stopped());
}

TEST(Cancel, RunsTheWakeUpOnce) {
  Cancel cancel;
  int woken = 0;
  {
    const OnCancel registered(&cancel, [&] { ++woken; });
    EXPECT_FALSE(registered.requested());
    cancel.request();
    cancel.request();
    EXPECT_TRUE(registered.requested());
  }
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(cancel.requested());
}

TEST(Cancel, ForgetsAWakeUpThatIsGone) {
  Cancel cancel;
  {
    const OnCancel registered(&cancel, [] { ADD_FAILURE(); });
  }
  cancel.request();
  const OnCancel nobody(nullptr, [] { ADD_FAILURE(); });
  EXPECT_FALSE(nobody.requested());
}

}  // namespace
}  // namespace forebay::io
