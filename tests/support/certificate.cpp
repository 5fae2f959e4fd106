#include "support/certificate.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <stdexcept>

namespace forebay::test {
namespace {

constexpr long kDay = 24L * 60 * 60;

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("making a certificate: ") + what);
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  require(extension != nullptr, value.c_str());
  require(X509_add_ext(certificate, extension.get(), -1) == 1, "an extension");
}

/// A certificate without extensions, valid from yesterday on, not signed yet.
Certificate blank(const std::string& common_name, int days) {
  static std::atomic<long> serial{1};
  Certificate made{X509Ptr(X509_new()), KeyPtr(EVP_EC_gen("P-256"))};
  auto* x509 = made.x509.get();
  require(x509 && made.key, "a key");
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x509), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(x509), days * kDay);
  X509_set_pubkey(x509, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  return made;
}

void sign(const Certificate& what, const Certificate& by) {
  X509_set_issuer_name(what.x509.get(), X509_get_subject_name(by.x509.get()));
  require(X509_sign(what.x509.get(), by.key.get(), EVP_sha256()) > 0, "a signature");
}

template <class Write>
std::string pem(Write write) {
  const std::unique_ptr<BIO, FreeWith<BIO_free_all>> out(BIO_new(BIO_s_mem()));
  require(write(out.get()) == 1, "PEM");
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

SslContextPtr Certificate::server_context() const {
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  require(SSL_CTX_use_certificate(context.get(), x509.get()) == 1, "a server's certificate");
  require(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1, "a server's key");
  return context;
}

std::string Certificate::certificate_pem() const {
  return pem([&](BIO* out) { return PEM_write_bio_X509(out, x509.get()); });
}

std::string Certificate::key_pem() const {
  return pem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

CertificateAuthority::CertificateAuthority() : own_(blank("forebay test authority", 1)) {
  static std::atomic<int> number{0};
  auto* x509 = own_.x509.get();
  add_extension(x509, x509, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(x509, x509, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(x509, x509, NID_subject_key_identifier, "hash");
  sign(own_, own_);
  file_ = std::filesystem::temp_directory_path() /
          ("forebay-test-ca-" + std::to_string(getpid()) + "-" + std::to_string(number++) + ".pem");
  std::ofstream(file_) << own_.certificate_pem();
}

CertificateAuthority::~CertificateAuthority() {
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

Certificate CertificateAuthority::issue(const std::vector<std::string>& names, int days) const {
  auto made = blank("forebay test server", days);
  std::string list;
  for (const auto& name : names) list.append(list.empty() ? "" : ",").append(name);
  auto* x509 = made.x509.get();
  if (!list.empty()) add_extension(x509, own_.x509.get(), NID_subject_alt_name, list);
  add_extension(x509, own_.x509.get(), NID_authority_key_identifier, "keyid");
  sign(made, own_);
  return made;
}

}  // namespace forebay::test
