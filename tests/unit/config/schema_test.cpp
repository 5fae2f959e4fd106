#include "forebay/config/schema.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "config/option_table.hpp"
#include "generated.hpp"

namespace forebay::config {
namespace {

namespace json = boost::json;

TEST(Schema, FileIsUpToDate) { expect_up_to_date("config/forebay.schema.json", json_schema()); }

TEST(Schema, IsJsonWithTheOptionsInOrder) {
  const json::value schema = json::parse(json_schema());
  EXPECT_EQ(schema.at("additionalProperties"), json::value(false));
  const json::object& properties = schema.at("properties").as_object();
  std::string names;
  for (const auto& [name, property] : properties) names += std::string(name) + " ";
  EXPECT_EQ(names,
            "listen admin workers drain_timeout limits timeouts trusted_proxies log upstreams cache "
            "partition_key partition_key_file purge events routes ");
}

TEST(Schema, EveryOptionHasADescription) {
  const std::string schema = json_schema();
  for (const Option& option : option_table()) {
    EXPECT_NE(schema.find(std::string("\"description\": \"") + std::string(option.facts.help)), schema.npos)
        << option.path;
  }
}

TEST(Schema, KindsBecomeTypes) {
  const json::value schema = json::parse(json_schema());
  const auto at = [&](const char* pointer) { return schema.at_pointer(pointer); };
  EXPECT_EQ(at("/properties/workers/anyOf/0/maximum"), json::value(1024));
  EXPECT_EQ(at("/properties/workers/anyOf/1/const"), json::value("auto"));
  EXPECT_EQ(at("/properties/drain_timeout/$ref"), json::value("#/$defs/duration"));
  EXPECT_EQ(at("/properties/drain_timeout/default"), json::value("30s"));
  EXPECT_EQ(at("/properties/limits/properties/request_fields/default"), json::value(100));
  EXPECT_EQ(at("/properties/log/properties/access/anyOf/0/enum/1"), json::value("combined"));
  EXPECT_EQ(at("/properties/listen/items/anyOf/0/type"), json::value("string"));
  EXPECT_EQ(at("/properties/upstreams/additionalProperties/required/0"), json::value("servers"));
  EXPECT_EQ(at("/properties/upstreams/additionalProperties/properties/tls/properties/verify/default"),
            json::value(true));
  EXPECT_EQ(at("/properties/routes/items/properties/match/properties/hosts/default/0"), json::value("*"));
  EXPECT_EQ(at("/required/0"), json::value("upstreams"));
}

}  // namespace
}  // namespace forebay::config
