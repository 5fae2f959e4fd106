#include "support/redis_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "support/eventually.hpp"
#include "tier/redis_reader.hpp"

namespace forebay::test {
namespace {

using tier::RedisCommand;
using tier::RedisReply;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

struct CutOff : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class BlockingSocket {
 public:
  explicit BlockingSocket(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{5, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const auto address = loopback(port);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~BlockingSocket() { ::close(socket_); }
  BlockingSocket(const BlockingSocket&) = delete;
  BlockingSocket& operator=(const BlockingSocket&) = delete;

  RedisReply ask(const RedisCommand& command) {
    const auto wire = command.wire();
    if (!connected_ || ::send(socket_, wire.data(), wire.size(), MSG_NOSIGNAL) < 0)
      throw std::runtime_error("redis-server cannot be reached");
    for (;;) {
      if (auto reply = reader_.next().value()) return std::move(*reply);
      char bytes[4096];
      const auto size = ::recv(socket_, bytes, sizeof bytes, 0);
      if (size <= 0) throw CutOff("redis-server does not answer");
      reader_.feed({bytes, static_cast<std::size_t>(size)});
    }
  }

 private:
  int socket_;
  bool connected_ = false;
  tier::RedisReader reader_{tier::RedisReplyLimits()};
};

}  // namespace

// ---- Places ---------------------------------------------------------------------------------------------

ScratchDirectory::ScratchDirectory() {
  auto name = (std::filesystem::temp_directory_path() / "forebay-test-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("no directory for a test");
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ScratchDirectory::write(const std::string& name, std::string_view content) const {
  const auto path = path_ / name;
  std::ofstream(path, std::ios::binary) << content;
  return path.string();
}

std::uint16_t free_port() {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  (void)::bind(socket, reinterpret_cast<const sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

// ---- The server -----------------------------------------------------------------------------------------

RedisServer::RedisServer(Options options) : options_(std::move(options)) {
  for (int attempt = 0; attempt < 5; ++attempt) {  // somebody else may take the port first
    port_ = free_port();
    spawn();
    if (wait_until_it_answers()) return;
    kill();
  }
  throw std::runtime_error("redis-server does not come up");
}

RedisServer::~RedisServer() { kill(); }

std::string RedisServer::address() const { return "127.0.0.1:" + std::to_string(port_); }
std::string RedisServer::url() const { return "redis://" + address(); }
std::string RedisServer::unix_path() const { return (directory_.path() / "redis.sock").string(); }

void RedisServer::spawn() {
  std::vector<std::string> words{"redis-server"};
  if (!options_.file.empty()) words.push_back(directory_.write("redis.conf", options_.file));
  const std::string directory = directory_.path().string();
  const std::string port = std::to_string(port_);
  for (const auto& word : {std::string("--port"), port, std::string("--bind"), std::string("127.0.0.1"),
                           std::string("--dir"), directory, std::string("--logfile"), directory + "/log"})
    words.push_back(word);
  if (options_.sentinel) {
    words.emplace_back("--sentinel");
  } else {
    for (const auto& word : {std::string("--save"), std::string(), std::string("--unixsocket"), unix_path(),
                             std::string("--repl-diskless-sync-delay"), std::string("0")})
      words.push_back(word);
  }
  words.insert(words.end(), options_.arguments.begin(), options_.arguments.end());
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2; ++fd) ::dup2(nowhere, fd);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

bool RedisServer::wait_until_it_answers() {
  bool ended = false;
  const bool answered = eventually([&] {
    int status = 0;
    ended = ::waitpid(process_, &status, WNOHANG) == process_;
    if (ended) process_ = -1;
    try {
      return ended || ask({"PING"}).text == "PONG";
    } catch (const std::exception&) {
      return false;
    }
  });
  return answered && !ended;
}

RedisReply RedisServer::ask(std::initializer_list<std::string_view> words) const {
  try {
    return ask_once(words);
  } catch (const CutOff&) {
    return ask_once(words);
  }
}

RedisReply RedisServer::ask_once(std::initializer_list<std::string_view> words) const {
  BlockingSocket socket(port_);
  if (!options_.password.empty()) socket.ask({"AUTH", options_.password});
  return socket.ask(RedisCommand(words));
}

std::string RedisServer::info(std::string_view field) const {
  const auto text = ask({"INFO", "everything"}).text;
  const auto line = text.find("\n" + std::string(field) + ":");
  if (line == text.npos) return {};
  const auto begin = line + field.size() + 2;
  return text.substr(begin, text.find('\r', begin) - begin);
}

bool RedisServer::wait_for_info(std::string_view field, std::string_view value) const {
  return eventually([&] { return info(field) == value; });
}

void RedisServer::kill() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(std::exchange(process_, -1), nullptr, 0);
}

void RedisServer::start() {
  spawn();
  if (!wait_until_it_answers()) throw std::runtime_error("redis-server does not come up again");
}

void RedisServer::pause() { ::kill(process_, SIGSTOP); }
void RedisServer::resume() { ::kill(process_, SIGCONT); }

}  // namespace forebay::test
