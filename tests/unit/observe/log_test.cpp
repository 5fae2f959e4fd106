#include "forebay/observe/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "support/eventually.hpp"

namespace forebay::observe {
namespace {

namespace fs = std::filesystem;
using test::eventually;
using testing::HasSubstr;
using testing::MatchesRegex;

std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

AccessRecord record(std::string_view target) {
  AccessRecord made;
  made.method = "GET";
  made.target = target;
  made.status = 200;
  made.result = CacheResult::hit;
  return made;
}

class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/log_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    settings_.access = AccessFormat::combined;
    settings_.access_file = access_file();
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path access_file() const { return folder_ / "access.log"; }

  fs::path folder_;
  LogSettings settings_;
};

// ---- Messages -------------------------------------------------------------------------------------------

TEST_F(LogTest, WritesTimeLevelAndMessageToStandardError) {
  testing::internal::CaptureStderr();
  Log(settings_).write(Level::warning, "the upstream is slow");
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z warning "
                           "the upstream is slow\n"));
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
  settings_.level = Level::warning;
  const Log log(settings_);
  EXPECT_FALSE(log.enabled(Level::debug));
  EXPECT_FALSE(log.enabled(Level::info));
  EXPECT_TRUE(log.enabled(Level::warning));
  EXPECT_TRUE(log.enabled(Level::error));
}

TEST_F(LogTest, WritesNothingBelowTheLevel) {
  testing::internal::CaptureStderr();
  Log log(settings_);
  log.write(Level::debug, "hidden");
  log.reconfigure({.level = Level::debug});
  log.write(Level::debug, "shown {} %v");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), MatchesRegex("[^ ]+ debug shown \\{\\} %v\n"));
}

TEST_F(LogTest, KeepsAMessageOnOneLine) {
  testing::internal::CaptureStderr();
  Log(settings_).write(Level::info, "bad head: a\r\n2026-01-01T00:00:00.000Z error forged");
  const auto text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  EXPECT_THAT(text, HasSubstr("a\\x0D\\x0A2026"));
}

// ---- Access lines ---------------------------------------------------------------------------------------

TEST_F(LogTest, WritesAccessLinesInOrder) {
  {
    Log log(settings_);
    log.access(record("/1"));
    log.access(record("/2"));
  }
  const auto lines = lines_of(access_file());
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], HasSubstr("\"GET /1 HTTP/1.1\" 200"));
  EXPECT_THAT(lines[1], HasSubstr("\"GET /2 HTTP/1.1\" 200"));
}

TEST_F(LogTest, WritesAnAccessLineSoonWhileNothingElseHappens) {
  Log log(settings_);
  log.access(record("/alone"));
  EXPECT_TRUE(eventually([&] { return lines_of(access_file()).size() == 1; }));
}

TEST_F(LogTest, WritesAccessLinesToStandardOutput) {
  settings_.access_file.clear();
  testing::internal::CaptureStdout();
  { Log(settings_).access(record("/out")); }
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("\"GET /out HTTP/1.1\" 200"));
}

TEST_F(LogTest, SwitchesTheAccessFormatWhileItRuns) {
  {
    settings_.access = AccessFormat::off;
    Log log(settings_);
    EXPECT_FALSE(log.access_enabled());
    log.access(record("/unseen"));
    settings_.access = AccessFormat::json;
    log.reconfigure(settings_);
    EXPECT_TRUE(log.access_enabled());
    log.access(record("/seen"));
  }
  const auto lines = lines_of(access_file());
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(boost::json::parse(lines[0]).at("target").as_string(), "/seen");
}

TEST_F(LogTest, OpensTheAccessFileAnewAfterRotation) {
  const auto rotated = folder_ / "access.log.1";
  {
    Log log(settings_);
    log.access(record("/before"));
    ASSERT_TRUE(eventually([&] { return lines_of(access_file()).size() == 1; }));
    fs::rename(access_file(), rotated);
    log.reopen();
    log.access(record("/after"));
  }
  EXPECT_THAT(lines_of(rotated), testing::ElementsAre(HasSubstr("/before")));
  EXPECT_THAT(lines_of(access_file()), testing::ElementsAre(HasSubstr("/after")));
}

TEST_F(LogTest, SaysWhyTheAccessFileCannotBeOpenedAnew) {
  settings_.access_file = folder_ / "logs" / "access.log";
  fs::create_directory(folder_ / "logs");
  Log log(settings_);
  fs::remove_all(folder_ / "logs");
  testing::internal::CaptureStderr();
  log.reopen();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("error access log: the operating system refused"));
}

TEST_F(LogTest, RefusesToStartWithoutItsAccessFile) {
  settings_.access_file = folder_ / "missing" / "access.log";
  EXPECT_THROW(Log log(settings_), std::runtime_error);
}

TEST_F(LogTest, CountsLinesThatCannotBeWritten) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  settings_.access_file = "/dev/full";
  testing::internal::CaptureStderr();
  Log log(settings_);
  log.access(record("/1"));
  EXPECT_TRUE(eventually([&] { return log.dropped_access_lines() == 1; }));
  EXPECT_TRUE(eventually([&] {
    log.access(record("/again"));
    return log.dropped_access_lines() > 2;
  }));
  const auto text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("/dev/full: No space left on device"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << "said once: " << text;
}

/// A pipe nobody reads stops the writer thread, so the queue fills up.
TEST_F(LogTest, DropsTheOldestLinesAndCountsThemWhenTheQueueIsFull) {
  constexpr std::uint64_t kLines = 3000;
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::fstream reader(pipe);  // read and write: opens without a peer
  settings_.access_file = pipe;
  settings_.access_queue = 16;
  const std::string long_target(500, 'x');  // 3000 of these fill the pipe and what the writer gathers
  std::vector<std::string> targets;
  std::uint64_t dropped = 0;
  {
    Log log(settings_);
    for (std::uint64_t i = 0; i < kLines; ++i) log.access(record(long_target + std::to_string(i)));
    dropped = log.dropped_access_lines();
    EXPECT_GT(dropped, 0U);
    EXPECT_LT(dropped, kLines);
    for (std::uint64_t i = dropped; i < kLines; ++i) {
      std::string line;
      std::getline(reader, line);
      const auto begin = line.rfind('x') + 1;
      targets.push_back(line.substr(begin, line.find(' ', begin) - begin));
    }
    EXPECT_EQ(log.dropped_access_lines(), dropped);
  }
  EXPECT_EQ(targets.back(), std::to_string(kLines - 1)) << "the newest line is kept";
}

TEST_F(LogTest, IsSafeForManyWorkersWhileItIsReconfiguredAndReopened) {
  constexpr int kWorkers = 4;
  constexpr int kLines = 400;
  settings_.access_queue = kWorkers * kLines;
  {
    Log log(settings_);
    std::vector<std::thread> workers;
    workers.reserve(kWorkers);
    for (int i = 0; i < kWorkers; ++i) {
      workers.emplace_back([&log] {
        for (int n = 0; n < kLines; ++n) log.access(record("/x"));
      });
    }
    for (int i = 0; i < 50; ++i) {
      settings_.access = i % 2 == 0 ? AccessFormat::json : AccessFormat::combined;
      log.reconfigure(settings_);
      log.reopen();
      EXPECT_EQ(log.dropped_access_lines(), 0U);
    }
    for (auto& worker : workers) worker.join();
  }
  const auto lines = lines_of(access_file());
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(kWorkers * kLines));
  for (const auto& line : lines) ASSERT_TRUE(line.ends_with("- - -") || line.ends_with("}")) << line;
}

}  // namespace
}  // namespace forebay::observe
