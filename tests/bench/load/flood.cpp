// Distinct URLs one after another through a proxy, and the fast origin behind it. Started by budget.py and
// overhead.py.
//
//   --proxy PORT --origin PORT [--urls N] [--least BYTES] [--most BYTES] [--seed N] [--connections N]
//   [--chunked 4]
//
// The n-th body's size is log-uniform between --least and --most; every --chunked-th comes in chunks (0:
// none). Every body is compared with what the origin sent. Prints a line per tenth of the run; exits 1 when a
// body was wrong.
#include <sys/epoll.h>
#include <sys/uio.h>

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "response_reader.hpp"
#include "wire.hpp"

namespace {

using namespace load;

struct Plan {
  std::uint64_t urls, least, most, seed, chunked;
  std::uint64_t size(std::uint64_t n) const { return log_uniform(seed, n, least, most); }
  bool in_chunks(std::uint64_t n) const { return chunked > 0 && n % chunked == 0; }
};

std::atomic<std::uint64_t> g_asked{0};  // requests that reached the origin

// ---- the origin -----------------------------------------------------------------------------------------

struct OriginConnection {
  int fd;
  std::string input;
  std::string head;  // with the first chunk's size line
  std::string_view body;
  std::string tail;
};

/// Answers the request that stands complete in `input`; the body is one chunk of a chunked response, or has
/// its length.
void prepare(OriginConnection& c, const Plan& plan, const Bodies& bodies) {
  const auto n = std::strtoull(c.input.c_str() + std::strlen("GET /"), nullptr, 10);
  ++g_asked;
  c.body = bodies.of(n, plan.size(n));
  c.head = "HTTP/1.1 200 OK\r\nCache-Control: max-age=86400\r\nContent-Type: application/octet-stream\r\n";
  if (plan.in_chunks(n)) {
    char digits[17] = {};
    std::to_chars(digits, digits + 16, c.body.size(), 16);
    c.head.append("Transfer-Encoding: chunked\r\n\r\n").append(digits).append("\r\n");
    c.tail = "\r\n0\r\n\r\n";
  } else {
    c.head.append("Content-Length: ").append(std::to_string(c.body.size())).append("\r\n\r\n");
  }
}

bool write_some(OriginConnection& c) {  // false: the connection is gone
  while (!c.head.empty() || !c.body.empty() || !c.tail.empty()) {
    iovec parts[3] = {{c.head.data(), c.head.size()},
                      {const_cast<char*>(c.body.data()), c.body.size()},
                      {c.tail.data(), c.tail.size()}};
    const msghdr message{.msg_iov = parts, .msg_iovlen = 3};
    const auto sent = ::sendmsg(c.fd, &message, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    auto left = static_cast<std::size_t>(sent);
    const auto take = [&left](auto& text) {
      const auto size = std::min(left, text.size());
      left -= size;
      return size;
    };
    c.head.erase(0, take(c.head));
    c.body.remove_prefix(take(c.body));
    c.tail.erase(0, take(c.tail));
  }
  return true;
}

void run_origin(int listener, const Plan& plan, const Bodies& bodies) {
  const int poll = ::epoll_create1(0);
  epoll_event event{EPOLLIN, {.ptr = nullptr}};
  ::epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  std::vector<epoll_event> events(64);
  for (;;) {
    const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      auto* c = static_cast<OriginConnection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (!c) {
        const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) continue;
        set_no_delay(fd);
        event = {EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = new OriginConnection{.fd = fd}}};
        ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
        continue;
      }
      bool open = write_some(*c);
      char bytes[8192];
      while (open) {
        const auto n = ::recv(c->fd, bytes, sizeof bytes, 0);
        if (n < 0 && errno == EAGAIN) break;
        open = n > 0;
        if (open) c->input.append(bytes, static_cast<std::size_t>(n));
        const auto end = c->input.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        prepare(*c, plan, bodies);
        c->input.erase(0, end + 4);
        open = open && write_some(*c);
      }
      if (!open) {
        ::close(c->fd);
        delete c;
      }
    }
  }
}

// ---- the clients ----------------------------------------------------------------------------------------

struct Client {
  int fd = -1;
  std::uint64_t n = 0;
  ResponseReader reader;
};

class Clients {
 public:
  Clients(const Plan& plan, const Bodies& bodies, std::uint64_t proxy, std::uint64_t connections)
      : plan_(plan), bodies_(bodies), proxy_(proxy), clients_(connections) {
    for (auto& client : clients_) open(client);
  }

