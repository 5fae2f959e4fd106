// Client descriptors watched for readiness, edge-triggered, in an epoll set of their own that Asio watches as
// one.
//
// Why beside Asio's reactor: waiting for the next request of a kept connection through Asio costs a system
// call per request (a read that fails, or re-arming the descriptor) and an operation object. Here a
// descriptor is registered once; a memory hit then costs one receive and one send, and one wake-up of the set
// serves all that are ready.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cstdint>

#include "forebay/io/asio.hpp"

namespace forebay::io {

/// Whatever waits on a descriptor. Not owned; forget() it before it goes.
class Watched {
 public:
  /// An edge: what is `readable` or `writable` stays so until a call says would-block. `ended`: the peer has
  /// closed or shut down its side, or the connection is broken.
  virtual void on_ready(bool readable, bool writable, bool ended) = 0;

 protected:
  ~Watched() = default;
};

/// One worker's set. Not thread-safe.
class Readiness {
 public:
  explicit Readiness(const Executor& executor);

  void start();
  void stop();
  /// From now on edges of `fd` are told to `watched`. False with errno when the system refuses.
  bool watch(int fd, Watched& watched) noexcept;
  /// Tells it nothing more, not even what has been noticed already. Closing the descriptor ends the rest.
  void forget(const Watched& watched) noexcept;

 private:
  static constexpr std::size_t kBatch = 128;

  void wait();
  void dispatch();

  asio::posix::basic_stream_descriptor<Executor> set_;
  std::array<epoll_event, kBatch> events_{};
  std::size_t next_ = 0;  // of events_, while they are dispatched
  std::size_t count_ = 0;
  bool stopped_ = true;
};

}  // namespace forebay::io
