#include "serve.hpp"

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdlib>
#include <iostream>

#include "forebay/app/daemon.hpp"

namespace forebay::app {
namespace {

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set, signal);
  return set;
}

/// Every connection is a descriptor, twice when it goes upstream: take as many as the system allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// glibc gives threads heaps of their own, and what one worker stored another one evicts: free memory then
/// lies in the heap that does not need it. See docs/decisions/0011-one-malloc-arena.md.
void use_one_arena() {
#ifdef M_ARENA_MAX
  if (!std::getenv("MALLOC_ARENA_MAX")) ::mallopt(M_ARENA_MAX, 1);
#endif
}

void reload_into(Daemon& daemon, const std::optional<config::Config>& config) {
  if (!config) {
    std::cerr << "forebay: the new configuration was not taken; the running one stays\n";
    return;
  }
  const auto notes = daemon.reload(*config);
  if (!notes) {
    std::cerr << "forebay: the new configuration was not taken: " << describe(notes.error()) << "\n";
    return;
  }
  for (const auto& note : *notes) std::cerr << "forebay: " << note << "\n";
  std::cerr << "forebay: configuration reloaded\n";
}

}  // namespace

int serve(const config::Config& config, const std::function<std::optional<config::Config>()>& reload,
          const std::function<void()>& started) {
  use_one_arena();
  // Blocked before any thread is made, so that all of them leave the signals to sigwait below.
  const auto signals = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();

  const SystemClock clock;
  auto daemon = Daemon::start(config, clock);
  if (!daemon) {
    std::cerr << "forebay: " << describe(daemon.error()) << "\n";
    return 1;
  }
  for (const auto& listen : config.listen) std::cerr << "forebay: listening on " << listen.address << "\n";
  if (!config.admin.address.empty()) std::cerr << "forebay: admin on " << config.admin.address << "\n";
  std::cerr << "forebay: ready, " << (*daemon)->workers() << " workers\n";
  if (started) started();

  for (;;) {
    int signal = 0;
    if (::sigwait(&signals, &signal) != 0) continue;
    if (signal == SIGHUP) {
      reload_into(**daemon, reload());
    } else if (signal == SIGUSR1) {
      (*daemon)->reopen_logs();
    } else {
      std::cerr << "forebay: draining\n";
      const bool by_itself = (*daemon)->drain();
      std::cerr << (by_itself ? "forebay: stopped\n"
                              : "forebay: stopped; what had not ended in time was cut off\n");
      return 0;
    }
  }
}

}  // namespace forebay::app
