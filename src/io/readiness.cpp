#include "forebay/io/readiness.hpp"

#include <cerrno>
#include <system_error>

namespace forebay::io {

Readiness::Readiness(const Executor& executor) : set_(executor) {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  set_.assign(fd);
}

void Readiness::start() {
  stopped_ = false;
  wait();
}

void Readiness::stop() {
  stopped_ = true;
  boost::system::error_code ignored;
  set_.cancel(ignored);
}

bool Readiness::watch(int fd, Watched& watched) noexcept {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &watched;
  return ::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Readiness::forget(const Watched& watched) noexcept {
  for (auto i = next_; i < count_; ++i)
    if (events_[i].data.ptr == &watched) events_[i].data.ptr = nullptr;
}

void Readiness::wait() {
  set_.async_wait(asio::posix::descriptor_base::wait_read, [this](const boost::system::error_code& ec) {
    if (ec || stopped_) return;
    dispatch();
    if (!stopped_) wait();
  });
}

void Readiness::dispatch() {
  const int n = ::epoll_wait(set_.native_handle(), events_.data(), static_cast<int>(kBatch), 0);
  count_ = n > 0 ? static_cast<std::size_t>(n) : 0;
  for (next_ = 0; next_ < count_;) {
    const auto event = events_[next_++];
    if (!event.data.ptr) continue;
    const bool ended = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    static_cast<Watched*>(event.data.ptr)
        ->on_ready((event.events & EPOLLIN) != 0 || ended, (event.events & EPOLLOUT) != 0, ended);
  }
  next_ = count_ = 0;
}

}  // namespace forebay::io
