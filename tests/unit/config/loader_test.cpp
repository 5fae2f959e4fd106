#include "config/loader.hpp"

#include <gtest/gtest.h>

#include "config/defaults.hpp"
#include "loading.hpp"

namespace forebay::config {
namespace {

TEST(Loader, WrongValuesLeaveTheirDefault) {
  const auto parsed = parse_document("workers: many\ndrain_timeout: 1s\n");
  Config config = initial_config();
  Report report("f");
  const Environment environment = environment_of({});
  load_document(std::get<Document>(parsed), {environment, {}}, config, report);
  EXPECT_EQ(report.take().size(), 1U);
  EXPECT_EQ(config.workers, 0U);
  EXPECT_EQ(config.drain_timeout, std::chrono::seconds(1));
}

TEST(Loader, ListenTakesPlainAddresses) {
  const Config config = config_in(minimal_with("listen: [\"127.0.0.1:1\", { address: \"127.0.0.1:2\" }]"));
  ASSERT_EQ(config.listen.size(), 2U);
  EXPECT_EQ(config.listen[0], (server::ListenSettings{.address = "127.0.0.1:1"}));
  EXPECT_EQ(config.listen[1], (server::ListenSettings{.address = "127.0.0.1:2"}));
}

TEST(Loader, MapOfWhichAllIsCommentedOutIsEmpty) {
  EXPECT_EQ(config_in(minimal_with("cache:\n  memory:\n    # size: 1GiB\nlimits:\n")), config_in(kMinimal));
}

TEST(Loader, UpstreamsKeepTheirOrder) {
  const Config config = config_in(R"(
upstreams:
  zeta: { servers: ["http://z"] }
  alpha: { servers: ["http://a"] }
routes: [{ upstream: zeta }]
)");
  ASSERT_EQ(config.upstreams.size(), 2U);
  EXPECT_EQ(config.upstreams[0].name, "zeta");
  EXPECT_EQ(config.upstreams[1].name, "alpha");
}

TEST(Loader, AnchorsAreFollowed) {
  const Config config = config_in(R"(
upstreams:
  a: { servers: ["http://a"], timeouts: &slow { connect: 9s } }
  b: { servers: ["http://b"], timeouts: *slow }
routes: [{ upstream: a }]
)");
  EXPECT_EQ(config.upstreams[1].connect_timeout, std::chrono::seconds(9));
}

TEST(Loader, VariablesExpandInEveryKindOfValue) {
  const Config config = config_in(R"(
listen: ["${HOST}:${PORT:-81}"]
workers: ${WORKERS:-auto}
drain_timeout: ${DRAIN}
cache: { memory: { size: "${SIZE}MiB" } }
log: { access: "${FORMAT}", access_file: "${LOG_FILE:-}" }
upstreams: { app: { servers: ["http://${HOST}:1"], tls: { verify: "${VERIFY}" } } }
routes: [{ upstream: "${NAME}", cache: { client_cache_control: "a=$$1" } }]
)",
                                  environment_of({{"HOST", "127.0.0.1"},
                                                  {"DRAIN", "7s"},
                                                  {"SIZE", "32"},
                                                  {"FORMAT", "json"},
                                                  {"VERIFY", "false"},
                                                  {"NAME", "app"}}));
  EXPECT_EQ(config.listen[0].address, "127.0.0.1:81");
  EXPECT_EQ(config.workers, 0U);
  EXPECT_EQ(config.drain_timeout, std::chrono::seconds(7));
  EXPECT_EQ(config.memory.size, 32U << 20);
  EXPECT_EQ(config.log.access, observe::AccessFormat::json);
  EXPECT_EQ(config.log.access_file, "");
  EXPECT_EQ(config.upstreams[0].servers[0], "http://127.0.0.1:1");
  EXPECT_FALSE(config.upstreams[0].tls.verify);
  EXPECT_EQ(config.proxy.routes[0].cache.client_cache_control, "a=$1");
}

TEST(Loader, VariablesCannotAddStructure) {
  const Environment environment = environment_of({{"T", "x, y]\nworkers: 3"}});
  EXPECT_EQ(
      errors_in("trusted_proxies: [\"${T}\"]\n" + std::string(kMinimal), environment),
      "f:1:19: trusted_proxies[0]: expected an IP address or a network such as `10.0.0.0/8` or `fd00::/8`, "
      "found `x, y]?workers: 3`");
}

}  // namespace
}  // namespace forebay::config
