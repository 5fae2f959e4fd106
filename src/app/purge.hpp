// `forebay purge`: has a running forebay purge something, and prints what came of it.
#pragma once

#include <string>
#include <vector>

namespace forebay::app {

struct PurgeOptions {
  std::string admin;  // address
  std::string token;
  std::vector<std::string> urls, tags, prefixes, patterns, hosts;
  bool all = false;
  bool soft = false;
  bool refresh = false;
  bool dry_run = false;
  bool everywhere = false;  // wait for all nodes
  bool json = false;        // print the answer as it came
};

/// The body of POST /purge.
std::string purge_body(const PurgeOptions& options);
/// One line for people: "purged 12 stored responses (hard, log position 7)".
std::string purge_summary(const std::string& reply_body);

/// 0: done. 1: forebay cannot be reached or refuses, 2: nothing to purge is named; why goes to standard
/// error. 3: it is done here, but not on all nodes yet.
int purge(const PurgeOptions& options);

}  // namespace forebay::app
