#include "listen_address.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace forebay::admin {
namespace {

namespace asio = boost::asio;
using asio::ip::make_address;

Endpoint tcp(const char* address, std::uint16_t port = 1) {
  return asio::ip::tcp::endpoint(make_address(address), port);
}

TEST(ParseListenAddress, TakesIpv4) {
  const auto address = parse_listen_address("127.0.0.1:9180");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->endpoint, tcp("127.0.0.1", 9180));
  EXPECT_EQ(address->unix_path, "");
}

TEST(ParseListenAddress, TakesIpv6InBrackets) {
  const auto address = parse_listen_address("[2001:db8::1]:0");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->endpoint, tcp("2001:db8::1", 0));
}

TEST(ParseListenAddress, TakesUnixSockets) {
  const auto address = parse_listen_address("unix:/run/forebay/admin.sock");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->endpoint, Endpoint(asio::local::stream_protocol::endpoint("/run/forebay/admin.sock")));
  EXPECT_EQ(address->unix_path, "/run/forebay/admin.sock");
}

struct BadRow {
  std::string text;
  const char* why;
};

class BadListenAddress : public testing::TestWithParam<BadRow> {};

TEST_P(BadListenAddress, IsRefusedWithItsTextAndTheReason) {
  const auto address = parse_listen_address(GetParam().text);
  ASSERT_TRUE(address.has_error());
  EXPECT_EQ(address.error().kind, ErrorKind::invalid_value);
  EXPECT_NE(address.error().detail.find("\"" + GetParam().text + "\": "), std::string::npos);
  EXPECT_NE(address.error().detail.find(GetParam().why), std::string::npos) << address.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadListenAddress,
    testing::Values(BadRow{"", "no port"}, BadRow{"9180", "no port"}, BadRow{":9180", "expected an IPv4"},
                    BadRow{"localhost:9180", "expected an IPv4"}, BadRow{"::1:9180", "in brackets"},
                    BadRow{"[127.0.0.1]:9180", "expected an IPv4"}, BadRow{"[::1]", "in brackets"},
                    BadRow{"[::1]9180", "in brackets"}, BadRow{"[]:1", "in brackets"},
                    BadRow{"[:1", "in brackets"}, BadRow{"127.0.0.1:", "the port"},
                    BadRow{"127.0.0.1:65536", "the port"}, BadRow{"127.0.0.1:-1", "the port"},
                    BadRow{"127.0.0.1:80 ", "the port"}, BadRow{" 127.0.0.1:80", "expected an IPv4"},
                    BadRow{"127.0.0.1:99999999999999999999", "the port"}, BadRow{"unix:", "absolute"},
                    BadRow{"unix:admin.sock", "absolute"},
                    BadRow{"unix:/" + std::string(107, 'x'), "too long"},
                    BadRow{std::string("unix:/a\0b", 9), "NUL"}));

TEST(ParseListenAddress, TakesTheLongestUnixPath) {
  EXPECT_TRUE(parse_listen_address("unix:/" + std::string(106, 'x')).has_value());
}

TEST(PortOf, KnowsBothFamilies) {
  EXPECT_EQ(port_of(tcp("127.0.0.1", 9180)), 9180);
  EXPECT_EQ(port_of(tcp("::1", 9181)), 9181);
  EXPECT_EQ(port_of(asio::local::stream_protocol::endpoint("/x")), 0);
  EXPECT_EQ(port_of(Endpoint()), 0);
}

struct PeerRow {
  const char* address;
  bool local;
};

class Peer : public testing::TestWithParam<PeerRow> {};

TEST_P(Peer, IsLocalWhenItIsOnThisMachine) { EXPECT_EQ(is_local(tcp(GetParam().address)), GetParam().local); }

INSTANTIATE_TEST_SUITE_P(Rows, Peer,
                         testing::Values(PeerRow{"127.0.0.1", true}, PeerRow{"127.255.0.9", true},
                                         PeerRow{"128.0.0.1", false}, PeerRow{"10.0.0.1", false},
                                         PeerRow{"0.0.0.0", false}, PeerRow{"::1", true},
                                         PeerRow{"::ffff:127.0.0.1", true}, PeerRow{"::ffff:10.0.0.1", false},
                                         PeerRow{"::127.0.0.1", false}, PeerRow{"fe80::1", false},
                                         PeerRow{"2001:db8::7f00:1", false}));

TEST(IsLocal, HoldsForUnixSocketsAndForNothingUnknown) {
  EXPECT_TRUE(is_local(asio::local::stream_protocol::endpoint("/x")));
  EXPECT_FALSE(is_local(Endpoint()));
}

}  // namespace
}  // namespace forebay::admin
