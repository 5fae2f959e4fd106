// The small notations inside texts: addresses, servers, networks, patterns. Each function says what is wrong,
// "" when nothing is. Nothing is looked up: a name is judged by its letters.
#pragma once

#include <string>
#include <string_view>

namespace forebay::config {

/// "0.0.0.0:8080", "[::]:8080", "unix:/path"; port 0 lets the kernel choose.
std::string fault_in_listen_address(std::string_view text);
/// "http://host[:port]", "https://host[:port]", "unix:/path".
std::string fault_in_server(std::string_view text);
/// An address, or a network as "10.0.0.0/8".
std::string fault_in_network(std::string_view text);
/// A host name or address without port, "*.example.com", "*".
std::string fault_in_host_pattern(std::string_view text);
/// A path with "*" and "**".
std::string fault_in_path_pattern(std::string_view text);
/// A plain host name, for SNI.
std::string fault_in_host_name(std::string_view text);
/// What an upstream may be called: letters, digits, "_", "-" and ".", at most 64.
std::string fault_in_upstream_name(std::string_view text);
/// A field value (RFC 9110 §5.5).
std::string fault_in_field_value(std::string_view text);
/// A field name, or the name of a method or a cookie (RFC 9110 §5.6.2).
std::string fault_in_token_name(std::string_view text);
/// A method: those that are registered are written in capitals, and methods are compared as they are.
std::string fault_in_method(std::string_view text);
/// The same, perhaps with a '*' behind it for all names that begin so.
std::string fault_in_name_pattern(std::string_view text);
/// The name of a parameter of a query, perhaps with a '*' behind it.
std::string fault_in_parameter_pattern(std::string_view text);
/// A field name, or one with a value: "Name: value".
std::string fault_in_field_match(std::string_view text);
/// A status code of a final response, or a class of them: "404", "5xx".
std::string fault_in_status(std::string_view text);
/// A language tag (RFC 5646 §2.1, by its letters).
std::string fault_in_language(std::string_view text);
/// A media type (RFC 9110 §8.3.1) without parameters, perhaps with a '*' for its end: "text/*".
std::string fault_in_media_type(std::string_view text);
/// A bearer token; never quotes it.
std::string fault_in_token(std::string_view text);

}  // namespace forebay::config
