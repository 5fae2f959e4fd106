#include "forebay/http/forwarded.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>

namespace forebay::http {
namespace {

using Lines = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string appended(const ForwardingFacts& facts, Lines lines = {}) {
  Fields fields;
  for (const auto& [name, value] : lines) fields.add(name, value);
  std::string out;
  append_forwarding(out, fields, facts);
  return out;
}

const ForwardingFacts kStranger{"192.0.2.1", false, "http", "example.com"};
const ForwardingFacts kProxy{"10.0.0.1", true, "http", "example.com"};

const std::string kStrangersFields =
    "X-Forwarded-For: 192.0.2.1\r\n"
    "X-Forwarded-Proto: http\r\n"
    "X-Forwarded-Host: example.com\r\n"
    "Forwarded: for=192.0.2.1;host=example.com;proto=http\r\n";

TEST(Forwarding, TellsWhoTheClientIs) { EXPECT_EQ(appended(kStranger), kStrangersFields); }

TEST(Forwarding, ReplacesWhatAStrangerClaims) {
  EXPECT_EQ(appended(kStranger, {{"X-Forwarded-For", "1.2.3.4"},
                                 {"X-Forwarded-Proto", "https"},
                                 {"X-Forwarded-Host", "evil.example"},
                                 {"Forwarded", "for=1.2.3.4;proto=https"}}),
            kStrangersFields);
}

TEST(Forwarding, ExtendsWhatATrustedPeerSays) {
  EXPECT_EQ(appended(kProxy, {{"X-Forwarded-For", "192.0.2.7"},
                              {"X-Forwarded-For", "10.0.0.9"},
                              {"X-Forwarded-Proto", "https"},
                              {"X-Forwarded-Host", "shop.example"},
                              {"Forwarded", "for=192.0.2.7;proto=https"}}),
            "X-Forwarded-For: 192.0.2.7, 10.0.0.9, 10.0.0.1\r\n"
            "X-Forwarded-Proto: https\r\n"
            "X-Forwarded-Host: shop.example\r\n"
            "Forwarded: for=192.0.2.7;proto=https, for=10.0.0.1;host=example.com;proto=http\r\n");
}

TEST(Forwarding, FillsInWhatATrustedPeerLeavesOut) {
  EXPECT_EQ(appended(kProxy),
            "X-Forwarded-For: 10.0.0.1\r\n"
            "X-Forwarded-Proto: http\r\n"
            "X-Forwarded-Host: example.com\r\n"
            "Forwarded: for=10.0.0.1;host=example.com;proto=http\r\n");
}

TEST(Forwarding, TranslatesAChainThatCameOnlyAsXForwardedFor) {
  EXPECT_EQ(appended(kProxy,
                     {{"X-Forwarded-For", "192.0.2.7, 2001:db8::7, [2001:db8::8]:99, 192.0.2.8:99, unknown"},
                      {"X-Forwarded-Proto", "https"}}),
            "X-Forwarded-For: 192.0.2.7, 2001:db8::7, [2001:db8::8]:99, 192.0.2.8:99, unknown, 10.0.0.1\r\n"
            "X-Forwarded-Proto: https\r\n"
            "X-Forwarded-Host: example.com\r\n"
            "Forwarded: for=192.0.2.7;proto=https, for=\"[2001:db8::7]\", for=\"[2001:db8::8]:99\", "
            "for=\"192.0.2.8:99\", for=unknown, for=10.0.0.1;host=example.com;proto=http\r\n");
}

TEST(Forwarding, QuotesWhatIsNoToken) {
  EXPECT_EQ(appended({"2001:db8::1", false, "https", "example.com:8443"}),
            "X-Forwarded-For: 2001:db8::1\r\n"
            "X-Forwarded-Proto: https\r\n"
            "X-Forwarded-Host: example.com:8443\r\n"
            "Forwarded: for=\"[2001:db8::1]\";host=\"example.com:8443\";proto=https\r\n");
}

TEST(Forwarding, AUnixSocketHasNoAddress) {
  EXPECT_EQ(appended({"", false, "http", "example.com"}),
            "X-Forwarded-Proto: http\r\n"
            "X-Forwarded-Host: example.com\r\n"
            "Forwarded: for=unknown;host=example.com;proto=http\r\n");
  EXPECT_EQ(appended({"", true, "http", ""}, {{"X-Forwarded-For", "192.0.2.7"}, {"Forwarded", "for=x"}}),
            "X-Forwarded-For: 192.0.2.7\r\n"
            "X-Forwarded-Proto: http\r\n"
            "Forwarded: for=x, for=unknown;proto=http\r\n");
}

TEST(Forwarding, AClaimCannotBreakOutOfItsQuotes) {
  const auto out = appended(kProxy, {{"X-Forwarded-For", "a\"b\\c"}, {"X-Forwarded-Proto", "x;for=y"}});
  EXPECT_NE(out.find("Forwarded: for=\"a\\\"b\\\\c\";proto=\"x;for=y\", for=10.0.0.1;"), std::string::npos)
      << out;
}

/// What the upstream is told of the chain, without our own element.
std::string chain_told(const std::string& x_forwarded_for) {
  const auto out = appended(kProxy, {{"X-Forwarded-For", x_forwarded_for}});
  const std::string name = "\r\nForwarded: ";
  const std::string own = "for=10.0.0.1;host=example.com;proto=http\r\n";
  const auto begin = out.find(name) + name.size();
  EXPECT_TRUE(out.ends_with(own)) << out;
  return out.substr(begin, out.size() - own.size() - begin);
}

// What a proxy took over from its client can be anything; it is quoted, and ours is always the last element.
TEST(Forwarding, TranslatesOddChains) {
  const struct {
    const char* chain;
    const char* told;
  } rows[] = {
      {"", ""},
      {",", ""},
      {" , ,, ", ""},
      {"a,,b", "for=a, for=b, "},
      {",a,", "for=a, "},
      {"a b", "for=\"a b\", "},
      {"a;b", "for=\"a;b\", "},
      {"a=b", "for=\"a=b\", "},
      {"for=a", "for=\"for=a\", "},
      {"a;proto=https", "for=\"a;proto=https\", "},
      {"\"a\"", "for=\"\\\"a\\\"\", "},
      {"\"a, b\", c", "for=\"\\\"a, b\\\"\", for=c, "},
      {"\"a, b", "for=\"\\\"a, b\", "},
      {"a\"", "for=\"a\\\"\", "},
      {"\"", "for=\"\\\"\", "},
      {"\\", "for=\"\\\\\", "},
      {"a\\\"", "for=\"a\\\\\\\"\", "},
      {"'a'", "for='a', "},
      {":", "for=\":\", "},
      {"::", "for=\"[::]\", "},
      {":::", "for=\"[:::]\", "},
      {"::1", "for=\"[::1]\", "},
      {"[::1]", "for=\"[::1]\", "},
      {"[::1", "for=\"[::1\", "},
      {"::1]", "for=\"[::1]]\", "},
      {"[]", "for=\"[]\", "},
      {"[::1]:x", "for=\"[::1]:x\", "},
      {"fe80::1%eth0", "for=\"[fe80::1%eth0]\", "},
      {"1.2.3.4:80", "for=\"1.2.3.4:80\", "},
      {"999.1.1.1", "for=999.1.1.1, "},
      {"localhost", "for=localhost, "},
      {"_hidden", "for=_hidden, "},
      {"*", "for=*, "},
      {"-", "for=-, "},
      {"http://a/", "for=\"http://a/\", "},
      {"<script>", "for=\"<script>\", "},
      {"a\tb", "for=\"a\tb\", "},
      {"\xc3\xa4", "for=\"\xc3\xa4\", "},
  };
  for (const auto& row : rows) EXPECT_EQ(chain_told(row.chain), row.told) << row.chain;
}

// Behind an open quote our element would be part of the last one, and the client could be anybody.
TEST(Forwarding, DoesNotExtendAnOpenQuote) {
  for (const char* open :
       {"for=\"x", "for=a, for=\"", "for=\"a\\\"", "\"", "for=a;by=\"b, for=c", "for=\"a\", for=\"\\"}) {
    EXPECT_EQ(appended(kProxy, {{"Forwarded", open}}), appended(kProxy)) << open;
    EXPECT_EQ(appended(kProxy, {{"Forwarded", "for=a"}, {"Forwarded", open}, {"X-Forwarded-For", "b"}}),
              appended(kProxy, {{"X-Forwarded-For", "b"}}))
        << open;
  }
  for (const char* closed : {"for=x", "for=\"x\"", "for=\"a\\\"\"", ";;", "x", "for=", "for=a for=b", "\"\""})
    EXPECT_NE(appended(kProxy, {{"Forwarded", closed}})
                  .find("Forwarded: " + std::string(closed) + ", for=10.0.0.1"),
              std::string::npos)
        << closed;
}

TEST(Forwarding, KnowsItsOwnFields) {
  for (const auto id : {FieldId::forwarded, FieldId::x_forwarded_for, FieldId::x_forwarded_host,
                        FieldId::x_forwarded_proto}) {
    EXPECT_TRUE(is_forwarding_field(id)) << name(id);
  }
  EXPECT_FALSE(is_forwarding_field(FieldId::via));
  EXPECT_FALSE(is_forwarding_field(FieldId::other));
}

}  // namespace
}  // namespace forebay::http
