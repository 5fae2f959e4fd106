#include "forebay/http/json_text.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <set>
#include <string>
#include <vector>

namespace forebay::http {
namespace {

namespace json = boost::json;
using boost::json::error_code;
using std::string_view;

/// Stops at the first member whose name its object has already. Of well-formed documents only.
class NameCheck {
 public:
  // What basic_parser asks of its handler.
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  bool on_object_begin(error_code&) {
    objects_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, error_code&) {
    objects_.pop_back();
    return true;
  }
  bool on_key_part(string_view part, std::size_t, error_code&) {
    name_ += part;
    return true;
  }
  bool on_key(string_view part, std::size_t, error_code& ec) {
    name_ += part;
    if (!objects_.back().insert(name_).second) {
      ec = json::error::syntax;
      return false;
    }
    name_.clear();
    return true;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t, error_code&) { return true; }
  bool on_string_part(string_view, std::size_t, error_code&) { return true; }
  bool on_string(string_view, std::size_t, error_code&) { return true; }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t, string_view, error_code&) { return true; }
  bool on_uint64(std::uint64_t, string_view, error_code&) { return true; }
  bool on_double(double, string_view, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

  /// The name that came twice.
  const std::string& name() const noexcept { return name_; }

 private:
  std::vector<std::set<std::string>> objects_;  // those that are open: the names so far
  std::string name_;
};

}  // namespace

Result<json::value> parse_json(string_view text) {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  error_code ec;
  auto document = json::parse(text, ec, {}, options);
  if (ec) return fail(ErrorKind::invalid_value, "is no JSON: " + ec.message());
  json::basic_parser<NameCheck> names(options);
  names.write_some(false, text.data(), text.size(), ec);
  if (ec) return fail(ErrorKind::invalid_value, "has \"" + names.handler().name().substr(0, 64) + "\" twice");
  return document;
}

}  // namespace forebay::http
