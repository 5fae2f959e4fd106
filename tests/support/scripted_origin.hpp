// An origin server for tests: answers by handlers, or does on a connection exactly what a script says.
//
//   ScriptedOrigin origin;
//   origin.on("/a", [](const OriginRequest& request) { return OriginResponse{.body = "hello"}; });
//   origin.on("/slow", {.body = "0123456789", .gates = {{5, "half"}}});      // five bytes, then wait for the
//   gate origin.script([](OriginPeer& peer) {                                     // the next connection
//     peer.read_request();
//     peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
//     peer.reset();
//   });
//
// Each connection has a thread of its own, so handlers and scripts may block, best at a gate that the test
// opens: origin.gate("half").open(). Everything here is thread-safe.
#pragma once

#include <chrono>
#include <concepts>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/scripted_origin_peer.hpp"

namespace forebay::test {

/// What to answer. Content-Length and Connection are added as the rest demands, unless `fields` has them.
struct OriginResponse {
  int status = 200;
  OriginFields fields = {};
  std::string body = {};
  std::string reason = "Because";
  bool chunked = false;        // Transfer-Encoding instead of Content-Length, in chunks of chunk_size
  OriginFields trailers = {};  // makes it chunked
  std::size_t chunk_size = 4096;
  bool until_close = false;  // only the end of the connection ends the body
  bool close = false;        // close the connection after this
  std::chrono::milliseconds delay{0};
  std::string gate = {};  // waited for before the head is sent, while the client is there
  std::map<std::size_t, std::string> gates = {};   // waited for before the body's byte at that offset is sent
  std::vector<std::string> interim = {};           // sent as they are before the head
  std::optional<std::size_t> truncate_after = {};  // that many body bytes, then the connection is closed
  std::optional<std::size_t> reset_after = {};     // that many body bytes, then it is reset
  std::optional<std::string> raw = {};  // sent instead of everything but the gate; then close, if `close`
};

class ScriptedOrigin {
 public:
  struct Options {
    const Certificate* certificate = nullptr;  // TLS; outlives the origin
    std::string unix_path = {};                // a Unix socket instead of a port on 127.0.0.1
  };
  using Handler = std::function<OriginResponse(const OriginRequest&)>;
  using Script = std::function<void(OriginPeer&)>;

  ScriptedOrigin() : ScriptedOrigin(Options()) {}
  explicit ScriptedOrigin(const Options& options);
  /// Opens all gates, ends all connections and waits for their threads.
  ~ScriptedOrigin();
  ScriptedOrigin(const ScriptedOrigin&) = delete;
  ScriptedOrigin& operator=(const ScriptedOrigin&) = delete;

  /// "http://127.0.0.1:port", "https://127.0.0.1:port" or "unix:/path", as in the configuration.
  std::string url() const;
  std::uint16_t port() const noexcept { return port_; }

  /// Answers requests for `path` (without a query; "*": any other path) once their body has been read. The
  /// last handler given for a path counts. Without any handler the answer is 404.
  template <std::invocable<const OriginRequest&> Answer>
  void on(const std::string& path, Answer handler) {
    answer_by(path, std::move(handler));
  }
  void on(const std::string& path, OriginResponse response);
  /// Like on(), but answers at the request's head and reads its body afterwards.
  void on_head(const std::string& path, Handler handler);
  /// Serves the next connection that comes; several wait in line. The connection is closed when the script
  /// returns.
  void script(Script script);
  /// For scripts: from here on answers by the handlers.
  void serve(OriginPeer& peer);

  Gate& gate(const std::string& name) { return gates_[name]; }

  /// Requests whose head, and with on() body, has been received: for a path, or all.
  std::size_t requests(const std::string& path = "") const;
  std::vector<OriginRequest> received(const std::string& path = "") const;
  OriginRequest last(const std::string& path = "") const;
  /// Waits until so many have come; false when that takes longer than a test should.
  bool wait_for_requests(std::size_t count, const std::string& path = "") const;
  std::size_t connections() const;  // accepted so far
  std::size_t open_connections() const;
  bool wait_for_open_connections(std::size_t count) const;

  /// Ends all connections at once; new ones are welcome.
  void drop_connections();
  /// Refuses new connections from now on; the port stays unused.
  void stop_listening();

 private:
  struct Route {
    Handler handler;
    bool at_head = false;
  };
  struct Served {
    std::unique_ptr<OriginPeer> peer;
    std::thread thread;
  };

  void answer_by(const std::string& path, Handler handler);
  void listen(const Options& options);
  void accept_all();
  void run(Served& served, const Script& script);
  bool answer(OriginPeer& peer, OriginRequest& request);
  bool send(OriginPeer& peer, const OriginRequest& request, const OriginResponse& response);
  bool send_body(OriginPeer& peer, const OriginResponse& response);
  Route route_for(const std::string& path) const;
  void record(OriginRequest& request);
  std::size_t count(const std::string& path) const;
  std::optional<Script> next_script();

  SslContextPtr tls_;
  std::string unix_path_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  Gates gates_;

  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable changed_;
  std::map<std::string, Route> routes_;
  std::deque<Script> scripts_;
  std::vector<OriginRequest> received_;
  std::list<Served> served_;
  std::size_t accepted_ = 0;
  std::size_t open_ = 0;
  bool stopping_ = false;

  std::thread accepting_;
};

}  // namespace forebay::test
