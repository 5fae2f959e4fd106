#include "purge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forebay::app {
namespace {

TEST(PurgeCommand, AsksForWhatItWasTold) {
  PurgeOptions options;
  options.urls = {"https://example.org/a?b=\"c\""};
  options.tags = {"one", "two"};
  options.prefixes = {"/p/"};
  options.patterns = {"/q/**"};
  options.hosts = {"example.org"};
  EXPECT_EQ(
      purge_body(options),
      "{\"urls\":[\"https://example.org/a?b=\\\"c\\\"\"],\"tags\":[\"one\",\"two\"],\"prefixes\":[\"/p/\"],"
      "\"patterns\":[\"/q/**\"],\"hosts\":[\"example.org\"]}");
  PurgeOptions all;
  all.all = all.soft = all.dry_run = true;
  EXPECT_EQ(purge_body(all), "{\"all\":true,\"mode\":\"soft\",\"dry_run\":true}");
  PurgeOptions refresh;
  refresh.refresh = true;
  EXPECT_EQ(purge_body(refresh), "{\"mode\":\"refresh\"}");
}

TEST(PurgeCommand, SaysWhatCameOfIt) {
  EXPECT_EQ(purge_summary(R"({"position":7,"matched":12,"mode":"hard","dry_run":false,"complete":true})"),
            "purged 12 stored responses (hard, log position 7)\n");
  EXPECT_EQ(
      purge_summary(
          R"({"position":7,"matched":2,"mode":"hard","dry_run":false,"complete":true,"local_only":true})"),
      "purged 2 stored responses (hard, log position 7), on this node; Redis is away, the others follow when "
      "it is back\n");
  EXPECT_EQ(purge_summary(R"({"position":7,"matched":1,"mode":"soft","dry_run":true,"complete":false})"),
            "would purge 1 stored response (soft, log position 7), not all of them counted\n");
  EXPECT_EQ(purge_summary("?"), "?");
}

TEST(PurgeCommand, SaysWhenNobodyAnswers) {
  PurgeOptions options;
  options.admin = "127.0.0.1:1";
  testing::internal::CaptureStderr();
  EXPECT_EQ(purge(options), 2);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("say what to purge"));
  options.all = true;
  for (const auto* address :
       {"127.0.0.1:1", "unix:/does/not/exist", "localhost:1", "", "127.0.0.1:x", "[::1"}) {
    options.admin = address;
    testing::internal::CaptureStderr();
    EXPECT_EQ(purge(options), 1) << address;
    EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("cannot be reached"));
  }
}

}  // namespace
}  // namespace forebay::app
