#include "explain.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "compile.hpp"
#include "forebay/base/quantity.hpp"
#include "forebay/io/beast_bridge.hpp"
#include "forebay/proxy/explain.hpp"

namespace forebay::app {
namespace {

constexpr io::ParseLimits kLimits{64 * 1024, 1000};

int complain(const std::string& message, int status = 2) {
  std::cerr << "forebay explain: " << message << "\n";
  return status;
}

/// The request as a client would send it.
Result<std::string> request_text(const ExplainOptions& options) {
  const auto scheme_end = options.url.find("://");
  if (scheme_end == std::string::npos)
    return fail(ErrorKind::invalid_value,
                "expected a URL such as http://example.org/path, found " + options.url);
  const auto host = options.url.substr(scheme_end + 3);
  std::string text = options.method + " " + options.url + " HTTP/1.1\r\nHost: ";
  text.append(host.substr(0, host.find_first_of("/?"))).append("\r\n");
  for (const auto& field : options.fields) {
    if (field.empty() || field.find_first_of("\r\n") != std::string::npos)
      return fail(ErrorKind::invalid_value, "-H: expected one field, \"Name: value\"");
    text.append(field).append("\r\n");
  }
  return text + "\r\n";
}

/// A head as `curl -D` writes it, or typed by hand: lines may end in LF alone, what comes behind the empty
/// line is left out.
Result<std::string> response_text(const std::string& path) {
  std::ostringstream read;
  if (path == "-") {
    read << std::cin.rdbuf();
  } else {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(ErrorKind::invalid_value, "cannot read " + path);
    read << file.rdbuf();
  }
  std::istringstream lines(read.str());
  std::string text;
  bool in_head = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.starts_with("HTTP/")) {
      in_head = true;
      const auto space = line.find(' ');
      text = line.starts_with("HTTP/1.") || space == line.npos ? line : "HTTP/1.1" + line.substr(space);
      if (std::count(text.begin(), text.end(), ' ') == 1) text += ' ';  // HTTP/2 has no reason phrase
      text += "\r\n";
    } else if (line.empty()) {
      in_head = false;
    } else if (in_head) {
      text.append(line).append("\r\n");
    }
  }
  if (text.empty()) return fail(ErrorKind::invalid_value, path + " has no response head");
  return text + "\r\n";
}

template <class Parser>
Result<void> parse(Parser& parser, const std::string& text, std::string_view what) {
  const auto state = parser.parse_head(text);
  if (state == io::ParseState::complete) return {};
  const std::string why =
      state == io::ParseState::malformed ? parser.what() : "it is too large or not HTTP/1.1";
  return fail(ErrorKind::invalid_value, "the " + std::string(what) + " is not valid: " + why);
}

}  // namespace

int explain(const config::Config& config, const ExplainOptions& options) {
  const auto snapshot = compile(config);
  if (!snapshot) return complain(describe(snapshot.error()));
  const auto after = parse_duration(options.after);
  if (!after) return complain("--after: expected a duration such as 10s, found " + options.after);

  const auto request = request_text(options);
  if (!request) return complain(request.error().detail);
  proxy::Case asked;
  io::RequestParser request_parser(asked.request, kLimits);
  if (auto parsed = parse(request_parser, *request, "request"); !parsed)
    return complain(parsed.error().detail);
  asked.scheme = options.url.starts_with("https") ? "https" : "http";
  asked.has_body = request_parser.has_body();
  asked.now = SystemClock().now();
  asked.max_body = config.memory.max_body;
  asked.after = std::chrono::duration_cast<std::chrono::seconds>(*after);

  http::ResponseHead response;
  std::string text;
  if (!options.response.empty()) {
    auto read = response_text(options.response);
    if (!read) return complain(read.error().detail, 1);
    text = std::move(*read);
    io::ResponseParser response_parser(response, kLimits);
    if (auto parsed = parse(response_parser, text, "response"); !parsed)
      return complain(parsed.error().detail, 1);
    asked.response = &response;
  }
  const auto facts = proxy::explain(**snapshot, asked);
  std::cout << (options.json ? proxy::to_json(facts) : proxy::to_text(facts));
  return 0;
}

}  // namespace forebay::app
