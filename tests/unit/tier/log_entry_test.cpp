#include "tier/log_entry.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace forebay::tier {
namespace {

using cache::Purge;
using cache::PurgeKind;
using cache::PurgeMode;
using Names = std::vector<std::pair<std::string, std::string>>;

RedisReply text(std::string value) { return {.kind = RedisReply::Kind::string, .text = std::move(value)}; }

RedisReply reply_of(const Names& names) {
  RedisReply reply{.kind = RedisReply::Kind::array};
  for (const auto& [name, value] : names) {
    reply.elements.push_back(text(name));
    reply.elements.push_back(text(value));
  }
  return reply;
}

const Names kTag = {{"v", "1"},
                    {"kind", "tag"},
                    {"mode", "soft"},
                    {"what", "00112233445566778899aabbccddeeff"},
                    {"at", "1700000000000"},
                    {"node", "n1"},
                    {"n", "7"}};

Names with(const std::string& name, const std::string& value) {
  auto names = kTag;
  for (auto& [known, old] : names)
    if (known == name) old = value;
  return names;
}

Names without(const std::string& name) {
  auto names = kTag;
  std::erase_if(names, [&](const auto& pair) { return pair.first == name; });
  return names;
}

TEST(LogEntry, PositionsAreIds) {
  EXPECT_EQ(position_of("0-0"), 0U);
  EXPECT_EQ(position_of("0-1"), 1U);
  EXPECT_EQ(position_of("1-0"), 1U << 20);
  EXPECT_EQ(position_of("1700000000000-5"), (1700000000000ULL << 20) + 5);
  for (const auto* id : {"0-0", "1-1", "1700000000000-5", "17592186044415-1048575"})
    EXPECT_EQ(id_at(position_of(id).value()), id);
}

TEST(LogEntry, RefusesWhatIsNoId) {
  for (const auto* id :
       {"", "-", "1", "1-", "-1", "1-1-1", "a-1", "1-a", " 1-1", "1-1 ", "+1-1", "1--1", "0x1-1",
        "17592186044416-0", "1-1048576", "18446744073709551616-0", "1-18446744073709551616"})
    EXPECT_FALSE(position_of(id)) << id;
}

TEST(LogEntry, IsReadAsItWasWritten) {
  std::vector<Purge> purges;
  for (const auto& [kind, what] :
       std::vector<std::pair<PurgeKind, std::string>>{{PurgeKind::tag, "user:7"},
                                                      {PurgeKind::prefix, "//example.org/a/"},
                                                      {PurgeKind::pattern, "/**/*.css"},
                                                      {PurgeKind::host, "*.example.org"},
                                                      {PurgeKind::everything, ""}})
    purges.push_back(Purge::parse(kind, what).value());
  purges.push_back({.kind = PurgeKind::key, .digest = digest("http://a/")});
  purges.push_back({.kind = PurgeKind::url, .digest = digest("a/")});
  for (auto purge : purges) {
    purge.mode = PurgeMode::refresh;
    purge.at = WallTime(milliseconds(1234567));
    RedisCommand command{"XADD"};
    append_fields(command, {purge, "node-1", 42});
    // Every second word of RESP, behind the command's own.
    Names names;
    std::vector<std::string> words;
    for (std::string rest(command.wire()); !rest.empty();) {
      const auto end = rest.find("\r\n");
      words.push_back(rest.substr(0, end));
      rest.erase(0, end + 2);
    }
    for (std::size_t i = 4; i + 2 < words.size(); i += 4) names.emplace_back(words[i], words[i + 2]);
    const auto read = read_fields(reply_of(names)).value();
    EXPECT_EQ(read.node, "node-1");
    EXPECT_EQ(read.number, 42U);
    EXPECT_EQ(read.purge.kind, purge.kind);
    EXPECT_EQ(read.purge.mode, purge.mode);
    EXPECT_EQ(read.purge.at, purge.at);
    EXPECT_EQ(read.purge.digest, purge.digest);
    EXPECT_EQ(read.purge.scope.text(), purge.scope.text());
  }
}

TEST(LogEntry, PassesOverWhatLaterVersionsAdd) {
  auto names = kTag;
  names.emplace_back("colour", "blue");
  EXPECT_TRUE(read_fields(reply_of(names)));
}

TEST(LogEntry, RefusesWhatIsMalformed) {
  auto twice = kTag;
  twice.emplace_back("kind", "tag");
  auto odd = reply_of(kTag);
  odd.elements.pop_back();
  auto number = reply_of(kTag);
  number.elements[1] = {.kind = RedisReply::Kind::integer, .integer = 1};
  const RedisReply nil;
  for (const auto& reply : {odd, number, nil, text("v"), reply_of({}), reply_of(twice)})
    EXPECT_FALSE(read_fields(reply));
  for (const auto& names : std::vector<Names>{without("v"),
                                              with("v", ""),
                                              with("v", "0"),
                                              with("v", "2"),
                                              with("v", "1 "),
                                              without("kind"),
                                              with("kind", ""),
                                              with("kind", "Tag"),
                                              with("kind", "tags"),
                                              with("kind", "none"),
                                              without("mode"),
                                              with("mode", ""),
                                              with("mode", "none"),
                                              with("mode", "HARD"),
                                              with("mode", "firm"),
                                              without("at"),
                                              with("at", ""),
                                              with("at", "-1"),
                                              with("at", "1.5"),
                                              with("at", "17592186044416"),
                                              without("n"),
                                              with("n", ""),
                                              with("n", "-7"),
                                              with("n", "x"),
                                              without("node"),
                                              with("node", ""),
                                              with("node", std::string(65, 'n')),
                                              without("what"),
                                              with("what", ""),
                                              with("what", "00112233445566778899aabbccddeef"),
                                              with("what", "00112233445566778899aabbccddeeff0"),
                                              with("what", "00112233445566778899AABBCCDDEEFF"),
                                              with("what", "0x112233445566778899aabbccddeeff"),
                                              with("what", "0011223344556677 8899aabbccddeef"),
                                              with("kind", "prefix"),
                                              with("kind", "pattern")})
    EXPECT_FALSE(read_fields(reply_of(names)));
}

}  // namespace
}  // namespace forebay::tier
