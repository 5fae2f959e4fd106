// JSON Web Tokens made for tests.
//
//   const auto token = sign_hs256(kSecret, R"({"alg":"HS256"})", R"({"sub":"ann"})");
#pragma once

#include <string>
#include <string_view>

#include "support/certificate.hpp"

namespace forebay::test {

std::string base64url(std::string_view octets);

KeyPtr rsa_key(unsigned bits);
KeyPtr ec_key(const char* curve);  // "P-256"
std::string public_pem(const KeyPtr& key);

/// "header.payload.signature" of two texts, whatever they hold.
std::string sign_hs256(std::string_view secret, std::string_view header, std::string_view payload);
std::string sign_rs256(const KeyPtr& key, std::string_view header, std::string_view payload);
std::string sign_es256(const KeyPtr& key, std::string_view header, std::string_view payload);

}  // namespace forebay::test
