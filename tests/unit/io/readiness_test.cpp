#include "forebay/io/readiness.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <vector>

namespace forebay::io {
namespace {

struct Edge {
  bool readable = false;
  bool writable = false;
  bool ended = false;
};

/// One end of a socket pair, watched; the other end is the peer.
class Watching final : public Watched {
 public:
  Watching() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    own = fds[0];
    peer = fds[1];
  }
  ~Watching() {
    ::close(own);
    if (peer >= 0) ::close(peer);
  }
  void on_ready(bool readable, bool writable, bool ended) override {
    edges.push_back({readable, writable, ended});
    if (then) then();
  }

  int own = -1;
  int peer = -1;
  std::vector<Edge> edges;
  std::function<void()> then;
};

class ReadinessTest : public testing::Test {
 protected:
  ReadinessTest() { readiness.start(); }
  void run() {
    context.restart();
    context.poll();
  }
  /// Watches and takes the first edge, which says that it may be written to.
  void watch(Watching& watched) {
    ASSERT_TRUE(readiness.watch(watched.own, watched));
    run();
    watched.edges.clear();
  }

  boost::asio::io_context context;
  Readiness readiness{context.get_executor()};
};

TEST_F(ReadinessTest, AFreshDescriptorIsWritable) {
  Watching watched;
  ASSERT_TRUE(readiness.watch(watched.own, watched));
  run();
  ASSERT_EQ(watched.edges.size(), 1U);
  EXPECT_TRUE(watched.edges[0].writable);
  EXPECT_FALSE(watched.edges[0].readable);
}

TEST_F(ReadinessTest, BytesMakeOneEdgeUntilMoreCome) {
  Watching watched;
  watch(watched);
  ASSERT_EQ(::send(watched.peer, "a", 1, 0), 1);
  run();
  run();
  ASSERT_EQ(watched.edges.size(), 1U);
  EXPECT_TRUE(watched.edges[0].readable);
  ASSERT_EQ(::send(watched.peer, "b", 1, 0), 1);
  run();
  EXPECT_EQ(watched.edges.size(), 2U);
}

TEST_F(ReadinessTest, ThePeersEndIsReadableAndEnded) {
  Watching watched;
  watch(watched);
  ::close(watched.peer);
  watched.peer = -1;
  run();
  ASSERT_FALSE(watched.edges.empty());
  EXPECT_TRUE(watched.edges[0].readable);
  EXPECT_TRUE(watched.edges[0].ended);
}

TEST_F(ReadinessTest, ForgettingInTheMiddleOfABatchTakesBackWhatWasNoticed) {
  Watching first;
  Watching second;
  watch(first);
  watch(second);
  // Both are ready at once; whoever comes first ends the other.
  first.then = [&] { readiness.forget(second); };
  second.then = [&] { readiness.forget(first); };
  ASSERT_EQ(::send(first.peer, "a", 1, 0), 1);
  ASSERT_EQ(::send(second.peer, "a", 1, 0), 1);
  run();
  EXPECT_EQ(first.edges.size() + second.edges.size(), 1U);
}

TEST_F(ReadinessTest, StopLeavesNothingToRun) {
  readiness.stop();
  context.restart();
  context.run();  // returns: the set is not waited for any more
}

TEST_F(ReadinessTest, ADescriptorThatCannotBeWatchedIsRefused) {
  Watching watched;
  EXPECT_FALSE(readiness.watch(-1, watched));
}

}  // namespace
}  // namespace forebay::io
