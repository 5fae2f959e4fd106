// A memory hit allocates nothing: here all allocations of this program are counted, whoever makes them.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <string>

#include "support/test_daemon.hpp"
#include "support/token.hpp"

// The sanitizers have their own malloc, which must not be replaced.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define FOREBAY_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define FOREBAY_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef FOREBAY_COUNTS_ALLOCATIONS
#define FOREBAY_COUNTS_ALLOCATIONS 1
#endif

namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

#if FOREBAY_COUNTS_ALLOCATIONS
// Everything that allocates, operator new included, ends at one of these.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  *out = __libc_memalign(alignment, size);
  return *out ? 0 : ENOMEM;
}
}
#endif

namespace forebay::test {
namespace {

/// Sends a prepared request and reads answers of a known size without a byte of memory of its own.
class BareClient {
 public:
  BareClient(std::uint16_t port, std::string request, std::size_t response_size)
      : request_(std::move(request)),
        response_size_(response_size),
        socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(port);
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) == 0;
  }
  ~BareClient() { ::close(socket_); }
  BareClient(const BareClient&) = delete;
  BareClient& operator=(const BareClient&) = delete;

  bool exchange() noexcept {
    if (!connected_) return false;
    if (::send(socket_, request_.data(), request_.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request_.size()))
      return false;
    for (std::size_t got = 0; got < response_size_;) {
      const auto n = ::recv(socket_, bytes_.data() + got, response_size_ - got, 0);
      if (n <= 0) return false;
      got += static_cast<std::size_t>(n);
    }
    return true;
  }

 private:
  std::string request_;
  std::size_t response_size_;
  int socket_;
  bool connected_ = false;
  std::array<char, 16 * 1024> bytes_{};
};

constexpr int kHits = 1000;

/// How many bytes the answer to this request has, head and body.
std::size_t response_size(const TestDaemon& forebay, const std::string& request, std::size_t body_size) {
  auto client = forebay.client();
  client.send(request);
  std::string bytes;
  while (bytes.find("\r\n\r\n") == std::string::npos) bytes += client.read_raw(1);
  return bytes.size() + body_size;
}

std::size_t allocations_of_hits(const TestDaemon& forebay, const std::string& request,
                                std::size_t body_size) {
  BareClient client(forebay.port(), request, response_size(forebay, request, body_size));
  for (int i = 0; i < kHits; ++i) {
    if (!client.exchange()) throw std::runtime_error("no answer while warming up");
  }
  const auto before = allocations.load();
  bool good = true;
  for (int i = 0; i < kHits; ++i) good = client.exchange() && good;
  const auto after = allocations.load();
  if (!good) throw std::runtime_error("no answer");
  return after - before;
}

class NoAllocationOnHit : public testing::Test {
 protected:
  void SetUp() override {
    if (!FOREBAY_COUNTS_ALLOCATIONS) GTEST_SKIP() << "the sanitizers have their own malloc";
  }
};

const std::string kBrowser =
    "GET /a HTTP/1.1\r\nHost: www.example.org\r\nConnection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 "
    "Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\nCookie: a=b; c=d\r\n"
    "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nReferer: "
    "http://example.org/\r\n";

TEST_F(NoAllocationOnHit, AllocationsAreCounted) {
  const auto before = allocations.load();
  const std::string long_enough(1000, 'x');
  EXPECT_EQ(long_enough.size(), 1000U);
  EXPECT_GT(allocations.load(), before);
}

TEST_F(NoAllocationOnHit, PlainRequest) {
  Scenario s;
  s.origin.on("/a", fresh(std::string(1000, 'x'), {{"Content-Type", "text/html"}, {"ETag", "\"1\""}}));
  const FieldLines host{{"Host", "www.example.org"}};
  s.client.get("/a", host);
  ASSERT_TRUE(s.client.get("/a", host).is_hit());
  EXPECT_EQ(allocations_of_hits(s.forebay, "GET /a HTTP/1.1\r\nHost: www.example.org\r\n\r\n", 1000), 0U);
}

TEST_F(NoAllocationOnHit, BrowsersRequest) {
  Scenario s;
  s.origin.on("/a", fresh(std::string(1000, 'x'), {{"Content-Type", "text/html"}}));
  const FieldLines host{{"Host", "www.example.org"}};
  s.client.get("/a", host);
  EXPECT_EQ(allocations_of_hits(s.forebay, kBrowser + "\r\n", 1000), 0U);
}

TEST_F(NoAllocationOnHit, AfterPurgesOfOtherThings) {
  Scenario s([](config::Config& config) { config.admin.address = "127.0.0.1:0"; });
  s.origin.on("/a", fresh(std::string(1000, 'x'), {{"Surrogate-Key", "mine"}}));
  const FieldLines host{{"Host", "www.example.org"}};
  s.client.get("/a", host);
  const auto* others = R"({"tags": ["other"], "urls": ["http://www.example.org/b"], "prefixes": ["/b"],
                           "patterns": ["//www.example.org/b**"], "hosts": ["example.org"], "mode": "soft"})";
  ASSERT_EQ(Client(s.forebay->admin_port()).post("/purge", others).status, 200);
  ASSERT_TRUE(s.client.get("/a", host).is_hit());
  EXPECT_EQ(allocations_of_hits(s.forebay, "GET /a HTTP/1.1\r\nHost: www.example.org\r\n\r\n", 1000), 0U);
}

