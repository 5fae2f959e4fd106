#include "tier/redis_slot_map.hpp"

#include <gtest/gtest.h>

namespace forebay::tier {
namespace {

using Kind = RedisReply::Kind;

const RedisAddress kAsked{.host = "10.0.0.1", .port = 7000};

std::string redirection(std::string_view error) {
  const auto found = parse_redirection(error, kAsked);
  if (!found) return "";
  return (found->kind == RedisRedirection::Kind::ask ? "ask " : "moved ") + std::to_string(found->slot) +
         " " + found->address.text();
}

TEST(ParseRedirection, NamesSlotAndNode) {
  EXPECT_EQ(redirection("MOVED 3999 127.0.0.1:6381"), "moved 3999 127.0.0.1:6381");
  EXPECT_EQ(redirection("ASK 0 node-1.example_x:7001"), "ask 0 node-1.example_x:7001");
  EXPECT_EQ(redirection("MOVED 16383 ::1:7001"), "moved 16383 [::1]:7001");
  EXPECT_EQ(redirection("MOVED 1 :7001"), "moved 1 10.0.0.1:7001");
  EXPECT_EQ(redirection("MOVED 1 ?:7001"), "moved 1 10.0.0.1:7001");
}

TEST(ParseRedirection, TakesNothingElse) {
  for (const auto* row : {"",
                          "MOVED",
                          "MOVED ",
                          "MOVED 1",
                          "MOVED 1 ",
                          "MOVED 1 a",
                          "MOVED 1 a:",
                          "MOVED 1 a:0",
                          "MOVED 1 a:65536",
                          "MOVED 1 a:x",
                          "MOVED 16384 a:1",
                          "MOVED -1 a:1",
                          "MOVED x a:1",
                          "MOVED  1 a:1",
                          "moved 1 a:1",
                          "MOVEDX 1 a:1",
                          "ASKING 1 a:1",
                          "ERR MOVED 1 a:1",
                          "MOVED 1 a b:1",
                          "MOVED 1 a/b:1",
                          "MOVED 1 a\r\n:1",
                          "MOVED 1 a:1 ",
                          "MOVED 99999999999999999999 a:1"})
    EXPECT_EQ(redirection(row), "") << row;
  EXPECT_EQ(redirection("MOVED 1 " + std::string(300, 'a') + ":1"), "");
}

RedisReply number(std::int64_t value) { return {.kind = Kind::integer, .integer = value}; }
RedisReply text(std::string value) { return {.kind = Kind::string, .text = std::move(value)}; }
RedisReply list(std::vector<RedisReply> elements) {
  return {.kind = Kind::array, .elements = std::move(elements)};
}
RedisReply node(const std::string& host, std::int64_t port) {
  return list({text(host), number(port), text("id"), list({})});
}

TEST(RedisSlotMap, KnowsTheMasterOfEachSlot) {
  const auto reply = list({list({number(0), number(99), node("a", 1), node("replica", 9)}),
                           list({number(100), number(100), node("b", 2)}),
                           list({number(200), number(16'383), node("a", 1)})});
  const auto map = RedisSlotMap::parse(reply, kAsked).value();
  EXPECT_EQ(map.nodes().size(), 2U);
  EXPECT_EQ(map.find(0)->text(), "a:1");
  EXPECT_EQ(map.find(99)->text(), "a:1");
  EXPECT_EQ(map.find(100)->text(), "b:2");
  EXPECT_EQ(map.find(101), nullptr);
  EXPECT_EQ(map.find(16'383)->text(), "a:1");
}

TEST(RedisSlotMap, ANodeWithoutAHostIsReachedAsTheOneThatWasAsked) {
  const auto reply =
      list({list({number(0), number(1), list({RedisReply(), number(7), text("id")})}),
            list({number(2), number(3), node("", 8)}), list({number(4), number(5), node("?", 9)})});
  const auto map = RedisSlotMap::parse(reply, kAsked).value();
  EXPECT_EQ(map.find(0)->text(), "10.0.0.1:7");
  EXPECT_EQ(map.find(2)->text(), "10.0.0.1:8");
  EXPECT_EQ(map.find(4)->text(), "10.0.0.1:9");
}

TEST(RedisSlotMap, ASlotMayMoveToAnybody) {
  auto map = RedisSlotMap::parse(list({list({number(0), number(9), node("a", 1)})}), kAsked).value();
  map.assign(5, {.host = "c", .port = 3});
  EXPECT_EQ(map.find(5)->text(), "c:3");
  EXPECT_EQ(map.find(4)->text(), "a:1");
  EXPECT_EQ(map.nodes().size(), 2U);
}

TEST(RedisSlotMap, RefusesWhatIsMalformed) {
  const auto range = [](RedisReply begin, RedisReply end, RedisReply master) {
    return list({list({std::move(begin), std::move(end), std::move(master)})});
  };
  const RedisReply rows[] = {
      {},
      text("a"),
      {.kind = Kind::error, .text = "ERR This instance has cluster support disabled"},
      list({number(1)}),
      list({list({})}),
      list({list({number(0), number(1)})}),
      range(number(-1), number(1), node("a", 1)),
      range(number(0), number(16'384), node("a", 1)),
      range(number(2), number(1), node("a", 1)),
      range(text("0"), number(1), node("a", 1)),
      range(number(0), number(1), text("a")),
      range(number(0), number(1), list({})),
      range(number(0), number(1), list({text("a")})),
      range(number(0), number(1), list({number(1), number(1)})),
      range(number(0), number(1), list({text("a"), text("1")})),
      range(number(0), number(1), node("a", 0)),
      range(number(0), number(1), node("a", -1)),
      range(number(0), number(1), node("a", 65'536)),
      range(number(0), number(1), node("a b", 1)),
      range(number(0), number(1), node(std::string(300, 'a'), 1)),
  };
  for (const auto& row : rows) EXPECT_TRUE(RedisSlotMap::parse(row, kAsked).has_error());
}

TEST(RedisSlotMap, TakesNoMoreNodesThanAClusterHas) {
  RedisReply reply = list({});
  for (int i = 0; i <= 1024; ++i) reply.elements.push_back(list({number(i), number(i), node("a", i + 1)}));
  EXPECT_TRUE(RedisSlotMap::parse(reply, kAsked).has_error());
  reply.elements.pop_back();
  auto map = RedisSlotMap::parse(reply, kAsked).value();
  map.assign(0, {.host = "b", .port = 1});
  EXPECT_EQ(map.find(0)->text(), "a:1");
}

}  // namespace
}  // namespace forebay::tier
