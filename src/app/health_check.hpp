// Asks a running forebay whether it is ready: for container and service supervisors.
#pragma once

#include <string>

namespace forebay::app {

/// GET /readyz on the admin address ("host:port" or "unix:/path"), within five seconds. 0 when it answers
/// 200; otherwise 1, and why on standard error.
int health_check(const std::string& address);

}  // namespace forebay::app
