// Settings of the admin listener.
#pragma once

#include <string>

namespace forebay::admin {

struct AdminSettings {
  std::string address;  // "" for no admin listener
  std::string token;    // bearer token for what changes state; empty allows loopback only

  friend bool operator==(const AdminSettings&, const AdminSettings&) = default;
};

}  // namespace forebay::admin
