#include "forebay/io/tls_context.hpp"

#include <openssl/ssl.h>

#include <string_view>
#include <utility>

namespace forebay::io {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Error refuse(std::string_view option, const std::string& file, const error_code& ec) {
  return fail(ErrorKind::invalid_value, "tls." + std::string(option) + " \"" + file + "\": " + ec.message());
}

}  // namespace

Result<ssl::context> tls_client_context(const TlsFiles& files) {
  ssl::context context(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  error_code ec;
  if (files.ca.empty()) {
    context.set_default_verify_paths(ec);
    if (ec)
      return fail(ErrorKind::invalid_value, "tls: the system's certificates cannot be read: " + ec.message());
  } else {
    context.load_verify_file(files.ca, ec);
    if (ec) return refuse("ca_file", files.ca, ec);
  }
  if (files.certificate.empty()) return context;
  // without this OpenSSL would ask for a passphrase at the terminal
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); });
  context.use_certificate_chain_file(files.certificate, ec);
  if (ec) return refuse("certificate_file", files.certificate, ec);
  context.use_private_key_file(files.key, ssl::context::pem, ec);  // has to belong to the certificate, too
  if (ec) return refuse("key_file", files.key, ec);
  return context;
}

}  // namespace forebay::io
