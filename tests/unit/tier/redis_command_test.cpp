#include "forebay/tier/redis_command.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "tier/redis_slot.hpp"

namespace forebay::tier {
namespace {

TEST(RedisCommand, IsAnArrayOfBulkStrings) {
  EXPECT_EQ(RedisCommand({"PING"}).wire(), "*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(RedisCommand{"SET"}.key("k").add("value").add("PX").add(5000).wire(),
            "*5\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n$2\r\nPX\r\n$4\r\n5000\r\n");
  EXPECT_EQ(RedisCommand({"ECHO", ""}).wire(), "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n");
}

TEST(RedisCommand, IsBinarySafe) {
  const std::string_view bytes("\0\r\n$1\r\n\xff", 9);
  const auto command = RedisCommand{"ECHO"}.add(bytes);
  EXPECT_EQ(command.wire(), "*2\r\n$4\r\nECHO\r\n$9\r\n" + std::string(bytes) + "\r\n");
}

TEST(RedisCommand, TakesAnArgumentInPieces) {
  const std::array<std::string_view, 3> pieces{"one", "", "two"};
  EXPECT_EQ(RedisCommand{"ECHO"}.add_joined(pieces).wire(), "*2\r\n$4\r\nECHO\r\n$6\r\nonetwo\r\n");
  EXPECT_EQ(RedisCommand{"ECHO"}.add_joined({}).wire(), "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n");
}

TEST(RedisCommand, WritesNumbers) {
  const auto wire = [](std::int64_t number) { return std::string(RedisCommand{"X"}.add(number).wire()); };
  EXPECT_EQ(wire(0), "*2\r\n$1\r\nX\r\n$1\r\n0\r\n");
  EXPECT_EQ(wire(std::numeric_limits<std::int64_t>::min()),
            "*2\r\n$1\r\nX\r\n$20\r\n-9223372036854775808\r\n");
}

TEST(RedisCommand, CountsManyWords) {
  RedisCommand command{"DEL"};
  for (int i = 0; i < 1234; ++i) command.add("k");
  EXPECT_TRUE(command.wire().starts_with("*1235\r\n$3\r\nDEL\r\n$1\r\nk\r\n"));
}

TEST(RedisCommand, GoesWhereItsFirstKeyBelongs) {
  EXPECT_FALSE(RedisCommand({"PING"}).slot());
  EXPECT_EQ(RedisCommand{"GET"}.key("foo").slot(), redis_slot("foo"));
  EXPECT_EQ(RedisCommand{"MGET"}.key("foo").key("bar").slot(), redis_slot("foo"));
  const auto published = RedisCommand{"SPUBLISH"}.routed_by("foo").add("channel");
  EXPECT_EQ(published.slot(), redis_slot("foo"));
  EXPECT_EQ(published.wire(), "*2\r\n$8\r\nSPUBLISH\r\n$7\r\nchannel\r\n");
}

TEST(RedisReply, TellsItsKind) {
  const RedisReply error{.kind = RedisReply::Kind::error, .text = "NOSCRIPT No matching script"};
  EXPECT_EQ(error.error_code(), "NOSCRIPT");
  EXPECT_FALSE(error.is_status("NOSCRIPT No matching script"));
  EXPECT_EQ((RedisReply{.kind = RedisReply::Kind::error, .text = "ERR"}.error_code()), "ERR");
  EXPECT_EQ((RedisReply{.kind = RedisReply::Kind::string, .text = "ERR x"}.error_code()), "");
  EXPECT_TRUE((RedisReply{.kind = RedisReply::Kind::status, .text = "OK"}.is_status("OK")));
  EXPECT_TRUE(RedisReply().is_nil());
}

}  // namespace
}  // namespace forebay::tier
