#include "forebay/base/keyed_hash.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <random>
#include <stdexcept>

namespace forebay {
namespace {

struct FreeMac {
  void operator()(EVP_MAC* mac) const noexcept { EVP_MAC_free(mac); }
};

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::uint64_t word(const unsigned char* bytes) noexcept {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | bytes[i];
  return value;
}

}  // namespace

HashKey HashKey::random() {
  HashKey key;
  std::random_device source;
  std::generate(key.bytes.begin(), key.bytes.end(), [&] { return static_cast<unsigned char>(source()); });
  return key;
}

HashKey HashKey::from(std::string_view secret) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> whole{};
  ::SHA256(bytes_of(secret), secret.size(), whole.data());
  HashKey key;
  std::copy_n(whole.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

void KeyedHash::Free::operator()(evp_mac_ctx_st* context) const noexcept { EVP_MAC_CTX_free(context); }

KeyedHash::KeyedHash() {
  const std::unique_ptr<EVP_MAC, FreeMac> mac(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr));
  if (mac) context_.reset(EVP_MAC_CTX_new(mac.get()));
  if (!context_) throw std::runtime_error("OpenSSL has no SipHash");
}

// The calls below fail on a key or a buffer of the wrong size alone, and ours have the right one.

KeyedHash& KeyedHash::begin(const HashKey& key) noexcept {
  EVP_MAC_init(context_.get(), key.bytes.data(), key.bytes.size(), nullptr);
  return *this;
}

KeyedHash& KeyedHash::add(std::string_view part) noexcept {
  std::array<unsigned char, 8> size{};
  for (std::size_t i = 0; i < size.size(); ++i) size[i] = static_cast<unsigned char>(part.size() >> (8 * i));
  EVP_MAC_update(context_.get(), size.data(), size.size());
  EVP_MAC_update(context_.get(), bytes_of(part), part.size());
  return *this;
}

Digest KeyedHash::end() noexcept {
  std::array<unsigned char, 16> out{};
  std::size_t written = 0;
  EVP_MAC_final(context_.get(), out.data(), &written, out.size());
  return {word(out.data()), word(out.data() + 8)};
}

}  // namespace forebay
