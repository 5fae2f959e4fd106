// Two spdlog loggers, neither in spdlog's global registry: messages go straight to standard error; access
// lines go through a bounded queue to one writer thread. Level and format are atomics, read before spdlog is
// touched. The file has the sink's lock, under which the writer may also take the queue's; a worker takes the
// queue's alone, so it never waits for the file.
#include "forebay/observe/log.hpp"

#include <fmt/format.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "forebay/observe/escape.hpp"
#include "line_file.hpp"

namespace forebay::observe {
namespace {

spdlog::level::level_enum spdlog_level(Level level) noexcept {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

spdlog::string_view_t view(std::string_view text) { return {text.data(), text.size()}; }

/// Writes messages to standard error: "2026-11-22T23:07:42.123Z warning text".
std::unique_ptr<spdlog::logger> make_messages() {
  auto logger =
      std::make_unique<spdlog::logger>("forebay", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::debug);  // Log decides
  return logger;
}

/// The end of the queue. Its file is written when much has gathered or the queue is empty, so lines are never
/// held back while nothing happens and cost few system calls when much does.
class AccessSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  AccessSink(const std::string& path, spdlog::logger& messages) : file_(path), messages_(messages) {}

  /// Before the first line. The sink's lines come from this queue, which outlives the last of them.
  void feed_from(spdlog::details::thread_pool& queue) noexcept { queue_ = &queue; }

  void reopen() {
    const std::lock_guard lock(mutex_);
    if (const auto reopened = file_.reopen(); !reopened)
      messages_.error("access log: {}", describe(reopened.error()));
  }

  std::uint64_t lost_lines() const noexcept { return file_.lost_lines(); }

 protected:
  void sink_it_(const spdlog::details::log_msg& msg) override {
    const bool much = file_.append({msg.payload.data(), msg.payload.size()});
    if (much || queue_->queue_size() == 0) report(file_.flush());
  }
  void flush_() override { report(file_.flush()); }

 private:
  /// Says once that writing fails, and once that it works again.
  void report(const Result<void>& written) {
    const bool failed = written.has_error();
    if (failed == failing_) return;
    failing_ = failed;
    if (failed) {
      messages_.error("access log: {}", describe(written.error()));
    } else {
      messages_.info("access log: written again");
    }
  }

  LineFile file_;
  spdlog::logger& messages_;
  spdlog::details::thread_pool* queue_ = nullptr;
  bool failing_ = false;
};

}  // namespace

struct Log::State {
  explicit State(const LogSettings& settings)
      : level(settings.level),
        format(settings.access),
        messages(make_messages()),
        sink(std::make_shared<AccessSink>(settings.access_file, *messages)),
        queue(std::make_shared<spdlog::details::thread_pool>(std::max(settings.access_queue, 1U), 1)),
        access(std::make_shared<spdlog::async_logger>("access", sink, queue,
                                                      spdlog::async_overflow_policy::overrun_oldest)) {
    sink->feed_from(*queue);
  }
  /// The queue first: it writes what it holds, and ends its thread, while all that its lines refer to stands.
  ~State() { queue.reset(); }

  std::atomic<Level> level;
  std::atomic<AccessFormat> format;
  std::unique_ptr<spdlog::logger> messages;
  std::shared_ptr<AccessSink> sink;                     // shared with the logger
  std::shared_ptr<spdlog::details::thread_pool> queue;  // the logger holds it weakly
  std::shared_ptr<spdlog::async_logger> access;         // shared with its queued lines
};

Log::Log(const LogSettings& settings) : state_(std::make_unique<State>(settings)) {}

Log::~Log() = default;

bool Log::enabled(Level level) const noexcept {
  return level >= state_->level.load(std::memory_order_relaxed);
}

void Log::write(Level level, std::string_view message) {
  if (!enabled(level)) return;
  state_->messages->log(spdlog_level(level), view(one_line(message)));
}

bool Log::access_enabled() const noexcept {
  return state_->format.load(std::memory_order_relaxed) != AccessFormat::off;
}

void Log::access(const AccessRecord& record) {
  const auto format = state_->format.load(std::memory_order_relaxed);
  if (format == AccessFormat::off) return;
  state_->access->log(spdlog::level::info, view(format_access(record, format)));
}

std::uint64_t Log::dropped_access_lines() const noexcept {
  return state_->queue->overrun_counter() + state_->sink->lost_lines();
}

void Log::reconfigure(const LogSettings& settings) {
  state_->level.store(settings.level, std::memory_order_relaxed);
  state_->format.store(settings.access, std::memory_order_relaxed);
}

void Log::reopen() { state_->sink->reopen(); }

}  // namespace forebay::observe
