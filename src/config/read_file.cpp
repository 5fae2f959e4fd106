#include "config/read_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "forebay/base/quantity.hpp"

namespace forebay::config {

namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Error unreadable() { return fail(ErrorKind::system_failure, std::generic_category().message(errno)); }

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return unreadable();
  std::string content;
  std::array<char, 16 * 1024> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    content.append(buffer.data(), count);
    if (content.size() > limit) {
      return fail(ErrorKind::system_failure, "larger than " + format_size(limit));
    }
  }
  if (std::ferror(file.get()) != 0) return unreadable();
  return content;
}

}  // namespace forebay::config
