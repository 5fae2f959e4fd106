// Many clients at once on one URL that is not stored yet, and the slow origin behind it. Started by
// collapse.py and cluster.py.
//
//   --proxy PORT --origin PORT [--clients 2000] [--bytes 5000000] [--seconds 2] [--leave SECONDS]
//   [--variants 1] [--proxy-2 PORT --proxy-3 PORT ...] [--kill PID --kill-after SECONDS]
//
// With --leave the client that asked first closes its connection after so long; with --variants the clients
// want so many variants by a field that the response varies on. With several proxies the clients spread over
// them, once the first one has begun to fetch; with --kill that one's process is killed after so long, which
// may cost one request more, and its own clients. Exits 1 when the origin was asked more than once per
// variant, a body differs or is incomplete, or a client had nothing of the body before the origin had sent
// its end.
#include <signal.h>
#include <sys/epoll.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "response_reader.hpp"
#include "wire.hpp"

namespace {

using namespace load;

struct Origin {
  const Bodies& bodies;
  std::size_t size;
  double seconds;
  std::string_view vary;
  std::atomic<int> requests{0};
  std::atomic<double> ended{0};  // seconds after `start`
  Instant start = now();

  void serve(int fd) {
    std::string head;
    char bytes[4096];
    while (head.find("\r\n\r\n") == std::string::npos) {
      const auto n = ::recv(fd, bytes, sizeof bytes, 0);
      if (n <= 0) return void(::close(fd));
      head.append(bytes, static_cast<std::size_t>(n));
    }
    ++requests;
    const auto variant = head.find("\r\nX-Variant: ");
    const auto body = bodies.of(std::strtoull(head.c_str() + variant + 13, nullptr, 10), size);
    constexpr int kSteps = 100;
    bool sent = send_all(fd, "HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\n" + std::string(vary) +
                                 "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n");
    const auto begin = now();
    for (int step = 0; step < kSteps && sent; ++step) {
      const auto from = body.size() * static_cast<std::size_t>(step) / kSteps;
      const auto to = body.size() * static_cast<std::size_t>(step + 1) / kSteps;
      std::this_thread::sleep_until(begin + (step + 1) * Seconds(seconds / kSteps));
      sent = send_all(fd, body.substr(from, to - from));
    }
    if (sent && ended == 0) ended = Seconds(now() - start).count();
    ::recv(fd, bytes, sizeof bytes, 0);  // until the proxy closes
    ::close(fd);
  }
  void run(int listener) {
    for (;;) {
      const int fd = ::accept(listener, nullptr, nullptr);
      if (fd >= 0) std::thread([this, fd] { serve(fd); }).detach();
    }
  }
};

struct Client {
  int fd = -1;
  ResponseReader reader;
  double first = 0;  // when the first byte of the body came, in seconds after the start
  double last = 0;
};

std::vector<std::uint64_t> proxies_of(const Arguments& arguments) {
  std::vector<std::uint64_t> ports{arguments.count("proxy", 0)};
  for (int i = 2;; ++i) {
    const auto port = arguments.count(("proxy-" + std::to_string(i)).c_str(), 0);
    if (port == 0) return ports;
    ports.push_back(port);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const auto count = arguments.count("clients", 2000);
  const auto leave = arguments.number("leave", 0);
  const Bodies bodies(arguments.count("bytes", 5'000'000));
  const auto variants = arguments.count("variants", 1);
  Origin origin{.bodies = bodies,
                .size = arguments.count("bytes", 5'000'000),
                .seconds = arguments.number("seconds", 2),
                .vary = variants > 1 ? "Vary: X-Variant\r\n" : ""};
  const int listener = listen_on(arguments.count("origin", 0), 0);
  std::thread([&] { origin.run(listener); }).detach();

  const int poll = ::epoll_create1(0);
  const auto proxies = proxies_of(arguments);
  const auto victim = arguments.count("kill", 0);
  const auto kill_after = arguments.number("kill-after", 0);
  std::vector<Client> clients(count);
  for (auto& client : clients) {
    const auto i = static_cast<std::size_t>(&client - clients.data());
    client.fd = connect_to(proxies[i % proxies.size()]);
    epoll_event event{EPOLLIN, {.ptr = &client}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, client.fd, &event);
  }
  const auto ask = [&](std::size_t i) {
    const auto variant = i % variants;
    clients[i].reader.expect(bodies.of(variant, origin.size));
    const auto request = "GET /crowd HTTP/1.1\r\nHost: load.test\r\nX-Variant: " + std::to_string(variant);
    if (!send_all(clients[i].fd, request + "\r\n\r\n")) die("send");
  };
  origin.start = now();
  const auto elapsed = [&] { return Seconds(now() - origin.start).count(); };
  ask(0);
  if (leave > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // it shall be the one that leads
  while (proxies.size() > 1 && origin.requests == 0 && elapsed() < 10)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  for (std::size_t i = 1; i < count; ++i) ask(i);

  std::vector<char> buffer(256 * 1024);
  std::vector<epoll_event> events(256);
  std::size_t open = count;
  bool left = false;
  bool killed = false;
  while (open > 0 && elapsed() < 180) {
    if (leave > 0 && !left && elapsed() >= leave) {
      left = true;
      if (!clients[0].reader.ended()) {
        ::close(std::exchange(clients[0].fd, -1));
        --open;
      }
    }
    if (victim > 0 && !killed && elapsed() >= kill_after) {
      killed = true;
      if (::kill(static_cast<pid_t>(victim), SIGKILL) != 0) die("kill");
    }
    const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 20);
    for (int i = 0; i < ready; ++i) {
      auto& client = *static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (client.fd < 0) continue;
      const auto n = ::recv(client.fd, buffer.data(), buffer.size(), 0);
      if (n < 0 && errno == EAGAIN) continue;
      if (n > 0) client.reader.feed({buffer.data(), static_cast<std::size_t>(n)});
      if (client.first == 0 && client.reader.received() > 0) client.first = elapsed();
      if (n > 0 && !client.reader.ended()) continue;
      client.last = elapsed();
      ::close(std::exchange(client.fd, -1));
      --open;
    }
  }

  std::size_t complete = 0;
  std::size_t early = 0;
  double latest_first = 0;
  double latest_last = 0;
  std::map<std::string, int> wrong;
  const std::size_t begin = left ? 1 : 0;
  std::size_t lost = 0;  // with the process that was killed
  for (std::size_t i = begin; i < count; ++i) {
    const auto& client = clients[i];
    if (killed && i % proxies.size() == 0) {
      ++lost;
      continue;
    }
    const bool good = client.reader.state() == ResponseReader::State::done;
    complete += good;
    early += client.first > 0 && client.first < origin.ended;
    latest_first = std::max(latest_first, client.first);
    latest_last = std::max(latest_last, client.last);
    if (!good)
      ++wrong[*client.reader.what() ? client.reader.what() : client.fd >= 0 ? "unfinished" : "cut off"];
  }
  const auto expected = count - begin - lost;
  if (killed) std::printf("the leading process was killed at %.1f s with %zu clients\n", kill_after, lost);
  std::printf("clients %zu%s, variants %zu, upstream requests %d\n", expected,
              left ? " and one that left" : "", variants, origin.requests.load());
  std::printf("complete right bodies %zu of %zu bytes\n", complete, origin.size);
  std::printf("first body bytes before the origin's end at %.2f s: %zu clients, the last at %.3f s\n",
              origin.ended.load(), early, latest_first);
  std::printf("last body byte at %.2f s, %.0f MB/s in all\n", latest_last,
              static_cast<double>(complete * origin.size) / latest_last / 1e6);
  for (const auto& [what, times] : wrong) std::printf("wrong: %s: %d\n", what.c_str(), times);
  const auto requests = static_cast<std::uint64_t>(origin.requests);
  const bool passed = requests >= variants && requests <= variants + (killed ? 1 : 0) &&
                      complete == expected && early == expected;
  std::printf("%s\n", passed ? "passed" : "FAILED");
  std::fflush(stdout);
  std::_Exit(passed ? 0 : 1);
}
