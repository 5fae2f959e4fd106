// A client for tests: one connection, blocking, and no wait without an end.
//
//   auto response = client.get("/a", {{"Accept", "text/html"}});
//   EXPECT_EQ(response.status, 200);
//
//   client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");   // exactly these bytes
//   auto head = client.read_head();                     // as soon as the head is there
//   EXPECT_EQ(client.read_body(5), "first");            // so many bytes of the body, framing taken off
//   client.read_rest(head);
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forebay::test {

using FieldLines = std::vector<std::pair<std::string, std::string>>;

struct Response {
  int status = 0;
  std::string reason;
  std::string version;  // "HTTP/1.1"
  FieldLines fields;
  std::string body;  // without framing
  FieldLines trailers;
  bool complete = false;          // the body has come to its end as announced
  bool reset = false;             // the connection was reset while it was read
  std::vector<Response> interim;  // 1xx that came before

  /// All values of that name, ignoring case, joined by ", "; "" without one.
  std::string field(std::string_view name) const;
  bool has(std::string_view name) const { return count(name) > 0; }
  std::size_t count(std::string_view name) const;
  std::string cache_status() const { return field("Cache-Status"); }
  bool is_hit() const { return cache_status().starts_with("forebay; hit"); }
};

/// For one thread. Everything throws when it takes longer than a test should, or when what comes is not HTTP.
class Client {
 public:
  explicit Client(std::uint16_t port, const std::string& address = "127.0.0.1");
  static Client on_unix_socket(const std::string& path);
  /// Whether a connection can be made at all.
  static bool is_refused(std::uint16_t port);
  ~Client() { close(); }
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;

  // Whole exchanges. Host is "example.org" unless `fields` has it; a body gets Content-Length.
  Response get(const std::string& target, const FieldLines& fields = {}) {
    return exchange("GET", target, fields);
  }
  Response head(const std::string& target, const FieldLines& fields = {}) {
    return exchange("HEAD", target, fields);
  }
  Response post(const std::string& target, std::string_view body, const FieldLines& fields = {}) {
    return exchange("POST", target, fields, body);
  }
  Response exchange(const std::string& method, const std::string& target, const FieldLines& fields = {},
                    std::optional<std::string_view> body = std::nullopt);

  // Parts of them.
  void request(const std::string& method, const std::string& target, const FieldLines& fields = {},
               std::optional<std::string_view> body = std::nullopt);
  void send(std::string_view bytes);
  /// Like send, but a connection that the other side has closed is no error.
  bool try_send(std::string_view bytes);
  /// Sends until nothing is taken any more; returns how much was.
  std::size_t send_until_blocked(std::string_view bytes);
  /// A whole response; to HEAD it has no body.
  Response read(bool to_head = false);
  Response read_head(bool to_head = false);
  /// So many bytes of the body, fewer at its end.
  std::string read_body(std::size_t size);
  void read_rest(Response& response);
  /// Bytes as they come, framing included: after an upgrade.
  std::string read_raw(std::size_t size);
  /// True when the other side closes without sending anything more.
  bool is_closed();
  /// From now on the system takes no more than some kilobytes that were not read yet.
  void take_little();
  /// True when nothing lies there to be read, now.
  bool is_silent();

  void end_sending();  // FIN
  void close();
  void reset();  // RST

 private:
  Client() = default;
  bool fill();
  std::string read_line();
  FieldLines read_fields();
  bool next_chunk();

  enum class Framing { none, length, chunked, until_close };
  int socket_ = -1;
  bool was_reset_ = false;
  std::string unread_;
  Framing framing_ = Framing::none;
  std::size_t left_ = 0;  // bytes left of the body, or of the chunk
  bool in_chunks_ = false;
  bool ended_ = true;
  FieldLines trailers_;
};

}  // namespace forebay::test
