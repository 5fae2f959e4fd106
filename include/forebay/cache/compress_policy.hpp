// Which responses forebay codes itself, on routes that name content codings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace forebay::cache {

struct CompressPolicy {
  /// Media types; "text/*" stands for all that begin so.
  std::vector<std::string> types{"text/*",
                                 "application/javascript",
                                 "application/json",
                                 "application/ld+json",
                                 "application/manifest+json",
                                 "application/vnd.api+json",
                                 "application/xml",
                                 "application/xhtml+xml",
                                 "application/atom+xml",
                                 "application/rss+xml",
                                 "application/wasm",
                                 "font/otf",
                                 "font/ttf",
                                 "image/svg+xml"};
  /// Smaller bodies gain nothing. One whose length is not known beforehand is coded.
  std::uint64_t min_size = 1024;

  friend bool operator==(const CompressPolicy&, const CompressPolicy&) = default;
};

}  // namespace forebay::cache
