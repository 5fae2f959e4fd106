// Heads of requests and responses, and the text form of both.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "forebay/http/headers.hpp"
#include "forebay/http/method.hpp"

namespace forebay::http {

/// A request head as views into the bytes it was parsed from.
struct RequestHead {
  Method method = Method::other;
  std::string_view method_text;
  std::string_view target;
  int minor_version = 1;  // HTTP/1.0 or HTTP/1.1
  Fields fields;
};

/// A response head as views into the bytes it was parsed from.
struct ResponseHead {
  int status = 0;
  std::string_view reason;
  int minor_version = 1;
  Fields fields;
};

/// A response head together with the bytes its views point into. Movable; the views stay good.
struct OwnedResponseHead {
  std::unique_ptr<char[]> bytes;
  ResponseHead head;
};

/// A request head together with its bytes, for work that outlives the connection it came on.
struct OwnedRequestHead {
  std::unique_ptr<char[]> bytes;
  RequestHead head;
};
OwnedRequestHead copy_of(const RequestHead& head);
OwnedResponseHead copy_of(const ResponseHead& head);

/// Appends "Name: value\r\n".
void append_field(std::string& out, std::string_view name, std::string_view value);
/// Appends "HTTP/1.1 200 OK\r\n"; a missing reason is filled in from the registry.
void append_status_line(std::string& out, int status, std::string_view reason = {});

/// Calls `visit(name, value)` for each "Name: value\r\n" line of a head that forebay itself wrote
/// (well-formed by construction; the status line is skipped). Stops at the end of `head` or at an empty line.
template <class Visit>
void for_each_line(std::string_view head, Visit&& visit) {
  auto at = head.find("\r\n");
  while (at != std::string_view::npos && at + 2 < head.size()) {
    const auto begin = at + 2;
    const auto end = head.find("\r\n", begin);
    if (end == std::string_view::npos || end == begin) return;
    const auto line = head.substr(begin, end - begin);
    const auto colon = line.find(": ");
    visit(line.substr(0, colon), line.substr(colon + 2));
    at = end;
  }
}
/// The lines of such a head as Fields (views into `head`).
Fields fields_of(std::string_view head);

}  // namespace forebay::http
