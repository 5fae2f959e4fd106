// One request to the admin listener of a running forebay.
#pragma once

#include <chrono>
#include <string>

#include "forebay/base/result.hpp"

namespace forebay::app {

struct AdminRequest {
  std::string method = "GET";
  std::string target;
  std::string json;   // a body, if not empty
  std::string token;  // if not empty
};

struct AdminReply {
  int status = 0;
  std::string body;
};

/// Asks `address` ("host:port" or "unix:/path") and waits for the whole answer, so long
/// at most. Fails with invalid_value for what is no address, and with system_failure saying what the system
/// says.
Result<AdminReply> ask_admin(const std::string& address, const AdminRequest& request,
                             std::chrono::seconds limit);

}  // namespace forebay::app
