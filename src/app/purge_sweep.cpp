#include "purge_sweep.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <chrono>

#include "forebay/io/asio.hpp"

namespace forebay::app {
namespace {

namespace asio = boost::asio;

using SteadyClock = std::chrono::steady_clock;

constexpr SteadyClock::duration kPause = std::chrono::seconds(5);
/// A walk's pauses are so many times as long as itself.
constexpr int kRest = 20;

io::Awaitable<void> sweep(asio::io_context& context, tier::MemoryTier& memory) {
  io::Timer timer(context.get_executor());
  auto pause = kPause;
  for (cache::Position swept = 0;;) {
    timer.expires_after(pause);
    co_await timer.async_wait(io::kUse);
    pause = kPause;
    const auto position = memory.log().lazy_position();
    if (position == swept) continue;
    const auto began = SteadyClock::now();
    tier::MemoryTier::Walk at;
    while (memory.walk(at, [](const cache::StoredResponse&, bool) {}))
      co_await asio::post(context.get_executor(), io::kUse);
    swept = position;
    pause = std::max(kPause, (SteadyClock::now() - began) * kRest);
  }
}

}  // namespace

void keep_sweeping(asio::io_context& context, tier::MemoryTier& memory) {
  asio::co_spawn(context, sweep(context, memory), asio::detached);
}

}  // namespace forebay::app
