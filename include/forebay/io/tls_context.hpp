// What TLS connections of ours are made from.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <string>

#include "forebay/base/result.hpp"

namespace forebay::io {

struct TlsFiles {
  std::string ca;           // certificates to trust, as PEM; "" for the system's
  std::string certificate;  // our own, with its chain; "" for none
  std::string key;          // its private key, as PEM without a passphrase
};

/// For clients, from TLS 1.2 on. Fails with invalid_value and the file at fault, named as in the
/// configuration: `tls.ca_file "...": ...`.
Result<boost::asio::ssl::context> tls_client_context(const TlsFiles& files);

}  // namespace forebay::io
