#include "purge_sweep.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <chrono>

#include "forebay/io/asio.hpp"

namespace forebay::app {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kPause{5};

io::Awaitable<void> sweep(asio::io_context& context, tier::MemoryTier& memory) {
  io::Timer timer(context.get_executor());
  for (cache::Position swept = 0;;) {
    timer.expires_after(kPause);
    co_await timer.async_wait(io::kUse);
    const auto position = memory.log().lazy_position();
    if (position == swept) continue;
    tier::MemoryTier::Walk at;
    while (memory.walk(at, [](const cache::StoredResponse&, bool) {}))
      co_await asio::post(context.get_executor(), io::kUse);
    swept = position;
  }
}

}  // namespace

void keep_sweeping(asio::io_context& context, tier::MemoryTier& memory) {
  asio::co_spawn(context, sweep(context, memory), asio::detached);
}

}  // namespace forebay::app
