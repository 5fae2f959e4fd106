// Bodies made for several ranges were copies that nobody counted.
#include <gtest/gtest.h>

#include <vector>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(MultipartRangesAreNotCharged, TheyShareWhatIsStored) {
  Scenario s;
  s.origin.on("/a", fresh(std::string(4'000'000, 'x')));
  s.client.get("/a");
  const auto before = s.forebay->memory_used();
  std::string ranges = "bytes=";
  for (int i = 0; i < 15; ++i)
    ranges += std::to_string(i * 200'000) + "-" + std::to_string(i * 200'000 + 100'000) + ",";
  std::vector<Client> slow;
  for (int i = 0; i < 10; ++i) {
    slow.push_back(s.forebay.client());
    slow.back().take_little();
    slow.back().request("GET", "/a", {{"Range", ranges}});
    EXPECT_EQ(slow.back().read_head().status, 206);
  }
  const auto made = s.forebay->memory_used() - before;
  EXPECT_GT(made, 10U * 1000) << "heads between the parts are charged";
  EXPECT_LT(made, 10U * 200'000) << "the parts are shared with the store";
}

}  // namespace
}  // namespace forebay::test
