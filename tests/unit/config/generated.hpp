// Files in the repository that are made from the option table. FOREBAY_UPDATE_REFERENCE=1 rewrites them.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace forebay::config {

inline std::string repository_file(const std::string& path) { return FOREBAY_SOURCE_DIR "/" + path; }

inline std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Compares a file with what is generated now, or rewrites it.
inline void expect_up_to_date(const std::string& path, const std::string& generated) {
  if (std::getenv("FOREBAY_UPDATE_REFERENCE") != nullptr) {
    std::ofstream(repository_file(path), std::ios::binary) << generated;
  }
  EXPECT_EQ(content_of(repository_file(path)), generated)
      << path << " is out of date: run the unit_config program with FOREBAY_UPDATE_REFERENCE=1";
}

}  // namespace forebay::config
