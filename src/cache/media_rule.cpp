#include "forebay/cache/media_rule.hpp"

#include <algorithm>

#include "forebay/base/strings.hpp"
#include "forebay/http/status.hpp"

namespace forebay::cache {
namespace {

constexpr std::array<std::string_view, 4> kScript{"text/javascript", "application/javascript",
                                                  "application/x-javascript", "text/ecmascript"};
constexpr std::array<std::string_view, 4> kJson{"application/json", "text/json", "+json"};
constexpr std::array<std::string_view, 4> kXml{"application/xml", "text/xml", "+xml"};
constexpr std::array<std::string_view, 4> kImage{"image/"};
constexpr std::array<std::string_view, 4> kFont{"font/", "application/font-", "application/x-font-",
                                                "application/vnd.ms-fontobject"};
constexpr std::array<std::string_view, 4> kFilm{"video/", "audio/", "application/ogg", "application/mp4"};
constexpr std::array<std::string_view, 4> kPlaylist{"application/vnd.apple.mpegurl", "application/x-mpegurl",
                                                    "audio/"};
constexpr std::array<std::string_view, 4> kArchive{"application/zip", "application/gzip", "application/x-",
                                                   "application/vnd."};

constexpr MediaRule kRules[] = {
    {"css", {"text/css"}},
    {"js", kScript},
    {"mjs", kScript},
    {"map", {"application/json", "text/plain", "text/javascript", "application/javascript"}},
    {"json", kJson},
    {"webmanifest", kJson},
    {"png", kImage},
    {"jpg", kImage},
    {"jpeg", kImage},
    {"gif", kImage},
    {"webp", kImage},
    {"avif", kImage},
    {"svg", kImage},
    {"ico", kImage},
    {"bmp", kImage},
    {"tiff", kImage},
    {"woff", kFont},
    {"woff2", kFont},
    {"ttf", kFont},
    {"otf", kFont},
    {"eot", kFont},
    {"mp4", kFilm},
    {"m4v", kFilm},
    {"webm", kFilm},
    {"ogv", kFilm},
    {"mov", kFilm},
    {"mp3", kFilm},
    {"m4a", kFilm},
    {"ogg", kFilm},
    {"wav", kFilm},
    {"flac", kFilm},
    {"m3u8", kPlaylist},
    {"mpd", {"application/dash+xml", "application/xml", "text/xml"}},
    {"pdf", {"application/pdf"}},
    {"txt", {"text/plain"}},
    {"csv", {"text/csv", "text/plain", "application/csv"}},
    {"md", {"text/markdown", "text/plain"}},
    {"xml", kXml},
    {"rss", kXml},
    {"atom", kXml},
    {"wasm", {"application/wasm"}},
    {"zip", kArchive},
    {"gz", kArchive},
    {"tgz", kArchive},
    {"tar", kArchive},
};
constexpr MediaRule kUnknown{};

/// Pages: HTML is what they are.
constexpr std::string_view kPages[] = {"html", "htm",  "xhtml", "shtml", "phtml", "php", "asp",
                                       "aspx", "ashx", "jsp",   "jspx",  "cgi",   "do",  "cfm"};

constexpr std::size_t kLongestExtension = 12;

/// "css" of "/**/*.css"; "" when what follows the last dot is none: "/v1.2", "/*.*".
std::string_view extension_of(std::string_view pattern) noexcept {
  const auto segment = pattern.substr(pattern.rfind('/') + 1);
  const auto dot = segment.rfind('.');
  if (dot == std::string_view::npos) return {};
  const auto extension = segment.substr(dot + 1);
  const bool is_text =
      std::all_of(extension.begin(), extension.end(), [](char c) { return is_alpha(c) || is_digit(c); });
  const bool has_letter = std::any_of(extension.begin(), extension.end(), is_alpha);
  return is_text && has_letter && extension.size() <= kLongestExtension ? extension : std::string_view();
}

bool is_html(std::string_view type) noexcept {
  return iequals(type, "text/html") || iequals(type, "application/xhtml+xml");
}

bool fits(std::string_view type, std::string_view expected) noexcept {
  if (expected.empty() || type.size() < expected.size()) return false;
  if (expected.front() == '+') return iequals(type.substr(type.size() - expected.size()), expected);
  if (expected.back() == '/' || expected.back() == '-' || expected.back() == '.')
    return iequals(type.substr(0, expected.size()), expected);
  return iequals(type, expected);
}

/// `value`: a Content-Type. A list is none, and what else stands in it is anybody's guess.
bool allows(const MediaRule& rule, std::string_view value) noexcept {
  const auto type = trim(value.substr(0, value.find(';')));
  if (type.empty() || iequals(type, "application/octet-stream")) return true;
  if (is_html(type) || type.find(',') != std::string_view::npos) return false;
  if (rule.types.front().empty()) return true;
  return std::any_of(rule.types.begin(), rule.types.end(),
                     [type](std::string_view expected) { return fits(type, expected); });
}

}  // namespace

const MediaRule* media_rule(std::string_view pattern) noexcept {
  const auto extension = extension_of(pattern);
  if (extension.empty() || pattern.find_first_of("*?") == std::string_view::npos) return nullptr;
  const auto is_it = [extension](std::string_view name) { return iequals(name, extension); };
  if (std::any_of(std::begin(kPages), std::end(kPages), is_it)) return nullptr;
  const auto* const known = std::find_if(std::begin(kRules), std::end(kRules),
                                         [&](const MediaRule& rule) { return is_it(rule.extension); });
  return known == std::end(kRules) ? &kUnknown : known;
}

bool agrees(const MediaRule& rule, const http::ResponseHead& response) noexcept {
  if (http::has_no_content(response.status) || (response.status >= 300 && response.status < 400)) return true;
  // Of several lines clients may take any.
  return std::all_of(response.fields.begin(), response.fields.end(), [&](const http::Field& field) {
    return field.id != http::FieldId::content_type || allows(rule, field.value);
  });
}

}  // namespace forebay::cache
