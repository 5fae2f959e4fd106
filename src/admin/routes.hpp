// What the admin server answers to which request, without sockets.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "forebay/admin/admin_server.hpp"

namespace forebay::admin {

/// A request as the routes see it. Views live until the reply is made.
struct Request {
  std::string_view method;
  std::string_view target;
  std::string_view accept;
  std::string_view authorization;
  std::string_view origin;  // of the page whose script asks, if it is a browser's
  std::string_view body;
  bool peer_is_local = false;
};

class Work;

struct Reply {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string allow;             // of a 405
  std::string_view challenge;    // WWW-Authenticate of a 401
  std::shared_ptr<Work> work{};  // if there is any, the reply is what comes of it
};

/// An answer that takes a while. Each step is short, and between two others get their turn.
class Work {
 public:
  virtual ~Work() = default;
  /// The reply, once there is one.
  virtual std::optional<Reply> advance() = 0;
  /// How long to wait before the next step.
  virtual std::chrono::milliseconds pause() const noexcept { return std::chrono::milliseconds(0); }
};

/// One method of one endpoint. Several rows may have the same path.
struct Route {
  std::string_view method;  // GET answers HEAD, too; whoever writes a HEAD's reply leaves out the body
  std::string_view path;
  bool changes_state;  // asks for permission first
  std::string_view help;
  Reply (*run)(const Request& request, const AdminSources& sources);
};

/// The endpoints there are.
std::span<const Route> routes() noexcept;

/// Finds the route and runs it; 404, 405, 401, 403 and (when a source throws) 500 are made here.
Reply answer(const Request& request, const AdminSources& sources, std::string_view token,
             std::span<const Route> table = routes());

/// {"error": error, "what": what}: a word for programs and a sentence for people.
Reply error_reply(int status, std::string_view error, std::string_view what);

}  // namespace forebay::admin
