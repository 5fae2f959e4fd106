// From the tree of a file to a draft of the configuration, driven by the option table.
#pragma once

#include <filesystem>
#include <string>

#include "config/document.hpp"
#include "config/option.hpp"
#include "config/report.hpp"
#include "forebay/config/load.hpp"

namespace forebay::config {

/// What a file's values may refer to. Both outlive the loader.
struct Surroundings {
  const Environment& environment;
  std::filesystem::path folder;  // of the file; what its paths are relative to
};

/// Stores what the document says in `config`; what is wrong goes to the report and leaves its default.
void load_document(const Document& document, const Surroundings& surroundings, Config& config,
                   Report& report);

}  // namespace forebay::config
