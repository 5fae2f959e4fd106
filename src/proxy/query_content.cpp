#include "query_content.hpp"

#include <algorithm>

namespace forebay::proxy {
namespace {

/// Grows with what comes, not with what is announced: a client that only announces holds nothing.
constexpr std::uint64_t kFirstRoom = 4 * 1024;

}  // namespace

io::Awaitable<Result<bool>> QueryContent::read(io::BodySource& source, std::uint64_t most) {
  if (source.length().value_or(0) > most) co_return false;
  while (size_ <= most) {  // one byte more tells that there is too much
    if (!make_room(most)) co_return false;
    const auto n = co_await source.read_some(io::asio::buffer(room_.data() + size_, room_.size() - size_));
    if (!n) co_return n.error();
    if (*n == 0) co_return true;
    size_ += *n;
  }
  co_return false;
}

bool QueryContent::make_room(std::uint64_t most) {
  if (size_ < room_.size()) return true;
  const auto larger = std::min(most + 1, std::max<std::uint64_t>(kFirstRoom, 2 * room_.size()));
  if (!memory_.reserve(charged_, larger - room_.size())) return false;
  room_.resize(static_cast<std::size_t>(larger));
  return true;
}

}  // namespace forebay::proxy
