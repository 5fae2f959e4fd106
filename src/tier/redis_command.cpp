#include "forebay/tier/redis_command.hpp"

#include <charconv>

#include "forebay/base/strings.hpp"
#include "tier/redis_slot.hpp"

namespace forebay::tier {
namespace {

constexpr std::size_t kHeaderRoom = 1 + kMaxDecimalDigits + 2;

}  // namespace

RedisCommand::RedisCommand(std::initializer_list<std::string_view> words) : bytes_(kHeaderRoom, ' ') {
  for (const auto word : words) add(word);
}

/// Bulk string: "$size\r\n", the bytes, "\r\n".
void RedisCommand::begin_word(std::size_t size) {
  char header[1 + kMaxDecimalDigits + 2] = {'$'};
  const auto digits = write_decimal(header + 1, size);
  header[1 + digits] = '\r';
  header[2 + digits] = '\n';
  bytes_.append(header, 3 + digits);
  ++words_;
  write_count();
}

void RedisCommand::write_count() {
  char digits[kMaxDecimalDigits];
  const auto count = write_decimal(digits, words_);
  begin_ = kHeaderRoom - 3 - count;
  bytes_[begin_] = '*';
  bytes_.replace(begin_ + 1, count, digits, count);
  bytes_[kHeaderRoom - 2] = '\r';
  bytes_[kHeaderRoom - 1] = '\n';
}

RedisCommand& RedisCommand::add(std::string_view word) & { return add_joined({&word, 1}); }

RedisCommand& RedisCommand::add(std::int64_t number) & {
  char digits[kMaxDecimalDigits + 1];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return add(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

RedisCommand& RedisCommand::add_joined(std::span<const std::string_view> pieces) & {
  std::size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  begin_word(size);
  bytes_.reserve(bytes_.size() + size + 2);
  for (const auto piece : pieces) bytes_.append(piece);
  bytes_.append("\r\n");
  return *this;
}

RedisCommand& RedisCommand::key(std::string_view word) & { return routed_by(word).add(word); }

RedisCommand& RedisCommand::routed_by(std::string_view key) & {
  if (!slot_) slot_ = redis_slot(key);
  return *this;
}

}  // namespace forebay::tier