  void run() {
    std::vector<epoll_event> events(64);
    std::vector<char> buffer(256 * 1024);
    for (auto& client : clients_) ask(client);
    mark_ = begin_ = now();
    while (ended_ < plan_.urls) {
      const int ready = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 30'000);
      if (ready == 0) {
        std::printf("nothing came for 30 s, %llu responses so far\n",
                    static_cast<unsigned long long>(ended_));
        wrong_ += plan_.urls - ended_;
        return;
      }
      for (int i = 0; i < ready; ++i) {
        auto& client = *static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
        const auto n = ::recv(client.fd, buffer.data(), buffer.size(), 0);
        if (n < 0 && errno == EAGAIN) continue;
        if (n > 0) client.reader.feed({buffer.data(), static_cast<std::size_t>(n)});
        if (n > 0 && !client.reader.ended()) continue;
        end(client);
      }
    }
  }
  std::uint64_t wrong() const { return wrong_; }
  std::uint64_t bytes() const { return bytes_; }
  const std::string& a_head() const { return a_head_; }

 private:
  void open(Client& client) {
    client.fd = connect_to(proxy_);
    epoll_event event{EPOLLIN, {.ptr = &client}};
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, client.fd, &event);
  }
  void ask(Client& client) {
    if (next_ == plan_.urls) return;
    client.n = next_++;
    client.reader.expect(bodies_.of(client.n, plan_.size(client.n)));
    char request[128];
    const int size = std::snprintf(request, sizeof request, "GET /%llu HTTP/1.1\r\nHost: load.test\r\n\r\n",
                                   static_cast<unsigned long long>(client.n));
    if (!send_all(client.fd, {request, static_cast<std::size_t>(size)})) die("send");
  }
  void end(Client& client) {
    const bool good = client.reader.state() == ResponseReader::State::done;
    if (!good) {
      if (++wrong_ <= 10)
        std::printf("wrong: /%llu of %llu bytes: %s\n%s", static_cast<unsigned long long>(client.n),
                    static_cast<unsigned long long>(plan_.size(client.n)),
                    *client.reader.what() ? client.reader.what() : "cut off", client.reader.head().c_str());
      ::close(client.fd);
      open(client);
    }
    a_head_ = client.reader.head();
    bytes_ += client.reader.received();
    ++ended_;
    report();
    ask(client);
  }
  void report() {
    if (ended_ * 10 / plan_.urls == tenth_) return;
    tenth_ = ended_ * 10 / plan_.urls;
    const auto instant = now();
    const auto seconds = Seconds(instant - std::exchange(mark_, instant)).count();
    std::printf("%3llu %%: %7.1f s, %8.0f requests/s, %7.1f MB/s\n",
                static_cast<unsigned long long>(tenth_) * 10, Seconds(instant - begin_).count(),
                static_cast<double>(ended_ - std::exchange(marked_ended_, ended_)) / seconds,
                static_cast<double>(bytes_ - std::exchange(marked_bytes_, bytes_)) / seconds / 1e6);
    std::fflush(stdout);
  }

  const Plan& plan_;
  const Bodies& bodies_;
  std::uint64_t proxy_;
  int poll_ = ::epoll_create1(0);
  std::vector<Client> clients_;
  std::uint64_t next_ = 0, ended_ = 0, wrong_ = 0, bytes_ = 0;
  std::uint64_t tenth_ = 0, marked_ended_ = 0, marked_bytes_ = 0;
  Instant begin_, mark_;
  std::string a_head_;
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const Plan plan{.urls = arguments.count("urls", 1'000'000),
                  .least = arguments.count("least", 100),
                  .most = arguments.count("most", 1'000'000),
                  .seed = arguments.count("seed", 1),
                  .chunked = arguments.count("chunked", 4)};
  const Bodies bodies(plan.most);
  const int listener = listen_on(arguments.count("origin", 0), SOCK_NONBLOCK);
  std::thread([&] { run_origin(listener, plan, bodies); }).detach();

  Clients clients(plan, bodies, arguments.count("proxy", 0), arguments.count("connections", 16));
  clients.run();
  std::printf("%llu URLs, %.3f GB of bodies, %llu wrong, %llu upstream requests\n",
              static_cast<unsigned long long>(plan.urls), static_cast<double>(clients.bytes()) / 1e9,
              static_cast<unsigned long long>(clients.wrong()),
              static_cast<unsigned long long>(g_asked.load()));
  std::printf("the last head:\n%s", clients.a_head().c_str());
  std::fflush(stdout);
  std::_Exit(clients.wrong() > 0 ? 1 : 0);
}
