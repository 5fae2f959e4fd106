#include "line_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace forebay::observe {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class LineFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/line_file_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path path(const char* name = "access.log") const { return folder_ / name; }

  fs::path folder_;
};

TEST_F(LineFileTest, GathersUntilFlushed) {
  LineFile file(path());
  EXPECT_FALSE(file.append("one"));
  EXPECT_FALSE(file.append("two"));
  EXPECT_EQ(read(path()), "");
  EXPECT_TRUE(file.flush());
  EXPECT_EQ(read(path()), "one\ntwo\n");
}

TEST_F(LineFileTest, AsksToBeFlushedWhenMuchHasGathered) {
  LineFile file(path());
  const std::string line(1023, 'x');
  for (int i = 0; i < 63; ++i) EXPECT_FALSE(file.append(line));
  EXPECT_TRUE(file.append(line));
}

TEST_F(LineFileTest, WritesTheRestWhenDestroyed) {
  { LineFile(path()).append("last"); }
  EXPECT_EQ(read(path()), "last\n");
}

TEST_F(LineFileTest, AppendsToWhatIsThere) {
  std::ofstream(path()) << "old\n";
  { LineFile(path()).append("new"); }
  EXPECT_EQ(read(path()), "old\nnew\n");
}

TEST_F(LineFileTest, ReopenLeavesTheRotatedFileComplete) {
  LineFile file(path());
  file.append("before");
  fs::rename(path(), path("access.log.1"));
  EXPECT_TRUE(file.reopen());
  file.append("after");
  EXPECT_TRUE(file.flush());
  EXPECT_EQ(read(path("access.log.1")), "before\n");
  EXPECT_EQ(read(path()), "after\n");
}

TEST_F(LineFileTest, KeepsTheOldFileWhenReopenFails) {
  fs::create_directory(path("logs"));
  LineFile file(path("logs/access.log"));
  fs::rename(path("logs"), path("moved"));
  const auto reopened = file.reopen();
  ASSERT_TRUE(reopened.has_error());
  EXPECT_EQ(reopened.error().kind, ErrorKind::system_failure);
  EXPECT_NE(reopened.error().detail.find("logs/access.log: No such file"), std::string::npos);
  file.append("still");
  EXPECT_TRUE(file.flush());
  EXPECT_EQ(read(path("moved/access.log")), "still\n");
}

TEST_F(LineFileTest, NamesAFileThatCannotBeOpened) {
  const auto missing = path("missing/access.log").string();
  try {
    LineFile file(missing);
    FAIL() << "opened";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find(missing), std::string::npos) << error.what();
  }
}

TEST_F(LineFileTest, CountsLinesLostToAFullDisk) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  LineFile file("/dev/full");
  file.append("one");
  file.append("two");
  const auto flushed = file.flush();
  ASSERT_TRUE(flushed.has_error());
  EXPECT_EQ(flushed.error().detail, "/dev/full: No space left on device");
  EXPECT_EQ(file.lost_lines(), 2U);
  EXPECT_TRUE(file.flush()) << "lost lines are not kept";
}

TEST(LineFileOfStandardOutput, WritesThere) {
  testing::internal::CaptureStdout();
  {
    LineFile file("");
    file.append("shown");
    EXPECT_TRUE(file.reopen());
  }
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "shown\n");
}

}  // namespace
}  // namespace forebay::observe
