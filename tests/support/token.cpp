#include "support/token.hpp"

#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <stdexcept>
#include <vector>

namespace forebay::test {
namespace {

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("making a token: ") + what);
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string text_of(const std::vector<unsigned char>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string signed_text(std::string_view header, std::string_view payload) {
  return base64url(header) + "." + base64url(payload);
}

std::vector<unsigned char> signature_of(const KeyPtr& key, std::string_view text) {
  const std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1, "a signer");
  std::size_t size = 0;
  EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size());
  std::vector<unsigned char> out(size);
  require(EVP_DigestSign(context.get(), out.data(), &size, bytes_of(text), text.size()) == 1, "a signature");
  out.resize(size);
  return out;
}

}  // namespace

std::string base64url(std::string_view octets) {
  std::vector<unsigned char> out(octets.size() / 3 * 4 + 8);
  const int size = EVP_EncodeBlock(out.data(), bytes_of(octets), static_cast<int>(octets.size()));
  out.resize(static_cast<std::size_t>(size));
  auto text = text_of(out);
  text.erase(std::min(text.find('='), text.size()));
  for (char& c : text) c = c == '+' ? '-' : (c == '/' ? '_' : c);
  return text;
}

KeyPtr rsa_key(unsigned bits) { return KeyPtr(EVP_RSA_gen(bits)); }
KeyPtr ec_key(const char* curve) { return KeyPtr(EVP_EC_gen(curve)); }

std::string public_pem(const KeyPtr& key) {
  const std::unique_ptr<BIO, FreeWith<BIO_free_all>> out(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PUBKEY(out.get(), key.get()) == 1, "PEM");
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string sign_hs256(std::string_view secret, std::string_view header, std::string_view payload) {
  const auto text = signed_text(header, payload);
  std::vector<unsigned char> mac(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  require(::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text), text.size(),
                 mac.data(), &size) != nullptr,
          "a MAC");
  mac.resize(size);
  return text + "." + base64url(text_of(mac));
}

std::string sign_rs256(const KeyPtr& key, std::string_view header, std::string_view payload) {
  const auto text = signed_text(header, payload);
  return text + "." + base64url(text_of(signature_of(key, text)));
}

std::string sign_es256(const KeyPtr& key, std::string_view header, std::string_view payload) {
  const auto text = signed_text(header, payload);
  const auto der = signature_of(key, text);
  const auto* at = der.data();
  const std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>> pair(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  require(pair != nullptr, "a signature");
  std::vector<unsigned char> both(64);
  BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), both.data(), 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), both.data() + 32, 32);
  return text + "." + base64url(text_of(both));
}

}  // namespace forebay::test
