// rediss://: who proves what to whom, with a real Redis.
#include "redis/redis_fixture.hpp"
#include "support/certificate.hpp"

namespace forebay::tier::testing {
namespace {

using ::testing::HasSubstr;

struct RedisTlsTest : ::testing::Test {
  test::CertificateAuthority authority;
  test::ScratchDirectory files;
  std::uint16_t tls_port = test::free_port();
  std::unique_ptr<RedisServer> server;

  std::string write_pair(const std::string& name, const test::Certificate& certificate) {
    files.write(name + ".key", certificate.key_pem());
    return files.write(name + ".crt", certificate.certificate_pem());
  }
  std::string key_of(const std::string& certificate) {
    return certificate.substr(0, certificate.size() - 3) + "key";
  }
  void start(const std::string& wants_clients) {
    const auto certificate = write_pair("server", authority.issue({"DNS:redis.test", "IP:127.0.0.1"}));
    server = std::make_unique<RedisServer>(RedisServer::Options{
        .arguments = {"--tls-port", std::to_string(tls_port), "--tls-cert-file", certificate,
                      "--tls-key-file", key_of(certificate), "--tls-ca-cert-file", authority.file().string(),
                      "--tls-auth-clients", wants_clients}});
  }
  RedisSettings settings() const {
    auto made = settings_for("rediss://127.0.0.1:" + std::to_string(tls_port));
    made.tls.ca_file = authority.file().string();
    return made;
  }
};

TEST_F(RedisTlsTest, SpeaksTls) {
  start("no");
  RedisWorker worker(settings());
  EXPECT_EQ(worker.text(RedisCommand{"PING"}), "PONG");
  const std::string large(5U << 20, 'x');
  worker.call(RedisCommand{"SET", "a", large}).value();
  EXPECT_EQ(worker.text(RedisCommand{"GET", "a"}), large);
}

TEST_F(RedisTlsTest, VerifiesTheNameThatIsSet) {
  start("no");
  auto named = settings();
  named.tls.server_name = "redis.test";
  EXPECT_EQ(RedisWorker(named).text(RedisCommand{"PING"}), "PONG");
  named.tls.server_name = "elsewhere.test";
  RedisWorker worker(named);
  const auto refused = worker.call(RedisCommand{"PING"});
  EXPECT_EQ(refused.error().kind, ErrorKind::redis_unavailable);
  EXPECT_THAT(refused.error().detail, HasSubstr("TLS: "));
}

TEST_F(RedisTlsTest, TrustsNobodyElsesAuthority) {
  start("no");
  const test::CertificateAuthority other;
  auto wary = settings();
  wary.tls.ca_file = other.file().string();
  EXPECT_THAT(RedisWorker(wary).call(RedisCommand{"PING"}).error().detail, HasSubstr("TLS: "));
  wary.tls.verify = false;
  EXPECT_EQ(RedisWorker(wary).text(RedisCommand{"PING"}), "PONG");
}

TEST_F(RedisTlsTest, ProvesItselfByACertificate) {
  start("yes");
  RedisWorker stranger(settings());
  EXPECT_EQ(stranger.call(RedisCommand{"PING"}).error().kind, ErrorKind::redis_unavailable);
  auto known = settings();
  known.tls.certificate_file = write_pair("client", authority.issue({"DNS:forebay"}));
  known.tls.key_file = key_of(known.tls.certificate_file);
  EXPECT_EQ(RedisWorker(known).text(RedisCommand{"PING"}), "PONG");
}

TEST_F(RedisTlsTest, APeerWithoutTlsIsAFailureInTime) {
  start("no");
  auto plain = settings_for("rediss://" + server->address());
  plain.connect_timeout = 300ms;
  RedisWorker worker(plain);
  EXPECT_EQ(worker.call(RedisCommand{"PING"}).error().kind, ErrorKind::redis_unavailable);
}

TEST_F(RedisTlsTest, FilesThatCannotBeReadAreNamed) {
  auto settings = settings_for("rediss://127.0.0.1");
  settings.tls.ca_file = "/nowhere/ca.pem";
  EXPECT_THAT(RedisTarget::make(settings).error().detail,
              HasSubstr("cache.redis.tls.ca_file \"/nowhere/ca.pem\""));
}

}  // namespace
}  // namespace forebay::tier::testing
