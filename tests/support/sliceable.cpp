#include "support/sliceable.hpp"

#include <algorithm>

namespace forebay::test {

std::string numbered(std::size_t size, const std::string& mark) {
  std::string text;
  text.reserve(size + 16);
  while (text.size() < size) text += std::to_string(text.size()) + mark + ",";
  text.resize(size);
  return text;
}

OriginResponse Sliceable::operator()(const OriginRequest& request) const {
  auto fields = more;
  fields.push_back({"Cache-Control", control});
  fields.push_back({"Content-Type", "video/mp4"});
  if (!etag.empty()) fields.push_back({"ETag", etag});
  if (!etag.empty() && request.field("If-None-Match") == etag) return {.status = 304, .fields = fields};
  const auto range = request.field("Range");
  if (range.empty()) return {.fields = fields, .body = body};
  const auto dash = range.find('-');
  const auto first = std::stoul(range.substr(6, dash - 6));
  if (first >= body.size())
    return {.status = 416, .fields = {{"Content-Range", "bytes */" + std::to_string(body.size())}}};
  const auto last = std::min(std::stoul(range.substr(dash + 1)), body.size() - 1);
  fields.push_back({"Content-Range", "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
                                         std::to_string(body.size())});
  return {.status = 206, .fields = fields, .body = body.substr(first, last - first + 1)};
}

}  // namespace forebay::test
