// An exchange without a connection, for the tests of this folder.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "forebay/proxy/exchange.hpp"

namespace forebay::proxy::testing {

/// Nobody: what is sent is dropped.
class Nobody final : public Responder {
 public:
  io::Awaitable<Result<void>> send(const Answer&) override { co_return Result<void>(); }
  void interim(std::string_view) override {}
  io::Awaitable<Result<void>> start(int, std::string_view, std::string_view, BodyPlan) override {
    co_return Result<void>();
  }
  io::Awaitable<Result<void>> write(std::span<const cache::Slice>) override { co_return Result<void>(); }
  io::Awaitable<Result<void>> write(std::string_view) override { co_return Result<void>(); }
  io::Awaitable<Result<void>> finish(std::string_view) override { co_return Result<void>(); }
  void close_after() noexcept override {}
  io::Awaitable<void> tunnel(std::string_view, std::unique_ptr<io::Stream>, std::string) override {
    co_return;
  }
};

using Lines = std::vector<std::pair<std::string_view, std::string_view>>;

/// A request with everything an exchange refers to. The texts given must outlive it.
struct Asked {
  explicit Asked(std::string_view method, std::string_view target = "/", const Lines& lines = {}) {
    head.method_text = method;
    head.method = http::parse_method(method);
    head.target = target;
    for (const auto& [name, value] : lines) head.fields.add(name, value);
  }

  http::RequestHead head;
  Client client{"192.0.2.1"};
  Scratch scratch;
  Nobody nobody;
  Exchange exchange{head, client, scratch, nobody};
};

}  // namespace forebay::proxy::testing
