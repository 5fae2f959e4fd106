#include "coded_body.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstring>

namespace forebay::proxy {

namespace asio = io::asio;
using http::Flush;
using Next = http::Step::Next;

std::size_t recoding_bytes(const cache::CodingPlan& plan) noexcept {
  return 2 * std::size_t{16} * 1024 + http::Recoder::memory_bytes(plan.from, plan.to);
}

CodedBody::CodedBody(Worker& worker, io::BodySource& source, const cache::CodingPlan& plan)
    : worker_(worker),
      source_(source),
      plan_(plan),
      recoder_(plan.from, plan.to),
      charged_(worker.shared.memory.budget(), tier::ChargeKind::buffers),
      buffers_(std::make_unique<Buffers>()) {
  worker.shared.memory.insist(charged_, recoding_bytes(plan));
}

io::Awaitable<Result<std::size_t>> CodedBody::read_some(asio::mutable_buffer out) {
  while (ready_.empty() && next_ != Next::done) {
    const auto produced = co_await produce();
    if (!produced) co_return produced.error();
  }
  const auto size = std::min(ready_.size(), out.size());
  if (size > 0) std::memcpy(out.data(), ready_.data(), size);
  ready_.remove_prefix(size);
  co_return size;
}

/// One step of the recoder, with more input where it wants that.
io::Awaitable<Result<void>> CodedBody::produce() {
  if (next_ == Next::feed) {
    const auto n = co_await source_.read_some(asio::buffer(buffers_->in));
    if (!n) co_return n.error();
    input_ = {buffers_->in.data(), *n};
    // A body of unknown length may be made while it is sent: what has come is passed on at once.
    flush_ = *n == 0 ? Flush::finish : source_.length() ? Flush::none : Flush::block;
    // No content at all is in no coding, whatever the upstream says: what is made of it is empty, too.
    if (*n == 0 && !began_) recoder_ = http::Recoder(http::Coding::identity, plan_.to);
    began_ = true;
  } else {
    co_await asio::post(worker_.executor, io::kUse);
  }
  const auto step = recoder_.step(input_, buffers_->out, flush_);
  if (!step) {
    worker_.metrics.recoding_failures.add();
    co_return step.error();
  }
  input_.remove_prefix(step->consumed);
  ready_ = {buffers_->out.data(), step->produced};
  next_ = step->next;
  co_return Result<void>();
}

}  // namespace forebay::proxy
