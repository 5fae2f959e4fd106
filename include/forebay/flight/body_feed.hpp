// A body on its way: one producer appends while any number of readers, on any worker, follow at their own
// pace.
//
// Model: slices are kept in order and addressed by the byte offset in the whole body. As long as the feed
// keeps everything (the response is being stored) the producer never waits and readers may join at any time.
// Once it lets go (the response will not be stored), what every reader has passed is dropped, the producer
// waits while the slowest reader is more than kWindow behind, and nobody can join any more. One mutex, held
// for pointer work only; waiters are woken after it is released, by a post to their own executor.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "forebay/base/result.hpp"
#include "forebay/cache/body.hpp"
#include "forebay/io/signal.hpp"

namespace forebay::flight {

/// Shared by the producer and its readers. Thread-safe.
class BodyFeed : public std::enable_shared_from_this<BodyFeed> {
 public:
  /// How far the slowest reader may be behind once the feed has let go.
  static constexpr std::uint64_t kWindow = 1ULL << 20;
  /// The same when memory is short.
  static constexpr std::uint64_t kNarrowWindow = 64ULL << 10;
  /// Slices handed to a reader at once, at most.
  static constexpr std::size_t kBatch = 16;

  class Reader;

  // The producer's side.
  void append(cache::Slice slice);
  /// The first of finish() and fail() counts.
  void finish(std::string trailers);
  void fail(Error error);
  /// From now on nothing is kept that every reader has passed. Idempotent.
  void let_go();
  /// Completes with true when there is room in the window (at once while everything is kept); with false when
  /// nobody reads any more or the slowest reader did not get on within `limit`.
  io::Awaitable<bool> wait_for_room(std::shared_ptr<io::Signal> signal, std::chrono::milliseconds limit,
                                    std::uint64_t window = kWindow);
  /// Everything that was appended; only for a feed that has kept it all.
  std::vector<cache::Slice> slices() const;
  std::uint64_t size() const;
  bool has_readers() const;

  /// A reader from the first byte on; nothing when the beginning is gone.
  std::unique_ptr<Reader> join(const io::Executor& executor);

 private:
  struct Position {
    std::uint64_t offset = 0;
    std::shared_ptr<io::Signal> signal;
    bool waiting = false;
  };
  using Positions = std::list<Position>;

  std::uint64_t slowest() const;                            // mutex_ held
  void trim();                                              // mutex_ held
  std::shared_ptr<io::Signal> room_signal();                // mutex_ held
  std::vector<std::shared_ptr<io::Signal>> take_waiting();  // mutex_ held

  mutable std::mutex mutex_;
  // All guarded by mutex_.
  std::deque<cache::Slice> slices_;
  std::uint64_t begin_ = 0;  // offset of the first slice that is still held
  std::uint64_t end_ = 0;    // bytes appended
  Positions readers_;
  std::uint64_t window_ = kWindow;        // the producer waits for
  std::shared_ptr<io::Signal> producer_;  // waits for room
  bool kept_ = true;
  bool finished_ = false;
  std::string trailers_;
  std::optional<Error> error_;
};

/// One reader's place. Lives on one worker; leaving early is its destruction.
class BodyFeed::Reader {
 public:
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Completes with the next slices; with none at the end of a complete body. Fails with the producer's
  /// error, with between_bytes_timeout when nothing came within `limit`, or `cancelled` after cancel().
  io::Awaitable<Result<std::vector<cache::Slice>>> next(std::chrono::milliseconds limit);
  /// Wakes a waiting next(). Own worker only.
  void cancel();
  /// After the end.
  std::string trailers() const;

 private:
  friend class BodyFeed;
  Reader(std::shared_ptr<BodyFeed> feed, Positions::iterator position);

  /// The next slices without waiting; nothing: wait.
  std::optional<Result<std::vector<cache::Slice>>> take(std::shared_ptr<io::Signal>& producer);

  std::shared_ptr<BodyFeed> feed_;
  Positions::iterator position_;
  std::shared_ptr<io::Signal> signal_;
  bool cancelled_ = false;
};

}  // namespace forebay::flight
