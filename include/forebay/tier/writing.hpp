// A response on its way into Redis, for whoever waits for it.
#pragma once

namespace forebay::tier {

/// Let go once the response is there, or will not be; lives on the worker that writes it.
struct Writing {
  Writing() = default;
  virtual ~Writing() = default;
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;

  bool is_done = false;  // it is there
};

}  // namespace forebay::tier
