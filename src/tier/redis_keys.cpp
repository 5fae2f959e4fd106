#include "redis_keys.hpp"

namespace forebay::tier {

RedisKeys::RedisKeys(std::string_view name_space, const Digest& key) {
  record_.reserve(name_space.size() + kHexDigits + 3);
  record_.append(name_space).append(":{").append(to_hex(key)).append("}");
}

std::string RedisKeys::variant(std::uint64_t generation, std::string_view vary_names,
                               std::string_view variant_key) const {
  // No name holds a space, so it is clear where each part ends.
  const auto number = std::to_string(generation);
  const std::string_view pieces[]{number, " ", vary_names, " ", variant_key};
  return record_ + ":v:" + to_hex(forebay::digest(pieces));
}

std::string RedisKeys::chunk(const Digest& body, std::uint32_t number) const {
  return record_ + ":b:" + to_hex(body) + ":" + std::to_string(number);
}

std::string RedisKeys::lease() const { return record_ + ":lease"; }
std::string RedisKeys::flight(const Digest& token) const { return record_ + ":f:" + to_hex(token); }
std::string RedisKeys::uncacheable() const { return record_ + ":pass"; }

}  // namespace forebay::tier
