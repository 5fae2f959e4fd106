#include "line_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace forebay::observe {
namespace {

constexpr std::size_t kFlushBytes = 64 * 1024;

/// Writes everything, waiting where the descriptor does not block. Returns 0 or the error number.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd writable{fd, POLLOUT, 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

LineFile::LineFile(std::string path) : path_(std::move(path)), fd_(open().value()) {}

LineFile::~LineFile() {
  (void)flush();  // nobody is left to tell
  if (!path_.empty()) ::close(fd_);
}

Error LineFile::failure(int error_number) const {
  return fail(ErrorKind::system_failure, (path_.empty() ? "standard output" : path_) + ": " +
                                             std::generic_category().message(error_number));
}

Result<int> LineFile::open() const {
  if (path_.empty()) return STDOUT_FILENO;
  const int fd = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return failure(errno);
  return fd;
}

bool LineFile::append(std::string_view line) {
  gathered_ += line;
  gathered_ += '\n';
  ++gathered_lines_;
  return gathered_.size() >= kFlushBytes;
}

Result<void> LineFile::flush() {
  const int error_number = write_all(fd_, gathered_);
  if (error_number != 0) lost_lines_.fetch_add(gathered_lines_, std::memory_order_relaxed);
  gathered_.clear();
  gathered_lines_ = 0;
  if (error_number != 0) return failure(error_number);
  return {};
}

Result<void> LineFile::reopen() {
  auto flushed = flush();
  if (path_.empty()) return flushed;
  const auto fd = open();
  if (!fd) return fd.error();
  ::close(std::exchange(fd_, *fd));
  return flushed;
}

}  // namespace forebay::observe
