#include "config/edit_rules.hpp"

#include <gtest/gtest.h>

namespace forebay::config {
namespace {

TEST(EditRules, OrdinaryFieldsMayBeEdited) {
  for (const auto* name : {"X-Frame-Options", "Cookie", "Authorization", "Accept-Encoding", "User-Agent"})
    EXPECT_EQ(fault_in_request_edit(name), "") << name;
  for (const auto* name : {"Server", "Cache-Control", "Vary", "Set-Cookie", "Content-Type", "Host"})
    EXPECT_EQ(fault_in_response_edit(name), "") << name;
}

TEST(EditRules, NoFieldOfTheConnectionOrTheBody) {
  for (const auto* name :
       {"Connection", "keep-alive", "TE", "Trailer", "UPGRADE", "Transfer-Encoding", "Content-Length",
        "Content-Encoding", "Content-Range", "Proxy-Authenticate", "Via"}) {
    EXPECT_NE(fault_in_request_edit(name), "") << name;
    EXPECT_NE(fault_in_response_edit(name), "") << name;
  }
  EXPECT_EQ(fault_in_response_edit("connection"),
            "`connection` cannot be edited: it is about one connection, and ends with it");
}

TEST(EditRules, NothingThatForebayWritesOfItsOwn) {
  for (const auto* name : {"Host", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
                           "Expect", "Range", "If-None-Match", "If-Range", "Max-Forwards"})
    EXPECT_NE(fault_in_request_edit(name), "") << name;
  for (const auto* name : {"Age", "Date", "Cache-Status", "Proxy-Status", "ETag", "Last-Modified"})
    EXPECT_NE(fault_in_response_edit(name), "") << name;
  EXPECT_EQ(fault_in_request_edit("Host"),
            "`Host` cannot be edited: the upstream gets the host that the client asked for");
}

TEST(EditRules, NothingThatIsNoName) {
  for (const auto* name : {"", "a b", "X:", "X\r\nY", "X-*"}) {
    EXPECT_NE(fault_in_request_edit(name), "") << name;
    EXPECT_NE(fault_in_response_edit(name), "") << name;
  }
}

}  // namespace
}  // namespace forebay::config
