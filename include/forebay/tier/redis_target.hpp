// Redis as it is configured: where it is and how connections prove themselves. Shared by all workers.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <optional>

#include "forebay/base/redis_url.hpp"
#include "forebay/base/result.hpp"
#include "forebay/tier/settings.hpp"

namespace forebay::tier {

/// Immutable; thread-safe.
class RedisTarget {
 public:
  /// Fails with invalid_value for a URL that is malformed and for files that cannot be read; nothing secret
  /// is quoted.
  static Result<std::shared_ptr<RedisTarget>> make(const RedisSettings& settings);

  const RedisSettings& settings() const noexcept { return settings_; }
  /// With the user and password of the settings where they have some.
  const RedisUrl& url() const noexcept { return url_; }
  /// Nothing without TLS.
  boost::asio::ssl::context* tls() noexcept { return tls_ ? &*tls_ : nullptr; }

 private:
  RedisTarget() = default;

  RedisSettings settings_;
  RedisUrl url_;
  std::optional<boost::asio::ssl::context> tls_;
};

}  // namespace forebay::tier
