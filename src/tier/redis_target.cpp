#include "forebay/tier/redis_target.hpp"

#include <utility>

namespace forebay::tier {

Result<std::shared_ptr<RedisTarget>> RedisTarget::make(const RedisSettings& settings) {
  auto url = parse_redis_url(settings.url);
  if (url.has_error()) return fail(ErrorKind::invalid_value, "the URL of Redis: " + url.error().detail);
  if (url->tls || url->deployment != RedisDeployment::server)
    return fail(ErrorKind::invalid_value, "the URL of Redis: only one server without TLS is supported yet");
  std::shared_ptr<RedisTarget> target(new RedisTarget);
  target->settings_ = settings;
  target->url_ = std::move(*url);
  if (!settings.user.empty()) target->url_.user = settings.user;
  if (!settings.password.empty()) target->url_.password = settings.password;
  return target;
}

}  // namespace forebay::tier
