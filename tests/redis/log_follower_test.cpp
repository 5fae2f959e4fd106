// The shared invalidation log with a real Redis: what one node purges, the others learn, whatever happens to
// the connection.
#include "forebay/tier/log_follower.hpp"

#include "forebay/cache/tags.hpp"
#include "redis/redis_fixture.hpp"

namespace forebay::tier::testing {
namespace {

using cache::Purge;
using cache::PurgeKind;

/// A node: its memory, its knowledge of the log, and a worker that follows it.
struct Node : RedisWorker {
  Node(const RedisSettings& settings, const std::string& name, milliseconds max_unverified = 3s)
      : RedisWorker(settings), entries(memory, name, [this] { follower->wake(); }) {
    follower = std::make_shared<LogFollower>(
        LogFollower::Settings{.max_unverified = max_unverified},
        LogFollower::Dependencies{context.get_executor(), *client, entries, clock, metrics, log});
    follower->start();
  }
  ~Node() {
    follower->stop();
    client.reset();
    settle();
  }

  void purge_tag(const std::string& tag) { memory.log().append(Purge::parse(PurgeKind::tag, tag).value()); }
  bool has_read_all() { return entries.unwritten_count() == 0 && vouches(UINT64_MAX, "none"); }
  bool vouches(cache::Position position, const std::string& tag) const {
    const std::vector<Digest> tags{cache::tag_digest(tag)};
    return entries.vouches_for(cache::primary_key("http://a:80/"), tags, position);
  }
  bool has_purged(const std::string& tag, cache::Position since) const {
    const std::vector<Digest> tags{cache::tag_digest(tag)};
    return bool(memory.log().purged_since(cache::primary_key("http://a:80/"), tags, since));
  }

  MemoryTier memory{MemorySettings{.size = 1 << 20}, 1};
  SharedLog entries;
  std::shared_ptr<LogFollower> follower;
};

struct LogFollowerTest : ::testing::Test {
  /// Runs all nodes until it is so.
  template <class Condition>
  bool eventually(Condition is_so) {
    const auto end = std::chrono::steady_clock::now() + test::Gate::kPatience;
    while (!is_so() && std::chrono::steady_clock::now() < end)
      for (auto* node : {&a, &b}) {
        node->context.restart();
        node->context.run_one_for(2ms);
      }
    return is_so();
  }
  bool begun() {
    return eventually([&] {
      return a.has_read_all() && b.has_read_all() && a.entries.position() == b.entries.position() &&
             a.entries.position() > 0;
    });
  }

