#include "forebay/http/message.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace forebay::http {
namespace {

TEST(Message, ACopiedRequestHeadOutlivesItsSource) {
  OwnedRequestHead copy;
  {
    const std::string text = "GET|/path?query|Host|example.com|X-Empty|";
    const std::string_view view = text;
    RequestHead head;
    head.method = Method::get;
    head.method_text = view.substr(0, 3);
    head.target = view.substr(4, 11);
    head.minor_version = 0;
    head.fields.add(view.substr(16, 4), view.substr(21, 11));
    head.fields.add(view.substr(33, 7), {});
    copy = copy_of(head);
  }
  const auto moved = std::move(copy);
  EXPECT_EQ(moved.head.method, Method::get);
  EXPECT_EQ(moved.head.method_text, "GET");
  EXPECT_EQ(moved.head.target, "/path?query");
  EXPECT_EQ(moved.head.minor_version, 0);
  ASSERT_EQ(moved.head.fields.size(), 2U);
  EXPECT_EQ(moved.head.fields.find(FieldId::host), "example.com");
  EXPECT_EQ(moved.head.fields.find("x-empty"), "");
}

TEST(Message, ACopiedResponseHeadOutlivesItsSource) {
  OwnedResponseHead copy;
  {
    const std::string reason = "Fine";
    const std::string value = "max-age=60";
    ResponseHead head;
    head.status = 200;
    head.reason = reason;
    head.fields.add("Cache-Control", value);
    copy = copy_of(head);
  }
  EXPECT_EQ(copy.head.status, 200);
  EXPECT_EQ(copy.head.reason, "Fine");
  EXPECT_EQ(copy.head.minor_version, 1);
  EXPECT_EQ(copy.head.fields.find(FieldId::cache_control), "max-age=60");
}

TEST(Message, AnEmptyHeadCanBeCopied) {
  EXPECT_TRUE(copy_of(RequestHead{}).head.fields.empty());
  EXPECT_TRUE(copy_of(ResponseHead{}).head.fields.empty());
}

TEST(Message, AppendsFields) {
  std::string out = "HTTP/1.1 200 OK\r\n";
  append_field(out, "Age", "0");
  append_field(out, "X-Empty", "");
  EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nAge: 0\r\nX-Empty: \r\n");
}

TEST(Message, AppendsStatusLines) {
  const auto line = [](int status, std::string_view reason = {}) {
    std::string out;
    append_status_line(out, status, reason);
    return out;
  };
  EXPECT_EQ(line(200), "HTTP/1.1 200 OK\r\n");
  EXPECT_EQ(line(404, "Nope"), "HTTP/1.1 404 Nope\r\n");
  EXPECT_EQ(line(299), "HTTP/1.1 299 \r\n");  // the space stays (RFC 9112 §4)
  EXPECT_EQ(line(999), "HTTP/1.1 999 \r\n");
}

TEST(Message, ForEachLineSkipsTheStatusLineAndStopsAtTheEmptyLine) {
  using Lines = std::vector<std::pair<std::string, std::string>>;
  const auto lines = [](std::string_view head) {
    Lines result;
    for_each_line(head,
                  [&](std::string_view name, std::string_view value) { result.emplace_back(name, value); });
    return result;
  };
  EXPECT_EQ(lines("HTTP/1.1 200 OK\r\nA: 1\r\nB: \r\nC: x: y\r\n"),
            (Lines{{"A", "1"}, {"B", ""}, {"C", "x: y"}}));
  EXPECT_EQ(lines("HTTP/1.1 200 OK\r\nA: 1\r\n\r\nbody: no\r\n"), (Lines{{"A", "1"}}));
  EXPECT_EQ(lines("HTTP/1.1 200 OK\r\n"), Lines{});
  EXPECT_EQ(lines("HTTP/1.1 200 OK"), Lines{});
  EXPECT_EQ(lines(""), Lines{});
}

TEST(Message, FieldsOfAHeadAreViewsIntoIt) {
  const std::string head = "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nX-Other: b\r\n";
  const auto fields = fields_of(head);
  ASSERT_EQ(fields.size(), 2U);
  const auto etag = fields.find(FieldId::etag);
  ASSERT_EQ(etag, "\"a\"");
  EXPECT_EQ(etag->data(), head.data() + head.find('"'));
  EXPECT_EQ(fields.find("x-other"), "b");
}

}  // namespace
}  // namespace forebay::http
