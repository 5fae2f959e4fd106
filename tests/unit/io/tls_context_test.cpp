#include "forebay/io/tls_context.hpp"

#include <gmock/gmock.h>
#include <openssl/pem.h>

#include <fstream>

#include "support/certificate.hpp"

namespace forebay::io {
namespace {

using test::CertificateAuthority;
using ::testing::StartsWith;

struct TlsContextTest : ::testing::Test {
  CertificateAuthority authority;

  static std::string write(const std::string& name, const std::string& content) {
    const auto path = ::testing::TempDir() + "forebay-tls-context-" + name;
    std::ofstream(path) << content;
    return path;
  }
  static std::string fault(const TlsFiles& files) {
    const auto context = tls_client_context(files);
    return context.has_error() ? context.error().detail : "";
  }
};

TEST_F(TlsContextTest, SpeaksTls12AndLater) {
  auto context = tls_client_context({}).value();
  EXPECT_EQ(SSL_CTX_get_min_proto_version(context.native_handle()), TLS1_2_VERSION);
}

TEST_F(TlsContextTest, NamesTheFileAtFault) {
  const auto own = authority.issue({"DNS:client"});
  const auto other = authority.issue({"DNS:other"});
  const auto certificate = write("cert.pem", own.certificate_pem());
  const auto key = write("key.pem", own.key_pem());
  const auto other_key = write("other.pem", other.key_pem());
  const auto garbage = write("garbage.pem", "garbage");
  EXPECT_EQ(fault({.ca = authority.file(), .certificate = certificate, .key = key}), "");
  EXPECT_THAT(fault({.ca = "/nowhere"}), StartsWith("tls.ca_file \"/nowhere\": "));
  EXPECT_THAT(fault({.ca = garbage}), StartsWith("tls.ca_file "));
  EXPECT_THAT(fault({.certificate = "/nowhere", .key = key}),
              StartsWith("tls.certificate_file \"/nowhere\": "));
  EXPECT_THAT(fault({.certificate = garbage, .key = key}), StartsWith("tls.certificate_file "));
  EXPECT_THAT(fault({.certificate = certificate, .key = "/nowhere"}),
              StartsWith("tls.key_file \"/nowhere\": "));
  EXPECT_THAT(fault({.certificate = certificate, .key = garbage}), StartsWith("tls.key_file "));
  EXPECT_THAT(fault({.certificate = certificate, .key = other_key}), StartsWith("tls.key_file "));
}

TEST_F(TlsContextTest, AsksNobodyForAPassphrase) {
  const auto own = authority.issue({"DNS:client"});
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, own.key.get(), EVP_aes_128_cbc(), nullptr, 0, nullptr,
                           const_cast<char*>("passphrase"));
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out, &text);
  const auto locked = write("locked.pem", std::string(text, static_cast<std::size_t>(size)));
  BIO_free_all(out);
  const auto certificate = write("cert2.pem", own.certificate_pem());
  EXPECT_THAT(fault({.certificate = certificate, .key = locked}), StartsWith("tls.key_file "));
}

}  // namespace
}  // namespace forebay::io
