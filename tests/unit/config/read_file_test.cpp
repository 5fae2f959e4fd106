#include "config/read_file.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace forebay::config {
namespace {

class ReadFile : public testing::Test {
 protected:
  void write(const std::string& content) const { std::ofstream(path_, std::ios::binary) << content; }
  void TearDown() override { std::remove(path_.c_str()); }

  std::string path_ = testing::TempDir() + "forebay_read_file_" + std::to_string(::getpid());
};

TEST_F(ReadFile, GivesEveryByte) {
  const std::string content = std::string("a\0b\r\n", 5) + std::string(100'000, 'x');
  write(content);
  EXPECT_EQ(read_file(path_, 1 << 20).value(), content);
}

TEST_F(ReadFile, IsBounded) {
  write(std::string(1024, 'x'));
  EXPECT_EQ(read_file(path_, 1024).value().size(), 1024U);
  EXPECT_EQ(read_file(path_, 1023).error().detail, "larger than 1023");
  EXPECT_EQ(read_file("/dev/zero", 1 << 20).error().detail, "larger than 1MiB");
}

TEST_F(ReadFile, SaysWhyNot) {
  EXPECT_EQ(read_file(path_, 10).error().detail, "No such file or directory");
  EXPECT_EQ(read_file("/", 10).error().detail, "Is a directory");
}

}  // namespace
}  // namespace forebay::config
