#include "demo.hpp"

#include <iostream>

#include "demo_origin.hpp"
#include "forebay/config/load.hpp"
#include "serve.hpp"

namespace forebay::app {
namespace {

/// What a browser or curl is given: any-addresses mean this machine.
std::string reachable(const std::string& listen) {
  const auto colon = listen.rfind(':');
  const auto host = listen.substr(0, colon);
  return (host == "0.0.0.0" || host == "[::]" ? "127.0.0.1" : host) + listen.substr(colon);
}

void print_what_to_try(const std::string& address, const std::string& admin) {
  const auto url = "http://" + reachable(address);
  std::cout << "\nA sample origin runs behind forebay. Try, in another terminal:\n\n"
            << "  curl -i " << url
            << "/                  a page, fresh for 30 s: the second time it is a hit\n"
            << "  curl -i " << url
            << "/api/slow?id=1     a JSON API that takes 2 s; ask from several terminals at once:\n"
            << "                                               the origin's request counter goes up by one\n"
            << "  curl -i " << url
            << "/languages -H 'Accept-Language: de'   one URL, a variant per language\n"
            << "  curl -o /dev/null " << url << "/large   100 MB through it, streamed\n"
            << "  curl -X POST " << url
            << "/api/fail     from now on the origin answers 503 (POST again: it recovers);\n"
            << "                                               what is fresh is still served\n"
            << "  curl -i " << url << "/private           a private response: never stored\n"
            << "  curl -s http://" << reachable(admin) << "/metrics | grep forebay_requests\n\n"
            << "Look at the Cache-Status and Age fields of the answers. Ctrl-C ends the demonstration.\n\n"
            << std::flush;
}

}  // namespace

int demo(const std::string& listen, const std::string& admin) {
  DemoOrigin origin;
  const auto loaded =
      config::from_flags({"http://127.0.0.1:" + std::to_string(origin.port()), listen, admin});
  for (const auto& error : loaded.errors) std::cerr << config::to_string(error) << "\n";
  if (!loaded.config) return 2;
  return serve(
      *loaded.config, [&] { return loaded.config; }, [&] { print_what_to_try(listen, admin); });
}

}  // namespace forebay::app
