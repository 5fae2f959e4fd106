#include "forebay/proxy/event_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <utility>

namespace forebay::proxy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Use = TextTemplate::Use;

boost::json::value parsed(std::string_view text) { return boost::json::parse(text); }

TEST(TextTemplate, IsFilledWithTheEventsValues) {
  const auto event =
      parsed(R"({"id": 7, "max": 18446744073709551615, "less": -3, "name": "a b", "path": "x/y",
                               "odd": "50%?#ü", "host": "shop-1.example", "user": {"id": "u1", "a": {"b": 2}}})");
  struct Row {
    std::string_view text;
    Use use;
    std::string_view expected;
  };
  const Row rows[] = {
      {"plain", Use::plain, "plain"},
      {"", Use::plain, ""},
      {"user:{id}", Use::plain, "user:7"},
      {"{id}{id}", Use::plain, "77"},
      {"{max}/{less}", Use::plain, "18446744073709551615/-3"},
      {"{name}", Use::plain, "a b"},
      {"/x/{name}", Use::path, "/x/a%20b"},
      {"/x/{path}/**", Use::path, "/x/x/y/**"},
      {"/x/{odd}", Use::path, "/x/50%25%3F%23%C3%BC"},
      {"/{user.id}/{user.a.b}", Use::path, "/u1/2"},
      {"*.{host}", Use::host, "*.shop-1.example"},
  };
  for (const auto& row : rows) {
    const auto made = TextTemplate::compile(row.text, row.use);
    ASSERT_TRUE(made) << row.text;
    const auto filled = made->fill(event.as_object());
    ASSERT_TRUE(filled) << row.text << ": " << filled.error().detail;
    EXPECT_EQ(*filled, row.expected) << row.text;
  }
}

TEST(TextTemplate, RefusesWhatIsNone) {
  for (const auto* text :
       {"{",      "}",          "{}",    "{ id}", "{id ",    "{id",    "id}",   "a}b{c}", "{a}}",
        "{{a}}",  "{a{b}}",     "{.}",   "{.a}",  "{a.}",    "{a..b}", "{a/b}", "{a*}",   "{a b}",
        "{a[0]}", "{\xc3\xbc}", "{a}{",  "{a:b}", "{\"a\"}", "${a",    "{a?}",  "{#}",    "{a,b}",
        "{a}{}",  "{\n}",       "{a\t}", "}{",    "{a}x}",   "{-.}"})
    EXPECT_FALSE(TextTemplate::compile(text, Use::plain)) << text;
}

TEST(TextTemplate, RefusesValuesThatCannotStandThere) {
  const auto event =
      parsed(R"({"none": null, "yes": true, "half": 0.5, "list": [1], "map": {"a": 1}, "empty": "",
                               "star": "a*", "slash": "a/b", "port": "a:80", "space": "a b", "text": "t"})");
  const std::pair<std::string_view, Use> rows[] = {
      {"{missing}", Use::plain}, {"{none}", Use::plain},    {"{yes}", Use::plain},
      {"{half}", Use::plain},    {"{list}", Use::plain},    {"{map}", Use::plain},
      {"{empty}", Use::plain},   {"{map.b}", Use::plain},   {"{text.a}", Use::plain},
      {"{list.0}", Use::plain},  {"/{star}", Use::path},    {"/{empty}/**", Use::path},
      {"{star}", Use::host},     {"{slash}", Use::host},    {"{port}", Use::host},
      {"{space}", Use::host},    {"{map.a.b}", Use::plain},
  };
  for (const auto& [text, use] : rows) {
    const auto filled = TextTemplate::compile(text, use)->fill(event.as_object());
    ASSERT_FALSE(filled) << text << " " << *filled;
    EXPECT_EQ(filled.error().kind, ErrorKind::invalid_value);
    EXPECT_THAT(filled.error().detail, HasSubstr("the value \""));
  }
  boost::json::object large{{"id", std::string(TextTemplate::kMaxValue + 1, 'a')}};
  EXPECT_FALSE(TextTemplate::compile("{id}", Use::plain)->fill(large));
}

EventRules rules() {
  const std::vector<EventSettings> settings{
      {.type = "user.updated", .tags = {"user:{id}"}, .patterns = {"/users/{id}/**", "/users"}},
      {.type = "closed", .urls = {"https://{host}/"}, .hosts = {"{host}"}, .mode = cache::PurgeMode::soft}};
  return EventRules::compile(settings).value();
}

TEST(EventRules, TheTypeDecides) {
  const auto order = rules().order_for(parsed(R"({"type": "user.updated", "id": 7})")).value().value();
  EXPECT_THAT(order.tags, ElementsAre("user:7"));
  EXPECT_THAT(order.patterns, ElementsAre("/users/7/**", "/users"));
  EXPECT_EQ(order.mode, cache::PurgeMode::hard);
  EXPECT_EQ(order.size(), 3u);
  const auto soft = rules().order_for(parsed(R"({"type": "closed", "host": "a.example"})")).value().value();
  EXPECT_THAT(soft.urls, ElementsAre("https://a.example/"));
  EXPECT_THAT(soft.hosts, ElementsAre("a.example"));
  EXPECT_EQ(soft.mode, cache::PurgeMode::soft);
  EXPECT_FALSE(rules().order_for(parsed(R"({"type": "User.Updated", "id": 7})")).value());
}

TEST(EventRules, RefuseWhatIsNoEvent) {
  for (const auto* text : {"null", "7", "\"user.updated\"", "[]", "{}", R"({"type": null})", R"({"type": 7})",
                           R"({"type": ["user.updated"]})", R"({"Type": "user.updated", "id": 1})",
                           R"({"type": "user.updated"})", R"({"type": "user.updated", "id": {}})",
                           R"({"type": "user.updated", "ID": 7})"})
    EXPECT_FALSE(rules().order_for(parsed(text))) << text;
}

TEST(EventRules, TemplatesThatNeverFitAreRefusedAtOnce) {
  const EventSettings rows[] = {
      {.type = "t", .urls = {"/users/{id}"}},
      {.type = "t", .urls = {"ftp://h/{id}"}},
      {.type = "t", .urls = {"{id}"}},
      {.type = "t", .tags = {""}},
      {.type = "t", .tags = {"{}"}},
      {.type = "t", .prefixes = {"users/{id}"}},
      {.type = "t", .prefixes = {"/users/{id}*"}},
      {.type = "t", .prefixes = {"/users?id={id}"}},
      {.type = "t", .patterns = {"/users/{id"}},
      {.type = "t", .patterns = {"**"}},
      {.type = "t", .hosts = {"https://{host}"}},
      {.type = "t", .hosts = {"{host}/"}},
  };
  for (const auto& row : rows) {
    const auto made = EventRules::compile({&row, 1});
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().detail, HasSubstr("events.types.t."));
    EXPECT_THAT(made.error().detail, HasSubstr("[0]: "));
  }
}

}  // namespace
}  // namespace forebay::proxy
