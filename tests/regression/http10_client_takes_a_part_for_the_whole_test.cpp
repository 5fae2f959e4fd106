// A body of unknown length ends for an HTTP/1.0 client with the connection. One that failed in the middle was
// ended like a complete one; now the connection is reset.
#include <gtest/gtest.h>

#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

TEST(Http10ClientTakesAPartForTheWhole, NotOfABodyThatFails) {
  Scenario s;
  auto response = fresh("0123456789");
  response.chunked = true;
  response.chunk_size = 5;
  response.gates = {{5, "half"}};
  response.truncate_after = 5;
  s.origin.on("/a", response);
  s.client.send("GET /a HTTP/1.0\r\nHost: example.org\r\n\r\n");
  auto got = s.client.read_head();
  EXPECT_EQ(s.client.read_body(5), "01234");
  s.origin.gate("half").open();
  s.client.read_rest(got);
  EXPECT_TRUE(got.reset);
}

}  // namespace
}  // namespace forebay::test