  RedisServer server;
  RedisSettings settings = settings_for(server.url());
  Node a{settings, "a"};
  Node b{settings, "b"};
};

TEST_F(LogFollowerTest, WhatOneNodePurgesTheOthersPurge) {
  ASSERT_TRUE(begun());
  const auto before = b.memory.log().position();
  a.purge_tag("t");
  EXPECT_TRUE(eventually([&] { return b.has_purged("t", before); }));
  EXPECT_TRUE(eventually([&] { return a.vouches(UINT64_MAX, "t"); })) << "it is not pending any more";
  EXPECT_FALSE(a.vouches(0, "t"));
  EXPECT_FALSE(b.vouches(0, "t"));
  EXPECT_EQ(a.entries.position(), b.entries.position());
}

TEST_F(LogFollowerTest, ALaterNodeReadsWhatWasPurgedBeforeItsTime) {
  ASSERT_TRUE(begun());
  a.purge_tag("t");
  ASSERT_TRUE(begun());
  Node late(settings, "late");
  late.run_until([&] { return late.vouches(UINT64_MAX, "x"); });
  EXPECT_FALSE(late.vouches(b.entries.position() - 1, "t"));
  EXPECT_TRUE(late.vouches(b.entries.position(), "t"));
}

TEST_F(LogFollowerTest, PurgesThatAreAcceptedWithoutRedisAreWrittenLater) {
  ASSERT_TRUE(begun());
  server.pause();
  const auto before = b.memory.log().position();
  a.purge_tag("t");
  EXPECT_TRUE(a.has_purged("t", before)) << "here at once";
  EXPECT_FALSE(a.vouches(UINT64_MAX, "t"));
  EXPECT_FALSE(b.has_purged("t", before));
  server.resume();
  EXPECT_TRUE(eventually([&] { return b.has_purged("t", before); }));
}

TEST_F(LogFollowerTest, ALogThatIsGoneDropsWhatMemoryHolds) {
  a.purge_tag("t");
  ASSERT_TRUE(begun());
  ASSERT_TRUE(eventually([&] { return b.entries.position() > 0; }));
  const auto before = b.memory.log().position();
  server.kill();
  server.start();  // empty
  EXPECT_TRUE(eventually([&] { return b.has_purged("anything", before); }));
  // What it had taken lately is written once more.
  EXPECT_TRUE(eventually([&] { return server.ask({"XLEN", "{forebay}:log"}).integer >= 1; }));
  const auto after = b.memory.log().position();
  a.purge_tag("u");
  EXPECT_TRUE(eventually([&] { return b.has_purged("u", after); }));
}

TEST_F(LogFollowerTest, ALogThatWasTrimmedPastItsPositionDropsWhatMemoryHolds) {
  ASSERT_TRUE(begun());
  a.purge_tag("t");
  ASSERT_TRUE(eventually([&] { return b.entries.position() > 0; }));
  const auto before = b.memory.log().position();
  server.ask({"CLIENT", "KILL", "TYPE", "normal"});
  server.ask({"XADD", "{forebay}:log", "*", "lost", "1"});
  server.ask({"XADD", "{forebay}:log", "*", "lost", "2"});
  server.ask({"XTRIM", "{forebay}:log", "MAXLEN", "0"});
  EXPECT_TRUE(eventually([&] { return b.has_purged("anything", before); }));
}

TEST_F(LogFollowerTest, WhatCannotBeReadPurgesEverything) {
  ASSERT_TRUE(begun());
  const auto before = b.memory.log().position();
  server.ask({"XADD", "{forebay}:log", "*", "v", "2", "kind", "colour"});
  EXPECT_TRUE(eventually([&] { return b.has_purged("anything", before); }));
}

TEST_F(LogFollowerTest, WaitingForAllTellsWhoIsMissing) {
  ASSERT_TRUE(begun());
  a.purge_tag("t");
  std::optional<LogFollower::Acknowledged> all;
  a.start(a.follower->wait_for_all(a.entries.last_number(), 10s), all);
  ASSERT_TRUE(eventually([&] { return all.has_value(); }));
  EXPECT_TRUE(all->written);
  EXPECT_TRUE(all->missing.empty());

  a.purge_tag("u");
  std::optional<LogFollower::Acknowledged> without_b;
  a.start(a.follower->wait_for_all(a.entries.last_number(), 300ms), without_b);
  a.run_until([&] { return without_b.has_value(); });  // b does not run
  EXPECT_EQ(without_b->missing, std::vector<std::string>{"b"});
}

// ---- faults that there were, each test named after one --------------------------------------------------

TEST_F(LogFollowerTest, ABusyLogLooksLikeOneThatCannotBeHeard) {
  ASSERT_TRUE(begun());
  const auto end = std::chrono::steady_clock::now() + 4s;  // longer than max_unverified
  while (std::chrono::steady_clock::now() < end) {
    a.purge_tag("t");
    ASSERT_TRUE(begun()) << "each is read before the stream has been silent for a second";
    ASSERT_FALSE(b.follower->is_cut_off());
  }
}

TEST_F(LogFollowerTest, ALogTrimmedBeforeANodesTimeIsTrusted) {
  ASSERT_TRUE(begun());
  a.purge_tag("t");
  ASSERT_TRUE(begun());
  const auto between = a.entries.position();
  a.purge_tag("u");
  ASSERT_TRUE(begun());
  server.ask({"XTRIM", "{forebay}:log", "MAXLEN", "1"});
  Node late(settings, "late");
  late.run_until([&] { return late.vouches(UINT64_MAX, "x"); });
  EXPECT_FALSE(late.vouches(between, "x")) << "what was trimmed may have named it";
  EXPECT_TRUE(late.vouches(b.entries.position(), "x"));
}

TEST_F(LogFollowerTest, ALogThatIsNewIsTrusted) {
  ASSERT_TRUE(begun());
  a.purge_tag("t");
  ASSERT_TRUE(begun());
  const auto before = a.entries.position();
  server.ask({"DEL", "{forebay}:log"});
  Node late(settings, "late");
  late.run_until([&] { return late.entries.position() > 0 && late.has_read_all(); });
  EXPECT_FALSE(late.vouches(before, "t"));
  EXPECT_FALSE(late.vouches(before, "x"));
  Node later(settings, "later");
  later.run_until([&] { return later.vouches(UINT64_MAX, "x"); });
  EXPECT_FALSE(later.vouches(before, "x")) << "what the first one did is in the log";
}

TEST_F(LogFollowerTest, ANodeIsTakenForDeadWhileItStillServes) {
  ASSERT_TRUE(begun());
  Node patient(settings, "patient", 60s);
  const auto lease = [&] { return server.ask({"PTTL", "{forebay}:nodes:patient"}).integer; };
  patient.run_until([&] { return lease() > 0; });
  EXPECT_GT(lease(), 60'000) << "max_unverified: until then it uses what it has";
}

TEST_F(LogFollowerTest, TheStreamGrowsWithoutBounds) {
  ASSERT_TRUE(begun());
  for (int i = 0; i < 1'100; ++i) a.purge_tag(std::to_string(i));
  EXPECT_TRUE(eventually([&] { return a.entries.unwritten_count() == 0; }));
  EXPECT_NE(server.ask({"INFO", "commandstats"}).text.find("cmdstat_xtrim:"), std::string::npos);
}

// ---------------------------------------------------------------------------------------------------------

TEST_F(LogFollowerTest, KnowsThatItIsCutOff) {
  ASSERT_TRUE(begun());
  EXPECT_FALSE(a.follower->is_cut_off());
  server.pause();
  EXPECT_TRUE(eventually([&] { return a.follower->is_cut_off(); }));
  server.resume();
  EXPECT_TRUE(eventually([&] { return !a.follower->is_cut_off(); }));
}

}  // namespace
}  // namespace forebay::tier::testing
