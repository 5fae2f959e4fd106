// A body that is recoded while it is read: decoded, encoded, or both.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "forebay/cache/coding_plan.hpp"
#include "forebay/http/recoder.hpp"
#include "forebay/io/body.hpp"
#include "forebay/proxy/worker.hpp"

namespace forebay::proxy {

/// What a body takes while it is recoded, charged as buffers for so long.
std::size_t recoding_bytes(const cache::CodingPlan& plan) noexcept;

/// Lives on the worker; both outlive it. However much comes out of a little input, others get their turn
/// after each piece. A body that is not what its coding says fails with response_malformed and is counted.
class CodedBody final : public io::BodySource {
 public:
  CodedBody(Worker& worker, io::BodySource& source, const cache::CodingPlan& plan);

  io::Awaitable<Result<std::size_t>> read_some(io::asio::mutable_buffer out) override;
  std::optional<std::uint64_t> length() const noexcept override { return std::nullopt; }
  const std::string& trailers() const noexcept override { return source_.trailers(); }

 private:
  io::Awaitable<Result<void>> produce();

  struct Buffers {
    std::array<char, std::size_t{16} * 1024> in;
    std::array<char, std::size_t{16} * 1024> out;
  };

  Worker& worker_;
  io::BodySource& source_;
  const cache::CodingPlan plan_;
  http::Recoder recoder_;
  tier::Reservation charged_;
  std::unique_ptr<Buffers> buffers_;
  std::string_view input_;  // of buffers_->in
  std::string_view ready_;  // of buffers_->out
  http::Flush flush_ = http::Flush::none;
  http::Step::Next next_ = http::Step::Next::feed;
  bool began_ = false;
};

}  // namespace forebay::proxy
