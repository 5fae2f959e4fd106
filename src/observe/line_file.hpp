// A file that lines are appended to, gathered into large writes. Not thread-safe but for lost_lines.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "forebay/base/result.hpp"

namespace forebay::observe {

class LineFile {
 public:
  /// An empty path means standard output. Throws std::runtime_error naming the path when it cannot be opened.
  explicit LineFile(std::string path);
  /// Writes what is gathered.
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  /// Gathers the line and its newline. True when so much has gathered that it should be flushed.
  bool append(std::string_view line);
  /// Writes what is gathered, whole lines in one call. What cannot be written is dropped and counted.
  Result<void> flush();
  /// Writes what is gathered to the old file, then opens the path anew. On failure the old file stays in use.
  Result<void> reopen();

  std::uint64_t lost_lines() const noexcept { return lost_lines_.load(std::memory_order_relaxed); }

 private:
  Error failure(int error_number) const;
  Result<int> open() const;

  std::string path_;
  int fd_;
  std::string gathered_;
  std::uint64_t gathered_lines_ = 0;
  std::atomic<std::uint64_t> lost_lines_{0};
};

}  // namespace forebay::observe
