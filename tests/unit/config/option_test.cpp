#include "config/option.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "config/option_fields.hpp"

namespace forebay::config {
namespace {

Option of(Kind kind, Facts facts = {}) { return {.path = "o", .kind = kind, .facts = std::move(facts)}; }

std::string error_of(const Option& option, std::string_view text) {
  const auto value = read_value(option, text, {});
  return value ? "none" : value.error().detail;
}

TEST(Option, PathsComeApart) {
  EXPECT_EQ(leaf_name("upstreams.*.timeouts.connect"), "connect");
  EXPECT_EQ(leaf_name("workers"), "workers");
  EXPECT_EQ(parent("upstreams.*.timeouts.connect"), "upstreams.*.timeouts");
  EXPECT_EQ(parent("workers"), "");
  EXPECT_EQ(inner_path({.path = "cache", .kind = Kind::map}), "cache");
  EXPECT_EQ(inner_path({.path = "listen", .kind = Kind::items}), "listen[]");
  EXPECT_EQ(inner_path({.path = "upstreams", .kind = Kind::named}), "upstreams.*");
}

TEST(Option, SaysWhatIsAllowed) {
  EXPECT_EQ(allowed(of(Kind::text, {.noun = "an address"})), "an address");
  EXPECT_EQ(allowed(of(Kind::text, {.word = "off", .noun = "an address"})), "`off` or an address");
  EXPECT_EQ(allowed(of(Kind::flag)), "`true` or `false`");
  EXPECT_EQ(allowed(of(Kind::count, {.min = 1})), "a number from 1 up");
  EXPECT_EQ(allowed(of(Kind::count, {.min = 1, .max = 5, .word = "auto"})), "`auto` or a number from 1 to 5");
  EXPECT_EQ(allowed(of(Kind::size, {.min = 1024, .max = 1 << 20})), "a size from 1KiB to 1MiB");
  EXPECT_EQ(allowed(of(Kind::duration, {.min = 1, .max = 60'000})), "a duration from 1ms to 1m");
  EXPECT_EQ(allowed(of(Kind::choice, {.choices = {"a", "b"}})), "`a` or `b`");
  EXPECT_EQ(allowed(of(Kind::texts, {.noun = "servers"})), "a list of servers");
}

TEST(Option, ReadsNumbersWithinTheirBounds) {
  const Option count = of(Kind::count, {.min = 2, .max = 10});
  EXPECT_EQ(read_value(count, "2", {})->number, 2U);
  EXPECT_EQ(read_value(count, "10", {})->number, 10U);
  for (const char* text :
       {"", "1", "11", "-1", "+3", "3.0", "3x", " 3", "0x3", "99999999999999999999", "true"}) {
    EXPECT_EQ(error_of(count, text), "expected a number from 2 to 10, found `" + std::string(text) + "`");
  }
  EXPECT_EQ(read_value(of(Kind::size, {}), "64KiB", {})->number, 65'536U);
  EXPECT_EQ(read_value(of(Kind::duration, {}), "2m", {})->number, 120'000U);
  EXPECT_EQ(error_of(of(Kind::duration, {.max = 1000, .example = "1s"}), "10"),
            "expected a duration from 0 to 1s such as `1s`, found `10`");
  EXPECT_EQ(error_of(of(Kind::size, {.max = 1024}), "1MB"), "expected a size from 0 to 1KiB, found `1MB`");
}

TEST(Option, WholeSecondsTakeNoFractions) {
  Option option = of(Kind::duration, {.max = 60'000});
  option.step = 1000;
  EXPECT_EQ(read_value(option, "2000ms", {})->number, 2000U);
  EXPECT_EQ(error_of(option, "500ms"), "expected a duration in whole seconds from 0 to 1m, found `500ms`");
}

TEST(Option, WordStandsForNothing) {
  const Option workers = of(Kind::count, {.min = 1, .max = 8, .word = "auto"});
  EXPECT_EQ(read_value(workers, "auto", {})->number, 0U);
  EXPECT_EQ(error_of(workers, "0"), "expected `auto` or a number from 1 to 8, found `0`");
  EXPECT_EQ(read_value(of(Kind::text, {.word = "off"}), "off", {})->text, "");
}

TEST(Option, ReadsFlagsAndChoices) {
  EXPECT_EQ(read_value(of(Kind::flag), "true", {})->number, 1U);
  EXPECT_EQ(read_value(of(Kind::flag), "false", {})->number, 0U);
  EXPECT_EQ(error_of(of(Kind::flag), "yes"), "expected `true` or `false`, found `yes`");
  EXPECT_EQ(read_value(of(Kind::choice, {.choices = {"a", "b"}}), "b", {})->number, 1U);
  EXPECT_EQ(error_of(of(Kind::choice, {.choices = {"a", "b"}}), "A"), "expected `a` or `b`, found `A`");
}

TEST(Option, PathsAreRelativeToTheFolder) {
  EXPECT_EQ(read_value(of(Kind::path), "a.log", "/etc/forebay")->text, "/etc/forebay/a.log");
  EXPECT_EQ(read_value(of(Kind::path), "/var/a.log", "/etc/forebay")->text, "/var/a.log");
  EXPECT_EQ(read_value(of(Kind::path), "a.log", "")->text, "a.log");
  EXPECT_EQ(read_value(of(Kind::path), "", "/etc")->text, "");
}

TEST(Option, FilesMustBeThere) {
  EXPECT_EQ(error_of(of(Kind::file), "/nope/ca.pem"),
            "cannot read `/nope/ca.pem`: No such file or directory");
  EXPECT_EQ(read_value(of(Kind::file), "/dev/null", {})->text, "/dev/null");
}

TEST(Option, SecretsAreReadWithoutTheirNewline) {
  const std::string path = testing::TempDir() + "forebay_secret_" + std::to_string(::getpid());
  const auto secret = [&](const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
    const auto value = read_value(of(Kind::secret), path, {});
    return value ? value->text : value.error().detail;
  };
  EXPECT_EQ(secret("abc"), "abc");
  EXPECT_EQ(secret("abc\n"), "abc");
  EXPECT_EQ(secret("abc\r\n"), "abc");
  EXPECT_EQ(secret("abc\n\n"), "abc\n");
  EXPECT_EQ(secret("\n"), "`" + path + "` is empty");
  EXPECT_EQ(secret(std::string(100'000, 'x')), "cannot read `" + path + "`: larger than 64KiB");
  std::remove(path.c_str());
  EXPECT_EQ(error_of(of(Kind::secret), path), "cannot read `" + path + "`: No such file or directory");
}

TEST(Option, FieldsTakeTheirDefaultFromTheStruct) {
  const auto header = [](Draft & draft) -> auto& { return draft.config.timeouts.header; };
  const Option option = leaf(Kind::duration, "timeouts.header", header, {});
  EXPECT_EQ(default_text(option), "10s");
  Config config;
  Draft draft{config};
  option.set(draft, {.number = 1500});
  EXPECT_EQ(config.timeouts.header, std::chrono::milliseconds(1500));
}

}  // namespace
}  // namespace forebay::config
