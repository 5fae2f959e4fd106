// Another node's answer as the rest of a fetch sees it. When that node is lost in the middle, the body goes
// on from whoever fetches next, perhaps this node, if that is the same representation.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "forebay/base/running_digest.hpp"
#include "forebay/proxy/worker.hpp"
#include "forebay/tier/shared_flights.hpp"

namespace forebay::proxy {

/// What others are told of an answer. `kept`: the same as it is kept, which has what it varies on.
tier::FlightHead flight_head(std::string key, cache::Position position, const upstream::Reply& reply,
                             const cache::StoredResponse& kept, std::optional<std::uint64_t> length);
/// True for errors by which a leader did not get as far as the upstream: from another node it may be reached.
bool may_be_its_own(ErrorKind kind) noexcept;
/// The head as it was told; views into it.
http::ResponseHead head_in(const tier::FlightHead& told);

/// Lives on one worker.
class FollowedReply final : public upstream::Reply, public io::BodySource {
 public:
  using Answer = Result<std::unique_ptr<upstream::Reply>>;
  /// Asks the upstream for everything, coded as the answer is.
  using AskAgain = std::function<io::Awaitable<Answer>()>;
  /// Whether the request may get, and have stored for others, what an answer with this head brings.
  using MayShare = std::function<bool(const http::ResponseHead&, WallTime request, WallTime response)>;

  struct Fetch {
    Worker& worker;
    io::Cancel& cancel;
    AskAgain ask_again;
    MayShare may_share;
    cache::Position position;  // of the fetch that follows, in the shared log
    std::chrono::milliseconds between_bytes;
    tier::LedFlightPtr& led;      // set when this node takes over
    const bool& keeps_to_itself;  // it does not take over for others
  };
  FollowedReply(Fetch fetch, std::unique_ptr<tier::FollowedFlight> flight, tier::FlightHead head);

  const http::ResponseHead& head() const noexcept override { return head_; }
  io::BodySource& body() noexcept override { return *this; }
  WallTime request_time() const noexcept override { return told_.request_time; }
  WallTime response_time() const noexcept override { return told_.response_time; }
  bool request_sent() const noexcept override { return true; }
  io::Awaitable<void> stop_sending() override;
  std::unique_ptr<io::Stream> take_stream(std::string&) override { return nullptr; }

  io::Awaitable<Result<std::size_t>> read_some(io::asio::mutable_buffer out) override;
  std::optional<std::uint64_t> length() const noexcept override { return told_.length; }
  const std::string& trailers() const noexcept override { return trailers_; }

 private:
  using MaybeError = std::optional<Error>;
  enum class Way : std::uint8_t {
    ready,
    ended,
    lost,
    alone
  };  // bytes, the end, go on with others or without

  io::Awaitable<Result<Way>> hear();
  Result<Way> take(const tier::FlightEnd& end);
  io::Awaitable<Result<std::size_t>> read_own(io::asio::mutable_buffer out);
  /// Finds somebody who goes on, `alone`: the upstream.
  io::Awaitable<MaybeError> go_on(bool alone);
  io::Awaitable<MaybeError> take_over();
  /// `ready` when the new leader's head is there and fits.
  io::Awaitable<Result<Way>> follow_next();
  /// Whether a body fetched anew may go on under the head that was told.
  bool fits(const http::ResponseHead& head, std::optional<std::uint64_t> length, WallTime request_time,
            WallTime response_time) const;
  /// Compares with what was received before; what lies beyond that.
  Result<std::string_view> beyond_known(std::string_view bytes);
  void tell_known(std::string_view bytes);

  Fetch fetch_;
  std::unique_ptr<tier::FollowedFlight> flight_;
  tier::FlightHead told_;
  http::ResponseHead head_;
  std::unique_ptr<upstream::Reply> own_;  // since this node goes on by itself
  std::optional<tier::FollowedFlight::Bytes> bytes_;
  std::size_t taken_ = 0;       // of bytes_
  std::uint64_t received_ = 0;  // of the body
  RunningDigest digest_;        // of that
  std::uint64_t known_ = 0;     // of what comes once more, so many have been compared
  RunningDigest again_;
  std::string trailers_;
  std::uint32_t successions_ = 0;
};

}  // namespace forebay::proxy
