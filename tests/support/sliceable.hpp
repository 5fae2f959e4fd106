// A representation that an origin gives out in ranges.
#pragma once

#include <string>

#include "support/scripted_origin.hpp"

namespace forebay::test {

/// Text in which every position looks different.
std::string numbered(std::size_t size, const std::string& mark = "");

/// Answers ranges of the form first-last.
struct Sliceable {
  std::string body;
  std::string etag = "\"1\"";
  std::string control = "max-age=60";
  OriginFields more = {};

  OriginResponse operator()(const OriginRequest& request) const;
};

}  // namespace forebay::test
