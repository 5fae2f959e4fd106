// Fields meant for one connection end there (RFC 9110 §7.6.1), in both directions.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(HopByHop, RequestFieldsAreNotForwarded) {
  Scenario s;
  s.origin.on("/a", with("hello", {}));
  const FieldLines fields{{"Connection", "keep-alive, X-Mine"},
                          {"Keep-Alive", "timeout=5"},
                          {"Proxy-Connection", "x"},
                          {"TE", "trailers"},
                          {"X-Mine", "1"},
                          {"X-Yours", "2"},
                          {"Proxy-Authorization", "Basic x"},
                          {"Upgrade", "h2c"},
                          {"Trailer", "X-Sum"}};
  for (const auto* method : {"GET", "DELETE"}) {
    s.client.exchange(method, "/a", fields);
    const auto received = s.origin.last();
    for (const auto* name :
         {"Keep-Alive", "Proxy-Connection", "TE", "X-Mine", "Proxy-Authorization", "Upgrade", "Trailer"})
      EXPECT_FALSE(received.has(name)) << name;
    EXPECT_EQ(received.field("X-Yours"), "2");
    EXPECT_FALSE(received.has("Connection"));
    EXPECT_EQ(received.field("Via"), "1.1 forebay");
  }
}

TEST(HopByHop, ClientsCannotStripWhatOthersRelyOn) {
  Scenario s;
  s.origin.on("/a", with("hello", {}));
  s.client.get("/a", {{"Connection", "close, Authorization, Cookie, Host, X-Forwarded-For"},
                      {"Authorization", "alice"},
                      {"Cookie", "a=b"}});
  const auto received = s.origin.last();
  EXPECT_EQ(received.field("Authorization"), "alice");
  EXPECT_EQ(received.field("Cookie"), "a=b");
  EXPECT_EQ(received.field("Host"), "example.org");
  EXPECT_TRUE(received.has("X-Forwarded-For"));
}

TEST(HopByHop, ResponseFieldsAreNeitherForwardedNorStored) {
  Scenario s;
  s.origin.on("*", fresh("hello", {{"Connection", "X-Mine"},
                                   {"X-Mine", "1"},
                                   {"Keep-Alive", "timeout=5"},
                                   {"Proxy-Authenticate", "Basic"},
                                   {"X-Yours", "2"}}));
  s.client.get("/a");
  for (const auto& response : {s.client.get("/b"), s.client.get("/a"), s.client.post("/a", "")}) {
    EXPECT_FALSE(response.has("X-Mine"));
    EXPECT_FALSE(response.has("Keep-Alive"));
    EXPECT_FALSE(response.has("Proxy-Authenticate"));
    EXPECT_FALSE(response.has("Connection"));
    EXPECT_EQ(response.field("X-Yours"), "2");
    EXPECT_EQ(response.field("Via"), "1.1 forebay");
  }
}

TEST(HopByHop, ViaIsExtended) {
  Scenario s;
  s.origin.on("/a", fresh("hello", {{"Via", "1.1 inner"}}));
  EXPECT_EQ(s.client.get("/a", {{"Via", "1.0 outer"}}).field("Via"), "1.1 inner, 1.1 forebay");
  EXPECT_EQ(s.client.get("/a").field("Via"), "1.1 inner, 1.1 forebay");
  std::string via;
  for (const auto& [name, value] : s.origin.last().fields)
    if (name == "Via") via += value + ";";
  EXPECT_EQ(via, "1.0 outer;1.1 forebay;");
}

}  // namespace
}  // namespace forebay::test
