// One fetch serves clients of every content coding: forebay codes, decodes, and keeps the codings apart.
#include <gtest/gtest.h>

#include <set>

#include "forebay/http/recoder.hpp"
#include "support/test_daemon.hpp"

namespace forebay::test {
namespace {

using http::Coding;
using enum http::Coding;

constexpr auto kOver = std::chrono::seconds(61);

void negotiate(config::Config& config) { config.proxy.routes[0].cache.encodings = {br, gzip}; }

std::string recode(std::string_view body, Coding from, Coding to) {
  http::Recoder recoder(from, to);
  std::string all;
  std::string out(1 << 16, '\0');
  for (;;) {
    const auto step = recoder.step(body, out, http::Flush::finish);
    if (!step) return "malformed";
    all.append(out, 0, step->produced);
    body.remove_prefix(step->consumed);
    if (step->next == http::Step::Next::done) return all;
  }
}

std::string page(std::size_t size = 20'000) {
  std::string out("<!doctype html>");
  for (int i = 0; out.size() < size; ++i) out.append("<p>").append(std::to_string(i * 7919)).append("</p>\n");
  return out;
}

/// The content as the client understands it.
std::string plain(const Response& response) {
  const auto coding =
      http::parse_coding(response.has("Content-Encoding") ? response.field("Content-Encoding") : "identity");
  return coding ? recode(response.body, *coding, identity) : "unknown";
}

FieldLines accept(const std::string& value) { return {{"Accept-Encoding", value}}; }

OriginResponse html(std::string body, OriginFields more = {}) {
  more.emplace_back("Content-Type", "text/html");
  return fresh(std::move(body), std::move(more));
}

TEST(ContentCoding, OneFetchServesEveryCoding) {
  Scenario s(negotiate);
  s.origin.on("/a", html(page(), {{"ETag", "\"1\""}}));
  const struct {
    std::string accept;
    std::string coding;
    std::string etag;
  } rows[] = {
      {"gzip, deflate, br", "br", "\"1~br\""},
      {"gzip", "gzip", "\"1~gzip\""},
      {"identity", "", "\"1\""},
      {"gzip;q=0", "", "\"1\""},
  };
  for (const int round : {1, 2}) {
    for (const auto& row : rows) {
      const auto response = s.client.get("/a", accept(row.accept));
      EXPECT_EQ(response.status, 200);
      EXPECT_EQ(response.field("Content-Encoding"), row.coding) << row.accept;
      EXPECT_EQ(plain(response), page()) << row.accept;
      EXPECT_EQ(response.field("ETag"), row.etag);
      EXPECT_EQ(response.field("Vary"), "Accept-Encoding");
      EXPECT_EQ(response.is_hit(), round == 2 || row.coding != "br") << response.cache_status();
    }
  }
  EXPECT_EQ(s.origin.requests(), 1U);
  EXPECT_EQ(s.origin.last().field("Accept-Encoding"), "br");
  EXPECT_EQ(s.forebay.metric("forebay_recodings_total"), 3);
}

TEST(ContentCoding, WithoutEncodingsNothingIsTouched) {
  Scenario s;
  s.origin.on("/a", html(page()));
  const auto response = s.client.get("/a", accept("gzip, br"));
  EXPECT_EQ(s.origin.last().field("Accept-Encoding"), "gzip, br");
  EXPECT_EQ(response.body, page());
  EXPECT_FALSE(response.has("Vary"));
}

TEST(ContentCoding, AStoredCodingIsMadeFromTheFirst) {
  Scenario s(negotiate);
  s.origin.on("/a", html(page()));
  EXPECT_EQ(plain(s.client.get("/a")), page());
  s.forebay.clock().advance_wall(std::chrono::seconds(10));
  const auto coded = s.client.get("/a", accept("br"));
  EXPECT_EQ(coded.cache_status(), "forebay; hit; ttl=50") << "as old as what it was made from";
  EXPECT_EQ(coded.field("Age"), "10");
  EXPECT_EQ(coded.field("Content-Encoding"), "br");
  EXPECT_EQ(coded.field("Content-Length"), std::to_string(coded.body.size()));
  s.forebay.clock().advance_wall(std::chrono::seconds(51));
  s.client.get("/a", accept("br"));
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(ContentCoding, PiecesReachTheClientAsTheyCome) {
  Scenario s(negotiate);
  auto response = html("first.second.", {});
  response.chunked = true;
  response.chunk_size = 6;
  response.gates = {{6, "second"}};
  s.origin.on("/a", response);
  s.client.request("GET", "/a", accept("gzip"));
  auto head = s.client.read_head();
  EXPECT_EQ(head.field("Content-Encoding"), "gzip");
  http::Decoder decoder(gzip);
  std::string seen;
  std::string out(100, '\0');
  while (seen.size() < 6) {
    const auto step = decoder.step(s.client.read_body(1), out, http::Flush::none);
    ASSERT_TRUE(step);
    seen.append(out, 0, step->produced);
  }
  EXPECT_EQ(seen, "first.");
  s.origin.gate("second").open();
  s.client.read_rest(head);
  EXPECT_TRUE(head.complete);
  EXPECT_EQ(plain(s.client.get("/a", accept("gzip"))), "first.second.");
}

TEST(ContentCoding, ConditionsSpeakOfTheCodedRepresentation) {
  Scenario s(negotiate);
  s.origin.on("/a", html(page(), {{"ETag", "\"1\""}}));
  s.client.get("/a", accept("br"));
  auto fields = accept("br");
  fields.emplace_back("If-None-Match", "\"1~br\"");
  const auto same = s.client.get("/a", fields);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.field("ETag"), "\"1~br\"");
  EXPECT_EQ(same.field("Vary"), "Accept-Encoding");
  fields.back().second = "\"1\"";
  EXPECT_EQ(s.client.get("/a", fields).status, 200);
}

TEST(ContentCoding, TheOriginIsAskedAboutItsOwnTag) {
  Scenario s(negotiate);
  s.origin.on("/a", html(page(), {{"ETag", "\"1\""}}));
  s.client.get("/a", accept("br"));
  s.forebay.clock().advance_wall(kOver);
  s.origin.on("/a",
              OriginResponse{.status = 304, .fields = {{"ETag", "\"1\""}, {"Cache-Control", "max-age=30"}}});
  const auto renewed = s.client.get("/a", accept("br"));
  EXPECT_EQ(s.origin.last().field("If-None-Match"), "\"1\"");
  EXPECT_EQ(renewed.cache_status(), "forebay; fwd=stale; fwd-status=304; ttl=30; stored");
  for (const auto& response : {renewed, s.client.get("/a", accept("br"))}) {
    EXPECT_EQ(response.field("ETag"), "\"1~br\"");
    EXPECT_EQ(response.field("Content-Encoding"), "br");
    EXPECT_EQ(response.field("Vary"), "Accept-Encoding");
    EXPECT_EQ(plain(response), page());
  }
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(ContentCoding, AWeakTagStandsForEveryCoding) {
  Scenario s(negotiate);
  s.origin.on("/a", html(page(), {{"ETag", "W/\"1\""}}));
  for (const auto* coding : {"br", "gzip", "identity"})
    EXPECT_EQ(s.client.get("/a", accept(coding)).field("ETag"), "W/\"1\"");
  s.forebay.clock().advance_wall(kOver);
  s.origin.on(
      "/a", OriginResponse{.status = 304, .fields = {{"ETag", "W/\"1\""}, {"Cache-Control", "max-age=60"}}});
  const auto renewed = s.client.get("/a", accept("br"));
  EXPECT_EQ(s.origin.last().field("If-None-Match"), "W/\"1\"");
  EXPECT_EQ(renewed.field("Content-Encoding"), "br");
  EXPECT_EQ(plain(renewed), page());
}

TEST(ContentCoding, AnIncompleteBodyIsNotCodedToAnEnd) {
  Scenario s(negotiate);
  auto response = html(page());
  response.truncate_after = 5000;
  s.origin.on("/a", response);
  EXPECT_FALSE(s.client.get("/a", accept("br")).complete);
  EXPECT_EQ(s.forebay.metric("forebay_stored_total"), 0);
}

TEST(ContentCoding, AnotherRepresentationReplacesTheCodedOne) {
  Scenario s(negotiate);
  s.origin.on("/a", html(page(), {{"ETag", "\"1\""}}));
  s.client.get("/a", accept("br"));
  s.forebay.clock().advance_wall(kOver);
  s.origin.on("/a", html("<p>new" + page(), {{"ETag", "\"2\""}}));
  EXPECT_EQ(s.client.get("/a", accept("br")).field("ETag"), "\"2~br\"");
  EXPECT_EQ(plain(s.client.get("/a", accept("gzip"))), "<p>new" + page());
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(ContentCoding, WhatPassesNamesTheOriginsTags) {
  Scenario s([](config::Config& config) {
    negotiate(config);
    config.proxy.routes[0].cache.bypass.headers = {"X-Pass"};
  });
  s.origin.on("/a", [](const OriginRequest& request) {
    if (request.method == "PUT") return with("", {});
    return OriginResponse{.status = 304, .fields = {{"ETag", "\"1\""}}};
  });
  s.client.exchange("PUT", "/a", {{"If-Match", "\"1~br\", \"2\""}}, "text");
  EXPECT_EQ(s.origin.last().field("If-Match"), "\"1\", \"2\"");
  const auto same = s.client.get("/a", {{"X-Pass", "1"}, {"If-None-Match", "\"1~gzip\""}});
  EXPECT_EQ(s.origin.last().field("If-None-Match"), "\"1\"");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.field("ETag"), "\"1~gzip\"") << "the one that the client has";
}

TEST(ContentCoding, WhatIsNotToBeCodedIsNot) {
  Scenario s(negotiate);
  s.origin.on("/no-transform", html(page(), {{"Cache-Control", "no-transform"}}));
  s.origin.on("/small", html("<p>small"));
  s.origin.on("/image", fresh(page(), {{"Content-Type", "image/png"}}));
  s.origin.on("/digest", html(page(), {{"Content-Digest", "sha-256=:abc=:"}}));
  s.origin.on("/empty", html(""));
  auto missing = html(page());
  missing.status = 404;
  s.origin.on("/missing", missing);
  for (const auto* path : {"/no-transform", "/small", "/image", "/digest", "/empty", "/missing"}) {
    const auto response = s.client.get(path, accept("br"));
    EXPECT_FALSE(response.has("Content-Encoding")) << path;
    EXPECT_FALSE(response.has("Vary")) << path;
    EXPECT_EQ(response.body, s.client.get(path).body) << path;
  }
  EXPECT_EQ(s.origin.requests(), 6U) << "one for all, then";
}

TEST(ContentCoding, AHeadIsThatOfTheCodedResponse) {
  Scenario s(negotiate);
  s.origin.on("/a", html(page(), {{"ETag", "\"1\""}}));
  const auto first = s.client.head("/a", accept("br"));
  EXPECT_EQ(first.field("Content-Encoding"), "br");
  EXPECT_FALSE(first.has("Content-Length"));
  const auto length = s.client.get("/a", accept("br")).body.size();
  EXPECT_EQ(s.client.head("/a", accept("br")).field("Content-Length"), std::to_string(length));
  EXPECT_EQ(s.client.head("/a", accept("gzip")).field("ETag"), "\"1~gzip\"");
  s.forebay.clock().advance_wall(kOver);
  s.origin.on("/a",
              OriginResponse{.status = 304, .fields = {{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}}});
  const auto renewed = s.client.head("/a", accept("br"));
  EXPECT_EQ(renewed.field("ETag"), "\"1~br\"");
  EXPECT_EQ(renewed.field("Content-Length"), std::to_string(length));
  EXPECT_TRUE(s.client.get("/a", accept("br")).is_hit());
}

TEST(ContentCoding, RangesAreOfTheCodedContent) {
  Scenario s(negotiate);
  s.origin.on("/a", html(page(), {{"ETag", "\"1\""}}));
  const auto whole = s.client.get("/a", accept("br"));
  auto fields = accept("br");
  fields.emplace_back("Range", "bytes=10-19");
  fields.emplace_back("If-Range", "\"1~br\"");
  const auto part = s.client.get("/a", fields);
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, whole.body.substr(10, 10));
  EXPECT_EQ(part.field("Content-Range"), "bytes 10-19/" + std::to_string(whole.body.size()));
  EXPECT_EQ(part.field("Content-Encoding"), "br");
  // A part of another coding: made here as well, and a part of a coding is no part of another.
  fields.front().second = "gzip";
  const auto other = s.client.get("/a", fields);
  EXPECT_EQ(other.status, 200);
  EXPECT_EQ(plain(other), page());
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(ContentCoding, WhatTheUpstreamCodedIsDecodedForThoseWhoTakeNone) {
  Scenario s(negotiate);
  const auto coded = recode(page(), identity, gzip);
  s.origin.on("/a", html(coded, {{"Content-Encoding", "gzip"}, {"ETag", "\"1\""}}));
  const auto decoded = s.client.get("/a", accept("identity"));
  EXPECT_FALSE(decoded.has("Content-Encoding"));
  EXPECT_EQ(decoded.body, page());
  EXPECT_EQ(decoded.field("ETag"), "\"1~identity\"");
  EXPECT_EQ(decoded.field("Vary"), "Accept-Encoding");
  EXPECT_EQ(plain(s.client.get("/a", accept("br"))), page());
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(ContentCoding, WhatTheUpstreamCodedIsKeptForThoseWhoTakeIt) {
  Scenario s(negotiate);
  const auto coded = recode(page(), identity, gzip);
  s.origin.on("/a", html(coded, {{"Content-Encoding", "gzip"}, {"ETag", "\"1\""}}));
  const auto kept = s.client.get("/a", accept("gzip"));
  EXPECT_EQ(kept.body, coded);
  EXPECT_EQ(kept.field("ETag"), "\"1\"");
  const auto decoded = s.client.get("/a", accept("identity"));
  EXPECT_EQ(decoded.body, page());
  EXPECT_TRUE(decoded.is_hit());
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(ContentCoding, CorruptContentIsNeverComplete) {
  Scenario s(negotiate);
  auto coded = recode(page(), identity, gzip);
  coded[coded.size() - 6] ^= 0x55;  // the checksum
  s.origin.on("/a", html(coded, {{"Content-Encoding", "gzip"}}));
  for (const std::size_t round : {1U, 2U}) {
    s.client = s.forebay.client();
    EXPECT_FALSE(s.client.get("/a", accept("identity")).complete);
    EXPECT_EQ(s.origin.requests(), round);
  }
  EXPECT_TRUE(s.forebay.wait_for_metric("forebay_recoding_failures_total", 2));
  EXPECT_EQ(s.forebay.metric("forebay_stored_total"), 0);
}

TEST(ContentCoding, CorruptContentThatIsStoredIsFetchedAgain) {
  Scenario s(negotiate);
  s.origin.on("/a", html("no gzip at all", {{"Content-Encoding", "gzip"}}));
  EXPECT_EQ(s.client.get("/a", accept("gzip")).body, "no gzip at all") << "nobody looks into it";
  s.origin.on("/a", html(page()));
  EXPECT_EQ(s.client.get("/a", accept("identity")).body, page());
  EXPECT_EQ(s.origin.requests(), 2U);
}

TEST(ContentCoding, ABombIsPassedOnInPiecesAndNotStored) {
  Scenario s([](config::Config& config) {
    negotiate(config);
    config.memory.max_body = 1 << 20;
  });
  const auto bomb = recode(std::string(8 << 20, 'x'), identity, gzip);
  s.origin.on("/a", html(bomb, {{"Content-Encoding", "gzip"}}));
  EXPECT_EQ(s.client.get("/a", accept("identity")).body.size(), 8U << 20);
  EXPECT_FALSE(s.client.get("/a", accept("identity")).is_hit());
  EXPECT_EQ(s.origin.requests(), 2U);
  // Stored as it is, it is not unpacked in memory either.
  EXPECT_EQ(s.client.get("/a", accept("gzip")).body, bomb);
  EXPECT_EQ(s.client.get("/a", accept("identity")).body.size(), 8U << 20);
  EXPECT_EQ(s.origin.requests(), 4U);
}

TEST(ContentCoding, PrivateResponsesAreCodedAndNeverShared) {
  Scenario s(negotiate);
  s.origin.on("/private", html(page(), {{"Cache-Control", "private"}}));
  s.origin.on("/cookie", html(page(), {{"Set-Cookie", "id=1"}}));
  std::size_t requests = 0;
  for (const auto* path : {"/private", "/cookie"}) {
    for (const auto* coding : {"br", "br", "gzip", "identity"}) {
      EXPECT_EQ(plain(s.client.get(path, accept(coding))), page()) << path;
      EXPECT_EQ(s.origin.requests(), ++requests) << path << coding;
    }
  }
}

TEST(ContentCoding, APurgedSiblingIsNotRecoded) {
  Scenario s(negotiate);
  s.origin.on("/a", html(page()));
  s.client.get("/a", accept("br"));
  s.client.post("/a", "change");
  s.origin.on("/a", html("<p>new" + page()));
  EXPECT_EQ(plain(s.client.get("/a", accept("gzip"))), "<p>new" + page());
}

TEST(ContentCoding, ThoseWhoWaitWantingOtherCodingsCauseNoOtherFetch) {
  Scenario s(negotiate);
  auto response = html(page(), {{"ETag", "\"1\""}});
  response.gate = "head";
  response.gates = {{10'000, "rest"}};
  s.origin.on("/a", response);
  auto first = s.forebay.client();
  auto second = s.forebay.client();
  auto third = s.forebay.client();
  first.request("GET", "/a", accept("br"));
  ASSERT_TRUE(s.origin.wait_for_requests(1));
  second.request("GET", "/a", accept("gzip"));
  third.request("GET", "/a", accept("identity"));
  ASSERT_TRUE(s.forebay.wait_for_metric("forebay_waiting", 2));
  s.origin.gate("head").open();
  first.read_head();
  s.origin.gate("rest").open();
  const auto gzipped = second.read();
  EXPECT_EQ(gzipped.field("Content-Encoding"), "gzip");
  EXPECT_EQ(plain(gzipped), page());
  EXPECT_EQ(third.read().body, page());
  EXPECT_EQ(s.origin.requests(), 1U);
}

TEST(ContentCoding, ManyWhoAskAtOnceCauseOneRecoding) {
  Scenario s(negotiate);
  s.origin.on("/a", html(page(2'000'000)));
  s.client.get("/a");
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(s.forebay.client());
  for (auto& client : clients) client.request("GET", "/a", accept("br"));
  for (auto& client : clients) EXPECT_EQ(plain(client.read()), page(2'000'000));
  EXPECT_EQ(s.origin.requests(), 1U);
  EXPECT_EQ(s.forebay.metric("forebay_recodings_total"), 1);
}

TEST(ContentCoding, ATagMadeFromTheBodyIsOneOfEachCodingsOwn) {
  Scenario s([](config::Config& config) {
    negotiate(config);
    config.proxy.routes[0].cache.etag_from_body = true;
  });
  s.origin.on("/a", html(page()));
  std::set<std::string> tags;
  for (const auto* coding : {"br", "gzip", "identity"}) {
    s.client.get("/a", accept(coding));
    const auto hit = s.client.get("/a", accept(coding));
    EXPECT_TRUE(hit.is_hit()) << coding;
    EXPECT_EQ(hit.count("ETag"), 1U) << coding;
    tags.insert(hit.field("ETag"));
  }
  EXPECT_EQ(tags.size(), 3U);
  EXPECT_EQ(s.origin.requests(), 1U);
}

}  // namespace
}  // namespace forebay::test
