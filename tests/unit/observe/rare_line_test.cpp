#include "forebay/observe/rare_line.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forebay::observe {
namespace {

TEST(RareLine, TellsOfTheOthersInTheNextOne) {
  ::testing::internal::CaptureStderr();
  const SteadyTime begin{milliseconds{5000}};
  {
    Log log({});
    RareLine line(log, Level::warning, seconds{10});
    line.write("first", begin);
    line.write("second", begin);
    line.write("third", begin + milliseconds{9999});
    line.write("fourth", begin + seconds{10});
    line.write("fifth", begin + seconds{20});
  }
  const auto lines = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(lines.find("first\n"), std::string::npos) << lines;
  EXPECT_EQ(lines.find("second"), std::string::npos) << lines;
  EXPECT_EQ(lines.find("third"), std::string::npos) << lines;
  EXPECT_NE(lines.find("fourth; 2 more since the last such line\n"), std::string::npos) << lines;
  EXPECT_NE(lines.find("fifth\n"), std::string::npos) << lines;
}

}  // namespace
}  // namespace forebay::observe
