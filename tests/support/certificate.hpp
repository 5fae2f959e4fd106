// Certificates made for one test run.
#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace forebay::test {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;

/// A certificate with its private key (P-256).
struct Certificate {
  X509Ptr x509;
  KeyPtr key;

  /// A server context that proves itself by this certificate.
  SslContextPtr server_context() const;
  std::string certificate_pem() const;
  std::string key_pem() const;
};

/// A certificate authority of its own; its certificate lies in a file as long as it lives.
class CertificateAuthority {
 public:
  CertificateAuthority();
  ~CertificateAuthority();
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  /// Names as in subjectAltName: "DNS:example.org", "IP:127.0.0.1".
  Certificate issue(const std::vector<std::string>& names, int days = 1) const;
  const std::filesystem::path& file() const noexcept { return file_; }

 private:
  Certificate own_;
  std::filesystem::path file_;
};

}  // namespace forebay::test
