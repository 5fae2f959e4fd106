#include "forebay/http/field_edits.hpp"

#include <gtest/gtest.h>

#include "forebay/http/message.hpp"

namespace forebay::http {
namespace {

const FieldEdits kEdits{.set = {{"X-Frame-Options", "DENY"}, {"Server", "forebay"}},
                        .add = {{"Link", "</a>"}},
                        .remove = {"X-Powered-By"}};

/// A head after the edits, as whoever copies one applies them.
std::string edited(std::string_view head, const FieldEdits& edits = kEdits) {
  std::string out;
  append_status_line(out, 200);
  for (const auto& line : fields_of(head))
    if (!edits.drops(line)) append_field(out, line.name, line.value);
  edits.append_to(out);
  return out;
}

TEST(FieldEdits, SetAddAndRemove) {
  struct Row {
    std::string_view before, after;
  };
  for (const auto& row : {
           Row{"", "X-Frame-Options: DENY\r\nServer: forebay\r\nLink: </a>\r\n"},
           Row{"server: nginx\r\nX-POWERED-BY: x\r\nServer: y\r\nA: b\r\n",
               "A: b\r\nX-Frame-Options: DENY\r\nServer: forebay\r\nLink: </a>\r\n"},
           Row{"Link: </b>\r\nlink: </a>\r\n",
               "Link: </b>\r\nX-Frame-Options: DENY\r\nServer: forebay\r\nLink: </a>\r\n"},
       })
    EXPECT_EQ(edited("HTTP/1.1 200 OK\r\n" + std::string(row.before)),
              "HTTP/1.1 200 OK\r\n" + std::string(row.after));
}

TEST(FieldEdits, TwiceIsAsOnce) {
  const auto once = edited("HTTP/1.1 200 OK\r\nLink: </b>\r\nServer: x\r\n");
  EXPECT_EQ(edited(once), once);
}

TEST(FieldEdits, NothingChangesNothing) {
  EXPECT_TRUE(FieldEdits{}.is_empty());
  EXPECT_FALSE(kEdits.is_empty());
  const std::string head = "HTTP/1.1 200 OK\r\nServer: x\r\n";
  EXPECT_EQ(edited(head, {}), head);
}

TEST(FieldEdits, KnowsWhatItIsAbout) {
  EXPECT_TRUE(kEdits.replaces("server"));
  EXPECT_TRUE(kEdits.replaces("x-powered-by"));
  EXPECT_FALSE(kEdits.replaces("Link")) << "others stay beside it";
  EXPECT_TRUE(kEdits.touches("link"));
  EXPECT_FALSE(kEdits.touches("ETag"));
}

TEST(FieldEdits, KnowsItsOwnLines) {
  EXPECT_TRUE(kEdits.put({FieldId::server, "server", "forebay"}));
  EXPECT_FALSE(kEdits.put({FieldId::server, "Server", "nginx"}));
  EXPECT_TRUE(kEdits.put({FieldId::other, "Link", "</a>"}));
  EXPECT_FALSE(kEdits.put({FieldId::other, "Link", "</b>"}));
}

}  // namespace
}  // namespace forebay::http
