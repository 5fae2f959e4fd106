#include "forebay/tier/redis_target.hpp"

#include <utility>

#include "forebay/io/tls_context.hpp"

namespace forebay::tier {

Result<std::shared_ptr<RedisTarget>> RedisTarget::make(const RedisSettings& settings) {
  auto url = parse_redis_url(settings.url);
  if (url.has_error()) return fail(ErrorKind::invalid_value, "the URL of Redis: " + url.error().detail);
  std::shared_ptr<RedisTarget> target(new RedisTarget);
  target->settings_ = settings;
  target->url_ = std::move(*url);
  if (!settings.user.empty()) target->url_.user = settings.user;
  if (!settings.password.empty()) target->url_.password = settings.password;
  if (!target->url_.tls) return target;
  const auto& tls = settings.tls;
  auto context =
      io::tls_client_context({.ca = tls.ca_file, .certificate = tls.certificate_file, .key = tls.key_file});
  if (context.has_error()) return fail(ErrorKind::invalid_value, "cache.redis." + context.error().detail);
  target->tls_.emplace(std::move(*context));
  return target;
}

}  // namespace forebay::tier
