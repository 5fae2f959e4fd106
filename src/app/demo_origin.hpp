// The sample origin of `forebay demo`: a page, a slow JSON API, a large file, an endpoint that fails on
// demand.
#pragma once

#include <cstdint>
#include <memory>

namespace forebay::app {

/// A small HTTP server on a free loopback port and a thread of its own, from construction to destruction.
/// Meant for demonstrations: a connection a request, no limits.
class DemoOrigin {
 public:
  DemoOrigin();
  ~DemoOrigin();
  std::uint16_t port() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace forebay::app
