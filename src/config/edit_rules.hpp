// Which fields a route may edit, and why not the others.
#pragma once

#include <string>
#include <string_view>

namespace forebay::config {

/// Says why a request field is not the route's to edit; "" when it is.
std::string fault_in_request_edit(std::string_view name);
/// The same of a response field.
std::string fault_in_response_edit(std::string_view name);

}  // namespace forebay::config
