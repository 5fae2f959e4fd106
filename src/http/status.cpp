#include "forebay/http/status.hpp"

namespace forebay::http {
namespace {

std::string_view reason_1xx_2xx(int status) noexcept {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 102: return "Processing";
    case 103: return "Early Hints";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 207: return "Multi-Status";
    case 208: return "Already Reported";
    case 226: return "IM Used";
    default: return "";
  }
}

std::string_view reason_3xx(int status) noexcept {
  switch (status) {
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 305: return "Use Proxy";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    default: return "";
  }
}

std::string_view reason_4xx(int status) noexcept {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 424: return "Failed Dependency";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 451: return "Unavailable For Legal Reasons";
    default: return "";
  }
}

std::string_view reason_5xx(int status) noexcept {
  switch (status) {
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 506: return "Variant Also Negotiates";
    case 507: return "Insufficient Storage";
    case 508: return "Loop Detected";
    case 511: return "Network Authentication Required";
    default: return "";
  }
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
  switch (status / 100) {
    case 1:
    case 2: return reason_1xx_2xx(status);
    case 3: return reason_3xx(status);
    case 4: return reason_4xx(status);
    case 5: return reason_5xx(status);
    default: return "";
  }
}

bool is_heuristically_cacheable(int status) noexcept {
  switch (status) {  // RFC 9110 §15.1
    case 200:
    case 203:
    case 204:
    case 206:
    case 300:
    case 301:
    case 308:
    case 404:
    case 405:
    case 410:
    case 414:
    case 501: return true;
    default: return false;
  }
}

bool is_understood(int status) noexcept {
  switch (status) {
    // They answer fields that are no part of the key (Range, the preconditions), so storing one as the
    // resource's answer would take more than storing it: RFC 9111 §3.3, §4.3.
    case 206:
    case 304:
    case 412:
    case 416:
    // Registered elsewhere than in RFC 9110, with rules of their own, e.g. RFC 6585's "MUST NOT be stored by
    // a cache".
    case 207:
    case 208:
    case 226:
    case 423:
    case 424:
    case 425:
    case 428:
    case 429:
    case 431:
    case 451:
    case 506:
    case 507:
    case 508:
    case 511: return false;
    default: return !is_interim(status) && !reason_phrase(status).empty();
  }
}

}  // namespace forebay::http
