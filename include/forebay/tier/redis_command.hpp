// What is said to Redis and what it answers, apart from how the bytes travel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forebay::tier {

/// One command, kept as it is sent: an array of bulk strings, binary safe. Writing RESP by hand instead of
/// by hiredis' formatter saves an argument vector and a copy; arguments are copied once, here.
class RedisCommand {
 public:
  /// Begins with the command's name and what follows it:
  /// RedisCommand{"SET"}.key(k).add(v).add("PX").add(5000)
  RedisCommand(std::initializer_list<std::string_view> words);

  RedisCommand& add(std::string_view word) &;
  RedisCommand& add(std::int64_t number) &;
  /// One argument out of pieces.
  RedisCommand& add_joined(std::span<const std::string_view> pieces) &;
  /// An argument that is the key: its slot says which node of a cluster is asked. The first one counts;
  /// further keys of the command have to share its slot (a hash tag, `{...}`).
  RedisCommand& key(std::string_view word) &;
  /// The same for a command without a key that belongs to one, which is not sent.
  RedisCommand& routed_by(std::string_view key) &;

  template <class... Word>
  RedisCommand&& add(Word&&... word) && {
    return std::move((add(std::forward<Word>(word)...)));
  }
  RedisCommand&& add_joined(std::span<const std::string_view> pieces) && {
    return std::move(add_joined(pieces));
  }
  RedisCommand&& key(std::string_view word) && { return std::move(key(word)); }
  RedisCommand&& routed_by(std::string_view key) && { return std::move(routed_by(key)); }

  /// The slot of the key (see redis_slot.hpp); nothing without a key: any node will do.
  std::optional<std::uint16_t> slot() const noexcept { return slot_; }
  /// As it is sent. Good until the command is changed.
  std::string_view wire() const noexcept { return std::string_view(bytes_).substr(begin_); }

 private:
  void begin_word(std::size_t size);
  void write_count();

  std::string bytes_;
  std::size_t begin_ = 0;  // of "*count\r\n", which stands right before the words
  std::size_t words_ = 0;
  std::optional<std::uint16_t> slot_;
};

/// What Redis answered. An error inside an array is an element like any other.
struct RedisReply {
  enum class Kind : std::uint8_t { nil, integer, string, status, error, array };

  Kind kind = Kind::nil;
  std::int64_t integer = 0;
  std::string text{};  // of string, status and error; an error's begins with its code: "NOSCRIPT No ..."
  std::vector<RedisReply> elements{};

  bool is_nil() const noexcept { return kind == Kind::nil; }
  bool is_error() const noexcept { return kind == Kind::error; }
  bool is_string() const noexcept { return kind == Kind::string; }
  bool is_integer() const noexcept { return kind == Kind::integer; }
  bool is_array() const noexcept { return kind == Kind::array; }
  /// For the status that commands without a result answer with: "OK".
  bool is_status(std::string_view expected) const noexcept {
    return kind == Kind::status && text == expected;
  }
  /// An error's first word, "" otherwise.
  std::string_view error_code() const noexcept {
    return is_error() ? std::string_view(text).substr(0, text.find(' ')) : std::string_view{};
  }

  friend bool operator==(const RedisReply&, const RedisReply&) = default;
};

/// What is too large to be an answer. Whatever exceeds it counts as malformed.
struct RedisReplyLimits {
  std::size_t bytes = 64U << 20;  // of one reply, all its strings together
  std::size_t elements = 65'536;  // of all its arrays together
  std::size_t depth = 7;          // arrays in arrays; hiredis before 1.0 takes no more
};

}  // namespace forebay::tier