TEST_F(NoAllocationOnHit, OneOfTwoVariants) {
  Scenario s;
  s.origin.on("/a", fresh(std::string(1000, 'x'), {{"Vary", "Accept-Encoding, Accept-Language"}}));
  s.client.get("/a", {{"Host", "www.example.org"}});
  s.client.get("/a", {{"Host", "www.example.org"},
                      {"Accept-Encoding", "gzip, deflate, br"},
                      {"Accept-Language", "en-US,en;q=0.9"}});
  ASSERT_EQ(s.origin.requests(), 2U);
  EXPECT_EQ(allocations_of_hits(s.forebay, kBrowser + "\r\n", 1000), 0U);
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST_F(NoAllocationOnHit, ACodedResponse) {
  Scenario s([](config::Config& config) {
    config.proxy.routes[0].cache.encodings = {http::Coding::br, http::Coding::gzip};
  });
  s.origin.on("/a", fresh(std::string(5000, 'x'), {{"Content-Type", "text/html"}}));
  const FieldLines fields{{"Host", "www.example.org"}, {"Accept-Encoding", "br"}};
  s.client.get("/a", fields);
  const auto hit = s.client.get("/a", fields);
  ASSERT_EQ(hit.field("Content-Encoding"), "br");
  EXPECT_EQ(allocations_of_hits(s.forebay, kBrowser + "\r\n", hit.body.size()), 0U);
}

TEST_F(NoAllocationOnHit, NotModified) {
  Scenario s;
  s.origin.on("/a", fresh(std::string(1000, 'x'), {{"ETag", "\"1\""}}));
  s.client.get("/a", {{"Host", "www.example.org"}});
  EXPECT_EQ(allocations_of_hits(s.forebay, kBrowser + "If-None-Match: \"0\", W/\"1\"\r\n\r\n", 0), 0U);
}

TEST_F(NoAllocationOnHit, HeadRequest) {
  Scenario s;
  s.origin.on("/a", fresh(std::string(1000, 'x')));
  s.client.get("/a", {{"Host", "www.example.org"}});
  EXPECT_EQ(allocations_of_hits(s.forebay, "HEAD /a HTTP/1.1\r\nHost: www.example.org\r\n\r\n", 0), 0U);
}

TEST_F(NoAllocationOnHit, InAPartition) {
  Scenario s([](config::Config& c) { c.proxy.routes[0].cache.key.partition.cookie = "a"; });
  s.origin.on("/a", fresh(std::string(1000, 'x')));
  s.client.get("/a", {{"Host", "www.example.org"}, {"Cookie", "a=b"}});
  EXPECT_EQ(allocations_of_hits(s.forebay, kBrowser + "\r\n", 1000), 0U);
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST_F(NoAllocationOnHit, UnderARuleOfNoVarySearch) {
  Scenario s([](config::Config& c) { c.proxy.routes[0].cache.key.query.no_vary_search = true; });
  s.origin.on("*", [](const OriginRequest& request) {
    if (request.method == "POST") return with("", {});
    return fresh(std::string(1000, 'x'), {{"No-Vary-Search", "key-order, params=(\"utm_source\")"}});
  });
  s.client.get("/a?id=1&page=2", {{"Host", "www.example.org"}});
  s.client.post("/b", "", {{"Host", "www.example.org"}});  // the log is behind the stored response
  const std::string request = "GET /a?utm_source=x&page=2&i%64=1 HTTP/1.1\r\nHost: www.example.org\r\n\r\n";
  EXPECT_EQ(allocations_of_hits(s.forebay, request, 1000), 0U);
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST_F(NoAllocationOnHit, InATokensPartition) {
  const std::string secret = "0123456789abcdef0123456789abcdef";
  Scenario s([&](config::Config& c) {
    auto& token = c.proxy.routes[0].cache.key.partition.token;
    token.claim = "sub";
    token.key = secret;
  });
  s.origin.on("/a", fresh(std::string(1000, 'x')));
  const auto token =
      "Bearer " + sign_hs256(secret, R"({"alg":"HS256"})", R"({"sub":"ann","roles":["reader"]})");
  s.client.get("/a", {{"Host", "www.example.org"}, {"Authorization", token}});
  EXPECT_EQ(allocations_of_hits(s.forebay, kBrowser + "Authorization: " + token + "\r\n\r\n", 1000), 0U);
  EXPECT_EQ(s.origin.requests(), 1U);
}

}  // namespace
}  // namespace forebay::test
