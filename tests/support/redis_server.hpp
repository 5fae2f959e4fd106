// A redis-server for tests: started in an empty directory on a free port, gone with the test.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "forebay/tier/redis_command.hpp"

namespace forebay::test {

/// A directory that goes with everything in it.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Writes a file; returns its path.
  std::string write(const std::string& name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

/// A port on which nobody listens at present.
std::uint16_t free_port();

/// Runs in a process of its own, which dies with the test. Throws when it does not come up.
class RedisServer {
 public:
  struct Options {
    std::vector<std::string> arguments = {};  // "--requirepass", "secret", ...; without `--` first: a command
    std::string file = {};      // a configuration file instead of no file: "sentinel monitor ..."
    std::string password = {};  // for ask()
    bool sentinel = false;
  };
  RedisServer() : RedisServer(Options()) {}
  explicit RedisServer(Options options);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  /// "127.0.0.1:port".
  std::string address() const;
  /// "redis://127.0.0.1:port".
  std::string url() const;
  std::string unix_path() const;
  const ScratchDirectory& directory() const noexcept { return directory_; }

  /// A command on a connection of its own. Throws when there is no reply, not even to its repetition:
  /// Sentinel has a server that it promotes cut off all its clients.
  tier::RedisReply ask(std::initializer_list<std::string_view> words) const;
  /// A field of INFO: "connected_clients".
  std::string info(std::string_view field) const;
  /// Waits until INFO says so; false when that takes longer than a test should.
  bool wait_for_info(std::string_view field, std::string_view value) const;

  void kill();   // at once, as by a crash
  void start();  // again, on the same port, empty
  void pause();  // it accepts and receives as the kernel does, and answers nothing
  void resume();

 private:
  void spawn();
  tier::RedisReply ask_once(std::initializer_list<std::string_view> words) const;
  bool wait_until_it_answers();

  const Options options_;
  const ScratchDirectory directory_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace forebay::test
