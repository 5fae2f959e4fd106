#include "forebay/http/field_id.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "forebay/base/strings.hpp"

namespace forebay::http {
namespace {

TEST(FieldId, EveryNameIsFoundInAnyCase) {
  for (unsigned i = 1; i < kFieldIds; ++i) {
    const auto id = static_cast<FieldId>(i);
    const std::string spelled(name(id));
    ASSERT_TRUE(is_token(spelled)) << i;
    EXPECT_EQ(field_id(spelled), id) << spelled;
    EXPECT_EQ(field_id(lower(spelled)), id) << spelled;
    auto mixed = lower(spelled);
    for (std::size_t at = 0; at < mixed.size(); at += 2) {
      if (is_alpha(mixed[at])) mixed[at] = static_cast<char>(mixed[at] - 'a' + 'A');
    }
    EXPECT_EQ(field_id(mixed), id) << mixed;
  }
}

TEST(FieldId, NamesStandWhereTheEnumerationSays) {
  EXPECT_EQ(name(FieldId::other), "");
  EXPECT_EQ(name(FieldId::accept), "Accept");
  EXPECT_EQ(name(FieldId::cache_control), "Cache-Control");
  EXPECT_EQ(name(FieldId::etag), "ETag");
  EXPECT_EQ(name(FieldId::te), "TE");
  EXPECT_EQ(name(FieldId::if_modified_since), "If-Modified-Since");
  EXPECT_EQ(name(FieldId::proxy_authentication_info), "Proxy-Authentication-Info");
  EXPECT_EQ(name(FieldId::x_forwarded_proto), "X-Forwarded-Proto");
  for (unsigned i = 1; i < kFieldIds; ++i) {  // the enumerator is the name in lower case
    EXPECT_FALSE(name(static_cast<FieldId>(i)).empty()) << i;
  }
}

TEST(FieldId, AnyOtherNameIsOther) {
  for (const char* unknown : {"", "a", "X", "X-Custom", "Cache_Control", "Cache-Control ", " Cache-Control",
                              "CacheControl", "Cache-Contro", "Cache-Controll", "Hos", "Hosts", "Ages",
                              "sec-fetch-mode", "priority", "x-forwarded-port", "H\xf6st"}) {
    EXPECT_EQ(field_id(unknown), FieldId::other) << unknown;
  }
}

TEST(FieldId, ANameWithOneByteChangedIsOther) {
  for (unsigned i = 1; i < kFieldIds; ++i) {
    std::string spelled(name(static_cast<FieldId>(i)));
    for (auto& c : spelled) {
      const char kept = std::exchange(c, static_cast<char>(c ^ 0x40));
      EXPECT_EQ(field_id(spelled), FieldId::other) << spelled;
      c = kept;
    }
  }
}

TEST(FieldSet, HoldsWhatWasInserted) {
  FieldSet set{FieldId::host, FieldId::x_forwarded_proto};
  EXPECT_TRUE(set.contains(FieldId::host));
  EXPECT_TRUE(set.contains(FieldId::x_forwarded_proto));
  EXPECT_FALSE(set.contains(FieldId::range));
  set.insert(FieldId::range);
  EXPECT_TRUE(set.contains(FieldId::range));
  EXPECT_TRUE(set.intersects({FieldId::age, FieldId::range}));
  EXPECT_FALSE(set.intersects({FieldId::age, FieldId::vary}));
  set.clear();
  EXPECT_FALSE(set.contains(FieldId::host));
}

}  // namespace
}  // namespace forebay::http
