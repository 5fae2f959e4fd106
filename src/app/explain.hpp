// `forebay explain`: reads what is asked, has it explained, prints that.
#pragma once

#include <string>
#include <vector>

#include "forebay/config/config.hpp"

namespace forebay::app {

struct ExplainOptions {
  std::string method;
  std::string url;                  // absolute
  std::vector<std::string> fields;  // of the request, "Name: value"
  std::string response;             // a file with a response head, "-" for standard input, "" for none
  std::string after = "0";          // a duration
  bool json = false;
};

/// Prints to standard output; 0. What is wrong goes to standard error: with the options 2, with the
/// response's file 1.
int explain(const config::Config& config, const ExplainOptions& options);

}  // namespace forebay::app
