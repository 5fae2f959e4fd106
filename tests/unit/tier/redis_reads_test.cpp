#include "redis_reads.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "support/kept.hpp"
#include "support/worker.hpp"

namespace forebay::tier {
namespace {

using namespace std::chrono_literals;
using observe::RedisLookup;

/// Reads whose end the test decides on.
struct RedisReadsTest : ::testing::Test {
  RedisReads::Work work() {
    return [this](io::Cancel& cancel) { return wait(cancel); };
  }
  io::Awaitable<RedisRead> wait(io::Cancel& cancel) {
    ++begun;
    const auto signal = io::Signal::make(worker.context.get_executor());
    const io::OnCancel on_cancel(&cancel, [signal] { signal->notify_here(); });
    end = signal;
    co_await signal->wait(10s);
    if (on_cancel.requested()) ++called_off;
    co_return RedisRead{RedisLookup::hit, test::Kept{}.make()};
  }

  test::Worker worker;
  std::shared_ptr<RedisReads> reads = std::make_shared<RedisReads>(worker.context.get_executor());
  std::shared_ptr<io::Signal> end;  // of the last read
  int begun = 0;
  int called_off = 0;
  std::optional<RedisRead> one, other;
};

TEST_F(RedisReadsTest, WhatSeveralWantIsReadOnce) {
  worker.start(reads->share("a", work(), 10s, nullptr), one);
  worker.start(reads->share("a", work(), 10s, nullptr), other);
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(reads->under_way(), 1u);
  end->notify();
  worker.run_until([&] { return one && other; });
  EXPECT_EQ(one->result, RedisLookup::hit);
  EXPECT_EQ(other->response, one->response);
  EXPECT_EQ(reads->under_way(), 0u);
}

TEST_F(RedisReadsTest, OtherNamesAreReadByThemselves) {
  worker.start(reads->share("a", work(), 10s, nullptr), one);
  const auto first = end;
  worker.start(reads->share("b", work(), 10s, nullptr), other);
  EXPECT_EQ(begun, 2);
  first->notify();
  end->notify();
  worker.run_until([&] { return one && other; });
  EXPECT_NE(other->response, one->response);
}

TEST_F(RedisReadsTest, WhatIsThereIsReadAnewTheNextTime) {
  for (int i = 1; i <= 2; ++i) {
    one.reset();
    worker.start(reads->share("a", work(), 10s, nullptr), one);
    end->notify();
    worker.run_until([&] { return one.has_value(); });
    EXPECT_EQ(begun, i);
  }
}

TEST_F(RedisReadsTest, WhoIsCancelledLeavesAndTheOthersStay) {
  io::Cancel cancel;
  worker.start(reads->share("a", work(), 10s, &cancel), one);
  worker.start(reads->share("a", work(), 10s, nullptr), other);
  cancel.request();
  worker.run_until([&] { return one.has_value(); });
  EXPECT_EQ(one->result, RedisLookup::cancelled);
  EXPECT_EQ(called_off, 0);
  end->notify();
  worker.run_until([&] { return other.has_value(); });
  EXPECT_EQ(other->result, RedisLookup::hit);
}

TEST_F(RedisReadsTest, WhoHasWaitedTooLongLeavesAndTheOthersStay) {
  worker.start(reads->share("a", work(), 1ms, nullptr), one);
  worker.start(reads->share("a", work(), 10s, nullptr), other);
  worker.run_until([&] { return one.has_value(); });
  EXPECT_EQ(one->result, RedisLookup::timeout);
  EXPECT_FALSE(other);
  end->notify();
  worker.run_until([&] { return other.has_value(); });
  EXPECT_EQ(other->result, RedisLookup::hit);
}

TEST_F(RedisReadsTest, NobodyWaitingCallsItOffAndTheNextBeginsAnew) {
  io::Cancel cancel;
  worker.start(reads->share("a", work(), 10s, &cancel), one);
  cancel.request();
  worker.run_until([&] { return one.has_value(); });
  EXPECT_EQ(reads->under_way(), 0u);
  worker.start(reads->share("a", work(), 10s, nullptr), other);
  EXPECT_EQ(called_off, 1);
  EXPECT_EQ(begun, 2);
  EXPECT_EQ(reads->under_way(), 1u);  // the end of the first takes nothing from the second
  end->notify();
  worker.run_until([&] { return other.has_value(); });
  EXPECT_EQ(other->result, RedisLookup::hit);
}

TEST_F(RedisReadsTest, WhatFailsToAnswerCountsAsUnavailable) {
  const RedisReads::Work broken = [](io::Cancel&) -> io::Awaitable<RedisRead> { throw std::bad_alloc(); };
  worker.start(reads->share("a", broken, 10s, nullptr), one);
  worker.run_until([&] { return one.has_value(); });
  EXPECT_EQ(one->result, RedisLookup::unavailable);
  EXPECT_EQ(reads->under_way(), 0u);
}

TEST_F(RedisReadsTest, ClosingCallsOffEverything) {
  worker.start(reads->share("a", work(), 10s, nullptr), one);
  worker.start(reads->share("b", work(), 10s, nullptr), other);
  reads->close();
  worker.run_until([&] { return one && other; });
  EXPECT_EQ(called_off, 2);
}

TEST_F(RedisReadsTest, LeavesNothingBehindWhenItIsDestroyedInTheMiddle) {
  worker.start(reads->share("a", work(), 10s, nullptr), one);
  reads.reset();
}

}  // namespace
}  // namespace forebay::tier
