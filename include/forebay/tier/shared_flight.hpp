// A fetch that nodes share, as it stands in Redis: what its leader tells and its followers hear.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "forebay/base/clock.hpp"
#include "forebay/base/error.hpp"
#include "forebay/cache/kept_times.hpp"
#include "forebay/http/content_coding.hpp"

namespace forebay::tier {

/// The head of the answer, as the leader got it (recoded, where its route does that), and what its followers
/// have to know to judge it as the leader did.
struct FlightHead {
  std::string key;              // the flight's: primary key and what the leader predicted of the variant
  std::string vary_names;       // see StoredResponse
  std::string variant_key;      // the leader's values for them
  cache::Position position{0};  // in the shared log, when the fetch started
  WallTime request_time;
  WallTime response_time;
  std::optional<std::uint64_t> length;       // of the body
  std::optional<http::Coding> recoded_from;  // see StoredResponse
  int status = 200;
  /// Status line and end-to-end field lines, each ended by CRLF, without Content-Length.
  std::string head;

  friend bool operator==(const FlightHead&, const FlightHead&) = default;
};

/// How the leader's fetch ended.
enum class FlightOutcome : std::uint8_t {
  complete = 1,     // the body is whole
  failed = 2,       // the upstream gave no answer, or broke off
  look_again = 3,   // there may be something in the store now, or nobody leads any more
  uncacheable = 4,  // an answer came that nobody else may have
  abandoned = 5,    // the fetch goes on, but others are not told how
};

struct FlightEnd {
  FlightOutcome outcome = FlightOutcome::complete;
  ErrorKind error = ErrorKind::response_incomplete;  // `failed`
  std::uint64_t length = 0;                          // of the body, `complete`
  std::string trailers{};                            // `complete`

  friend bool operator==(const FlightEnd&, const FlightEnd&) = default;
};

}  // namespace forebay::tier
