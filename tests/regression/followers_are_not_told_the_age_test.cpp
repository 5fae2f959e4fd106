// Who shared an answer that had been arriving for a while was told no Age, as if it had been made just now.
// For a follower it is a stored response, though not yet a whole one (RFC 9111 §4).
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(FollowersAreNotToldTheAge, WhoJoinsAnAnswerThatIsArrivingIs) {
  Scenario s;
  auto response = fresh("0123456789");
  response.gates = {{5, "half"}};
  s.origin.on("/a", response);
  auto leader = s.forebay.client();
  leader.request("GET", "/a");
  auto leaders = leader.read_head();
  EXPECT_FALSE(leaders.has("Age"));

  s.forebay.clock().advance_wall(std::chrono::seconds(5));
  auto follower = s.forebay.client();
  follower.request("GET", "/a");
  auto followers = follower.read_head();
  EXPECT_EQ(followers.field("Age"), "5");
  EXPECT_EQ(followers.count("Age"), 1U);
  s.origin.gate("half").open();
  follower.read_rest(followers);
  EXPECT_EQ(followers.body, "0123456789");
  EXPECT_EQ(s.origin.requests(), 1U);
}

}  // namespace
}  // namespace forebay::test
