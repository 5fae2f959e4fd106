// Tokens: the input as one, and, cut at its first line break, as header and claims of one that is signed.
// Invariants: nothing unsigned is verified; what is verified has a claim within its bounds and holds now.
#include "forebay/http/json_web_token.hpp"

#include <openssl/hmac.h>

#include <array>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace forebay;

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
constexpr WallTime kNow{seconds{1'000'000}};

void require(bool holds) {
  if (!holds) std::abort();
}

std::string base64url(std::string_view octets) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t held = 0;
  unsigned count = 0;
  for (const char c : octets) {
    held = held << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += kAlphabet[held >> (count - 6) & 63];
  }
  if (count > 0) out += kAlphabet[held << (6 - count) & 63];
  return out;
}

std::string sign(std::string_view header, std::string_view claims) {
  auto text = base64url(header) + "." + base64url(claims);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  return text + "." + base64url({reinterpret_cast<const char*>(mac.data()), size});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const http::TokenRules rules{
      SignatureKey::make(SignatureAlgorithm::hs256, kSecret).value(), "sub", {}, {}};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  require(http::verify_token(text, rules, kNow).verdict != http::TokenVerdict::verified);

  const auto line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const auto result = http::verify_token(sign(text.substr(0, line), text.substr(line + 1)), rules, kNow);
  require(result.verdict != http::TokenVerdict::signature);
  if (result.verdict != http::TokenVerdict::verified) return 0;
  require(result.value.size() > 2 && result.value.size() <= http::kMaxClaimBytes + 2);
  require(result.holds_at(kNow));
  return 0;
}
