// Byte streams: what both kinds promise, and what TLS adds.
#include "forebay/io/stream.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <optional>
#include <string>

#include "support/scripted_origin.hpp"

namespace forebay::io {
namespace {

using namespace std::chrono_literals;
using test::OriginPeer;
using test::ScriptedOrigin;

/// A worker, an origin that speaks plainly or TLS, and a stream to it. Every test of this kind runs against
/// both.
class StreamFixture {
 protected:
  StreamFixture() { sweep.start(); }
  ~StreamFixture() {
    sweep.stop();
    context.restart();
    context.poll();
  }

  template <class T>
  T run(Awaitable<T> work) {
    std::optional<T> result;
    asio::co_spawn(context, std::move(work),
                   [&](const std::exception_ptr&, T value) { result.emplace(std::move(value)); });
    context.restart();
    while (!result) context.run_one();
    return std::move(*result);
  }
  Socket connected(const ScriptedOrigin& to) {
    Socket socket(context);
    socket.connect(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), to.port()));
    return socket;
  }
  TlsOutcome handshake(const ScriptedOrigin& to, const TlsPeer& peer, Cancel* cancel = nullptr) {
    return run(tls_stream(connected(to), client_context, peer, sweep, 300ms, cancel));
  }

  asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  SystemClock clock;
  Sweep sweep{context.get_executor(), clock};
  test::CertificateAuthority authority;
  test::Certificate certificate = authority.issue({"DNS:app.example.org", "IP:127.0.0.1"});
  asio::ssl::context client_context{asio::ssl::context::tls_client};
};

class StreamTest : public StreamFixture, public ::testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<Stream> open() {
    if (!GetParam()) return plain_stream(connected(origin), sweep);
    client_context.load_verify_file(authority.file().string());
    return handshake(origin, {"app.example.org"}).stream;
  }
  std::string read(Stream& stream, std::size_t size) {
    std::string all;
    char piece[1000];
    while (all.size() < size) {
      const auto [ec, n] = run(stream.read_some(asio::buffer(piece)));
      if (ec) break;
      all.append(piece, n);
    }
    return all;
  }

  ScriptedOrigin origin{{.certificate = GetParam() ? &certificate : nullptr}};
};

TEST_P(StreamTest, ReadsAndWrites) {
  origin.script([](OriginPeer& peer) {
    peer.send("echo:" + peer.read(12));
    peer.wait_for_close();
  });
  const auto stream = open();
  const std::string a = "hello, ";
  const std::string b = "world";
  const asio::const_buffer both[] = {asio::buffer(a), asio::buffer(b)};
  EXPECT_FALSE(run(stream->write(both)));
  EXPECT_EQ(read(*stream, 17), "echo:hello, world");
}

TEST_P(StreamTest, WritesEverythingHoweverMuch) {
  const std::string large(5'000'000, 'x');
  std::atomic<std::size_t> received{0};
  origin.script([&](OriginPeer& peer) {
    received = peer.read(2 * large.size()).size();
    peer.send("done");
    peer.wait_for_close();
  });
  const auto stream = open();
  const asio::const_buffer twice[] = {asio::buffer(large), asio::buffer(large)};
  EXPECT_FALSE(run(stream->write(twice)));
  EXPECT_EQ(read(*stream, 4), "done");
  EXPECT_EQ(received, 2 * large.size());
}

TEST_P(StreamTest, ReportsTheEnd) {
  origin.script([](OriginPeer& peer) {
    peer.send("bye");
    peer.end_sending();
    peer.wait_for_close();
  });
  const auto stream = open();
  EXPECT_EQ(read(*stream, 3), "bye");
  char more[10];
  EXPECT_EQ(run(stream->read_some(asio::buffer(more))).first, asio::error::eof);
}

TEST_P(StreamTest, IsQuietUntilSomethingComes) {
  origin.script([](OriginPeer& peer) {
    peer.send("hello");
    peer.wait("more");
    peer.send("more");
    peer.wait_for_close();
  });
  const auto stream = open();
  EXPECT_EQ(read(*stream, 5), "hello");
  EXPECT_TRUE(stream->is_quiet());
  origin.gate("more").open();
  while (stream->is_quiet()) std::this_thread::yield();
  EXPECT_EQ(read(*stream, 4), "more");
  EXPECT_TRUE(stream->is_quiet());
}

TEST_P(StreamTest, IsNotQuietWithBytesNotReadYet) {
  origin.script([](OriginPeer& peer) {
    peer.send("hello");
    peer.wait_for_close();
  });
  const auto stream = open();
  char one;
  EXPECT_EQ(run(stream->read_some(asio::buffer(&one, 1))).second, 1U);
  EXPECT_FALSE(stream->is_quiet());
  EXPECT_EQ(read(*stream, 4), "ello");
  EXPECT_TRUE(stream->is_quiet());
}

TEST_P(StreamTest, IsNotQuietWhenTheOtherSideHasClosed) {
  origin.script([](OriginPeer& peer) {
    peer.send("hello");
    peer.wait("end");
    peer.end_sending();
    peer.wait_for_close();
  });
  const auto stream = open();
  EXPECT_EQ(read(*stream, 5), "hello");
  EXPECT_TRUE(stream->is_quiet());
  origin.gate("end").open();
  while (stream->is_quiet()) std::this_thread::yield();
  EXPECT_FALSE(stream->is_quiet());
}

