#include "upstream/body_sender.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <charconv>
#include <string_view>
#include <utility>

namespace forebay::upstream {

namespace asio = boost::asio;

namespace {
asio::const_buffer buffer_of(std::string_view text) noexcept { return {text.data(), text.size()}; }
}  // namespace

BodySender::BodySender(Setup setup)
    : setup_(std::move(setup)),
      length_(setup_.source.length()),
      remaining_(length_.value_or(0)),
      piece_(new char[kPiece]),
      stall_(setup_.sweep, [this] { on_stall(); }),
      done_(io::Signal::make(setup_.executor)) {}

void BodySender::start(std::function<void()> on_end) {
  on_end_ = std::move(on_end);
  asio::co_spawn(setup_.executor, run(),
                 asio::bind_cancellation_slot(cancel_.slot(), Ending(shared_from_this())));
}

void BodySender::abandon() noexcept {
  on_end_ = nullptr;
  if (ended_ || std::exchange(stopping_, true)) return;
  cancel_.emit(asio::cancellation_type::terminal);
}

io::Awaitable<void> BodySender::stop() {
  const auto self = shared_from_this();
  abandon();
  while (!ended_) co_await done_->wait(std::chrono::hours(1));
}

void BodySender::end(const std::exception_ptr& exception) {
  // Being called off arrives as an exception when it comes between two operations of the source.
  if (exception && !stopping_) give_up(fail(ErrorKind::system_failure, "sending the request body"));
  ended_ = true;
  stall_.disarm();
  piece_.reset();
  setup_.connection.reset();
  done_->notify();
  if (const auto on_end = std::exchange(on_end_, nullptr)) on_end();
}

void BodySender::give_up(Error error) {
  failure_ = std::move(error);
  setup_.connection->stream().close();
}

void BodySender::on_stall() {
  if (tolerant_) {
    stopping_ = true;
    cancel_.emit(asio::cancellation_type::terminal);
  } else {
    stalled_ = true;
    setup_.connection->stream().close();
  }
}

io::Awaitable<void> BodySender::run() {
  while (!stopping_) {
    auto read = co_await setup_.source.read_some(asio::buffer(piece_.get(), kPiece));
    if (stopping_) co_return;
    if (read.has_error()) co_return give_up(read.error());
    const std::size_t size = *read;
    if (length_ && (size > remaining_ || (size == 0 && remaining_ > 0)))
      co_return give_up(fail(ErrorKind::request_malformed, "the request body is not as long as announced"));
    if (size == 0) break;
    const bool written = co_await send_piece(size);
    if (!written) co_return;
    if (!length_) continue;
    remaining_ -= size;
    if (remaining_ == 0) break;
  }
  if (!length_) {
    if (stopping_) co_return;
    const bool written = co_await send_last_chunk();
    if (!written) co_return;
  }
  sent_ = length_ ? remaining_ == 0 : true;
}

io::Awaitable<bool> BodySender::send_piece(std::size_t size) {
  const std::string_view piece(piece_.get(), size);
  if (length_) {
    const std::array whole{buffer_of(piece)};
    co_return co_await write(whole);
  }
  // RFC 9112 §7.1
  std::array<char, 20> size_line;
  auto* end = std::to_chars(size_line.data(), size_line.data() + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  const std::string_view head(size_line.data(), static_cast<std::size_t>(end - size_line.data()));
  const std::array chunk{buffer_of(head), buffer_of(piece), buffer_of("\r\n")};
  co_return co_await write(chunk);
}

io::Awaitable<bool> BodySender::send_last_chunk() {
  const std::array last{buffer_of("0\r\n"), buffer_of(setup_.source.trailers()), buffer_of("\r\n")};
  co_return co_await write(last);
}

/// False when the server takes no more. That is no failure yet: it may have answered already.
io::Awaitable<bool> BodySender::write(Gather buffers) {
  stall_.arm(setup_.stall_limit);
  const auto ec = co_await setup_.connection->stream().write(buffers);
  stall_.disarm();
  if (ec) co_return false;
  setup_.metrics.upstream_sent_bytes.add(asio::buffer_size(buffers));
  co_return true;
}

}  // namespace forebay::upstream
