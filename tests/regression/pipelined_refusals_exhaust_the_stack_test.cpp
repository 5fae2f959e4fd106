// A request that was answered by a coroutine which never had to wait went on to the next request from its own
// end: with a client that had pipelined tens of thousands of them, each answer lay on the stack of the one
// before, until it ran out.
#include <gtest/gtest.h>

#include <thread>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(PipelinedRefusalsExhaustTheStack, EachIsAnsweredFromAnEmptyStack) {
  constexpr int kRequests = 40'000;
  Scenario s;
  auto slow = fresh("hello");
  slow.gate = "go";
  s.origin.on("/slow", slow);
  s.client.request("GET", "/slow");
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  std::string pipelined;
  for (int i = 0; i < kRequests; ++i)
    pipelined += "PURGE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx";
  std::thread sender([&] { s.client.try_send(pipelined); });
  s.origin.gate("go").open();
  EXPECT_EQ(s.client.read().status, 200);
  int refused = 0;
  while (refused < kRequests && s.client.read().status == 405) ++refused;
  sender.join();
  EXPECT_EQ(refused, kRequests);
}

}  // namespace
}  // namespace forebay::test