TEST_P(StreamTest, ADeadlineEndsTheReadUnderWay) {
  origin.script([](OriginPeer& peer) { peer.wait_for_close(); });
  const auto stream = open();
  char piece[10];
  stream->deadline().arm(100ms);
  EXPECT_EQ(run(stream->read_some(asio::buffer(piece))).first, asio::error::operation_aborted);
  EXPECT_TRUE(stream->deadline().has_fired());
  EXPECT_FALSE(stream->is_quiet());
  EXPECT_TRUE(origin.wait_for_open_connections(0));
}

TEST_P(StreamTest, ADeadlineEndsTheWriteUnderWay) {
  origin.script([](OriginPeer& peer) { peer.wait("never"); });
  const auto stream = open();
  const std::string large(50'000'000, 'x');
  const asio::const_buffer buffers[] = {asio::buffer(large)};
  stream->deadline().arm(200ms);
  EXPECT_TRUE(run(stream->write(buffers)));
  EXPECT_TRUE(stream->deadline().has_fired());
}

TEST_P(StreamTest, ClosedItFailsButDoesNotHang) {
  origin.script([](OriginPeer& peer) { peer.wait_for_close(); });
  const auto stream = open();
  stream->close();
  stream->close();
  char piece[10];
  const asio::const_buffer buffers[] = {asio::buffer("x", 1)};
  EXPECT_TRUE(run(stream->read_some(asio::buffer(piece))).first);
  EXPECT_TRUE(run(stream->write(buffers)));
  EXPECT_FALSE(stream->is_quiet());
}

INSTANTIATE_TEST_SUITE_P(Kinds, StreamTest, ::testing::Bool(),
                         [](const auto& kind) { return kind.param ? "Tls" : "Plain"; });

// ---- TLS ------------------------------------------------------------------------------------------------

class TlsStreamTest : public StreamFixture, public ::testing::Test {
 protected:
  void trust() { client_context.load_verify_file(authority.file().string()); }
  ScriptedOrigin origin{{.certificate = &certificate}};
};

TEST_F(TlsStreamTest, VerifiesNamesAndAddresses) {
  trust();
  EXPECT_TRUE(handshake(origin, {"app.example.org"}).stream);
  EXPECT_TRUE(handshake(origin, {"127.0.0.1"}).stream);
  for (const auto* wrong : {"example.org", "x.app.example.org", "127.0.0.2"}) {
    const auto outcome = handshake(origin, {wrong});
    EXPECT_FALSE(outcome.stream) << wrong;
    EXPECT_TRUE(outcome.certificate_refused) << wrong;
    EXPECT_TRUE(outcome.error);
    EXPECT_THAT(outcome.detail, ::testing::HasSubstr("mismatch"));
  }
}

TEST_F(TlsStreamTest, RefusesAnUnknownAuthorityUnlessToldNotToVerify) {
  EXPECT_TRUE(handshake(origin, {"app.example.org"}).certificate_refused);
  const auto outcome = handshake(origin, {"any.example.org", false});
  EXPECT_TRUE(outcome.stream);
  EXPECT_FALSE(outcome.certificate_refused);
}

TEST_F(TlsStreamTest, RefusesAnEmptyName) {
  trust();
  const auto outcome = handshake(origin, {""});
  EXPECT_FALSE(outcome.stream);
  EXPECT_EQ(outcome.error, asio::error::invalid_argument);
}

TEST_F(TlsStreamTest, TellsATimeOutFromOtherFailures) {
  ScriptedOrigin silent;
  silent.script([](OriginPeer& peer) { peer.wait_for_close(); });
  const auto slow = handshake(silent, {"app.example.org"});
  EXPECT_FALSE(slow.stream);
  EXPECT_TRUE(slow.timed_out);
  EXPECT_FALSE(slow.certificate_refused);
  silent.script([](OriginPeer& peer) { peer.send("220 mail.example.org ESMTP\r\n"); });
  const auto plain = handshake(silent, {"app.example.org"});
  EXPECT_FALSE(plain.timed_out);
  EXPECT_THAT(plain.detail, ::testing::HasSubstr("wrong version number"));
}

TEST_F(TlsStreamTest, AHandshakeCanBeCancelled) {
  ScriptedOrigin silent;
  Cancel cancel;
  silent.script([&](OriginPeer& peer) {
    peer.read(1);  // the client's hello has begun
    asio::post(context, [&] { cancel.request(); });
    peer.wait_for_close();
  });
  const auto outcome = handshake(silent, {"app.example.org"}, &cancel);
  EXPECT_FALSE(outcome.stream);
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_TRUE(silent.wait_for_open_connections(0));
}

TEST_F(TlsStreamTest, TheEndOfTheConnectionIsNotTheEndOfTheStream) {
  trust();
  origin.script([](OriginPeer& peer) {
    peer.send("hello");
    peer.kill();
  });
  const auto stream = handshake(origin, {"app.example.org"}).stream;
  char piece[10];
  EXPECT_EQ(run(stream->read_some(asio::buffer(piece))).second, 5U);
  EXPECT_EQ(run(stream->read_some(asio::buffer(piece))).first, asio::ssl::error::stream_truncated);
}

}  // namespace
}  // namespace forebay::io
