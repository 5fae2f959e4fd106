#include "forebay/cache/coding_plan.hpp"

#include <gtest/gtest.h>

#include "heads.hpp"

namespace forebay::cache {
namespace {

using enum http::Coding;

Policy coding() {
  Policy policy;
  policy.encodings = {br, gzip};
  policy.compress.min_size = 100;
  return policy;
}

struct Row {
  std::string_view wanted;
  Lines response;
  std::optional<std::uint64_t> length;
  CodingPlan plan;
};

void check(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    const auto plan = plan_coding(fields({{"Accept-Encoding", row.wanted}}), response(200, row.response),
                                  row.length, coding());
    EXPECT_EQ(plan, row.plan) << row.wanted << ' '
                              << (row.response.empty() ? "" : row.response.back().second);
  }
}

TEST(CodingPlan, WhatIsNotCodedIsCodedWhereThatIsWorthIt) {
  check({
      {"br", {{"Content-Type", "text/html"}}, 100, {identity, br, true}},
      {"gzip", {{"Content-Type", "TEXT/HTML; charset=utf-8"}}, 5000, {identity, gzip, true}},
      {"br", {{"Content-Type", "text/html"}}, std::nullopt, {identity, br, true}},
      {"br", {{"Content-Type", "image/svg+xml"}}, 100, {identity, br, true}},
      {"identity", {{"Content-Type", "text/html"}}, 100, {identity, identity, true}},
      {"br", {{"Content-Type", "text/html"}}, 99, {}},
      {"br", {{"Content-Type", "text/html"}}, 0, {}},
      {"br", {{"Content-Type", "image/png"}}, 100, {}},
      {"br", {{"Content-Type", "textual/html"}}, 100, {}},
      {"br", {}, 100, {}},
      {"br", {{"Content-Type", "text/html"}, {"Content-Type", "text/css"}}, 100, {}},
  });
}

TEST(CodingPlan, WhatIsCodedIsDecodedForThoseWhoDoNotTakeIt) {
  check({
      {"gzip", {{"Content-Encoding", "gzip"}}, 10, {gzip, gzip, true}},
      {"gzip", {{"Content-Encoding", "x-gzip"}}, 10, {gzip, gzip, true}},
      {"identity", {{"Content-Encoding", "gzip"}}, 10, {gzip, identity, true}},
      {"br", {{"Content-Encoding", "gzip"}, {"Content-Type", "image/png"}}, 10, {gzip, identity, true}},
      {"br", {{"Content-Encoding", "gzip"}, {"Content-Type", "text/css"}}, 10, {gzip, br, true}},
      {"identity", {{"Content-Encoding", "zstd"}}, 10, {zstd, identity, true}},
      {"identity", {{"Content-Encoding", "deflate"}}, 10, {}},
      {"identity", {{"Content-Encoding", "gzip, br"}}, 10, {}},
      {"identity", {{"Content-Encoding", "gzip"}}, 0, {}},
  });
}

TEST(CodingPlan, WhatMayNotBeTransformedIsLeftAlone) {
  const Lines rows = {
      {"Cache-Control", "no-transform"},
      {"Cache-Control", "public, No-Transform, max-age=60"},
      {"Content-Range", "bytes 0-1/2"},
      {"Content-MD5", "abc"},
      {"Content-Digest", "sha-256=:abc=:"},
      {"Repr-Digest", "sha-256=:abc=:"},
      {"Digest", "md5=abc"},
  };
  for (const auto& row : rows) {
    check({{"br", {{"Content-Type", "text/html"}, row}, 1000, {}},
           {"identity", {{"Content-Encoding", "gzip"}, row}, 1000, {}}});
  }
}

TEST(CodingPlan, OnlyA200IsTransformed) {
  for (const int status : {201, 203, 206, 304, 404, 500}) {
    EXPECT_EQ(plan_coding(fields({{"Accept-Encoding", "br"}}),
                          response(status, {{"Content-Type", "text/html"}}), 1000, coding()),
              CodingPlan{});
  }
}

TEST(CodingPlan, WithoutEncodingsNothingIs) {
  EXPECT_EQ(plan_coding(fields({{"Accept-Encoding", "br"}}), response(200, {{"Content-Type", "text/html"}}),
                        5000, {}),
            CodingPlan{});
  EXPECT_EQ(plan_coding({}, response(200, {{"Content-Encoding", "gzip"}}), 5000, {}), CodingPlan{});
}

TEST(CodingPlan, WithoutTypesNothingIsCodedAndStillDecoded) {
  auto policy = coding();
  policy.compress.types.clear();
  EXPECT_EQ(plan_coding(fields({{"Accept-Encoding", "br"}}), response(200, {{"Content-Type", "text/html"}}),
                        5000, policy),
            CodingPlan{});
  EXPECT_EQ(plan_coding({}, response(200, {{"Content-Encoding", "gzip"}}), 5000, policy),
            (CodingPlan{gzip, identity, true}));
}

TEST(CodingPlan, OddRequestsWantNoCoding) {
  EXPECT_EQ(wanted_coding({}), identity);
  EXPECT_EQ(wanted_coding(fields({{"Accept-Encoding", "deflate"}})), identity);
  EXPECT_EQ(wanted_coding(fields({{"Accept-Encoding", "zstd"}})), zstd);
}

}  // namespace
}  // namespace forebay::cache
