#include "forebay/http/message.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>

#include "forebay/base/strings.hpp"
#include "forebay/http/status.hpp"

namespace forebay::http {
namespace {

/// Copies texts one behind the other into memory that was measured for them.
class Packer {
 public:
  explicit Packer(char* at) noexcept : at_(at) {}
  std::string_view operator()(std::string_view text) noexcept {
    auto* const begin = at_;
    at_ = std::copy(text.begin(), text.end(), begin);
    return {begin, text.size()};
  }

 private:
  char* at_;
};

std::size_t size_of(const Fields& fields) noexcept {
  std::size_t size = 0;
  for (const auto& field : fields) size += field.name.size() + field.value.size();
  return size;
}

void copy_fields(const Fields& from, Fields& to, Packer& pack) {
  to.reserve(from.size());
  for (const auto& field : from) {
    const auto name = pack(field.name);
    to.add(field.id, name, pack(field.value));
  }
}

[[maybe_unused]] bool is_one_line(std::string_view text) noexcept {  // asserted
  return text.find_first_of("\r\n") == std::string_view::npos;
}

}  // namespace

OwnedRequestHead copy_of(const RequestHead& head) {
  OwnedRequestHead copy;
  copy.bytes = std::make_unique<char[]>(head.method_text.size() + head.target.size() + size_of(head.fields));
  Packer pack(copy.bytes.get());
  copy.head.method = head.method;
  copy.head.method_text = pack(head.method_text);
  copy.head.target = pack(head.target);
  copy.head.minor_version = head.minor_version;
  copy_fields(head.fields, copy.head.fields, pack);
  return copy;
}

OwnedResponseHead copy_of(const ResponseHead& head) {
  OwnedResponseHead copy;
  copy.bytes = std::make_unique<char[]>(head.reason.size() + size_of(head.fields));
  Packer pack(copy.bytes.get());
  copy.head.status = head.status;
  copy.head.reason = pack(head.reason);
  copy.head.minor_version = head.minor_version;
  copy_fields(head.fields, copy.head.fields, pack);
  return copy;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  assert(is_one_line(name) && is_one_line(value));
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_status_line(std::string& out, int status, std::string_view reason) {
  assert(status >= 100 && status <= 999 && is_one_line(reason));
  char digits[kMaxDecimalDigits];
  const auto length = write_decimal(digits, static_cast<std::uint64_t>(status));
  // The space stays when there is no reason (RFC 9112 §4).
  out.append("HTTP/1.1 ").append(digits, length).append(1, ' ');
  out.append(reason.empty() ? reason_phrase(status) : reason).append("\r\n");
}

Fields fields_of(std::string_view head) {
  Fields fields;
  for_each_line(head, [&](std::string_view name, std::string_view value) { fields.add(name, value); });
  return fields;
}

}  // namespace forebay::http
