// The option table: every option's path, type, bounds, default and help. Loading, the reference page, the
// reference file and the JSON Schema are made from it.
#pragma once

#include <string>

namespace forebay::config {

/// docs/configuration.md's reference part, in Markdown.
std::string reference_page();
/// config/forebay.yaml: every option with its default and help as a comment.
std::string reference_file();
/// JSON Schema (draft 2020-12) of the file.
std::string json_schema();

}  // namespace forebay::config
