#include "forebay/io/held_body.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <utility>

namespace forebay::io {
namespace {

/// A body without a length whose end fails.
class Endless final : public BodySource {
 public:
  Awaitable<Result<std::size_t>> read_some(asio::mutable_buffer out) override {
    if (std::exchange(given_, true)) co_return fail(ErrorKind::client_gone);
    co_return asio::buffer_copy(out, asio::buffer(std::string_view("rest")));
  }
  std::optional<std::uint64_t> length() const noexcept override { return std::nullopt; }
  const std::string& trailers() const noexcept override { return trailers_; }

 private:
  bool given_ = false;
  std::string trailers_ = "X-Sum: 1\r\n";
};

Awaitable<void> read_all(BodySource& source, std::size_t room, std::string& all) {
  std::string out(room, '\0');
  for (;;) {
    const auto n = co_await source.read_some(asio::buffer(out));
    if (!n) all += name(n.error().kind);
    if (!n || *n == 0) break;
    all.append(out, 0, *n);
  }
}

/// What comes, with the failure's name behind it, if any.
std::string read(BodySource& source, std::size_t room = 3) {
  std::string all;
  asio::io_context context;
  asio::co_spawn(context, read_all(source, room, all), asio::detached);
  context.run();
  return all;
}

TEST(HeldBody, GivesWhatIsHeld) {
  for (const std::size_t room : {1U, 3U, 100U}) {
    HeldBody body("0123456789");
    EXPECT_EQ(body.length(), 10U);
    EXPECT_EQ(read(body, room), "0123456789");
    EXPECT_EQ(body.trailers(), "");
    EXPECT_EQ(read(body, room), "") << "once";
    EXPECT_TRUE(body.rewind());
    EXPECT_EQ(read(body, room), "0123456789");
  }
  HeldBody empty("");
  EXPECT_EQ(empty.length(), 0U);
  EXPECT_EQ(read(empty), "");
}

TEST(HeldBody, GoesOnWithTheRest) {
  Endless rest;
  HeldBody body("0123456789", &rest);
  EXPECT_FALSE(body.length());
  EXPECT_EQ(read(body), "0123456789resclient_gone") << "three bytes of it, and its failure";
  EXPECT_EQ(body.trailers(), "X-Sum: 1\r\n");
  EXPECT_FALSE(body.rewind()) << "the rest is gone";
}

}  // namespace
}  // namespace forebay::io
