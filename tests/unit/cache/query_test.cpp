#include "forebay/cache/query.hpp"

#include <gtest/gtest.h>

namespace forebay::cache {
namespace {

std::string normalised(std::string_view query, const QueryPolicy& policy) {
  QueryScratch scratch;
  return std::string(normalise_query(scratch, query, policy));
}

TEST(Query, IsSortedByNameOnRequest) {
  const QueryPolicy policy{.sort = true};
  struct Row {
    std::string_view query;
    std::string_view sorted;
  };
  constexpr Row kRows[] = {
      {"", ""},
      {"b=1&a=2", "a=2&b=1"},
      {"a=2&a=1", "a=2&a=1"},  // the order of one name may mean something
      {"b=1&a=2&b=0&a=1", "a=2&a=1&b=1&b=0"},
      {"b&a", "a&b"},
      {"b=&a=", "a=&b="},
      {"&&a=1&&", "a=1"},
      {"=1&a", "=1&a"},
      {"a%3D1&a=1", "a=1&a%3D1"},
      {"A=1&a=1", "A=1&a=1"},
      {"a[]=2&a[]=1", "a[]=2&a[]=1"},
      {"a;b=1", "a;b=1"},
      {"ab=1&a=1", "a=1&ab=1"},
  };
  for (const auto& row : kRows) EXPECT_EQ(normalised(row.query, policy), row.sorted) << row.query;
}

// Nothing is malformed here: a query is any text, and whatever counts stays byte for byte.
TEST(Query, TakesAnyText) {
  const QueryPolicy policy{.sort = true, .deny = {"x", "y*"}, .drop_tracking = true};
  struct Row {
    std::string_view query;
    std::string_view normalised;
  };
  constexpr Row kRows[] = {
      {"&", ""},
      {"&&&&", ""},
      {"=", "="},
      {"==", "=="},
      {"=&=", "=&="},
      {"&=&", "="},
      {"=x", "=x"},
      {"x", ""},
      {"x=", ""},
      {"x==1", ""},
      {"x&x=1&xx=1", "xx=1"},
      {"y&ya=1&Y=2", "Y=2"},
      {"a=1&x=2&", "a=1"},
      {"?a=1", "?a=1"},
      {"a=1?x=2", "a=1?x=2"},
      {"a=1;x=2", "a=1;x=2"},
      {"a=1&amp;x=2", "a=1&amp;x=2"},
      {"a=%26x=1", "a=%26x=1"},
      {"%78=1", "%78=1"},
      {"a=%", "a=%"},
      {"a=%zz&%=1", "%=1&a=%zz"},
      {"+=1&a+b=2", "+=1&a+b=2"},
      {"a=/../b&b=//", "a=/../b&b=//"},
      {"[]=1&[0]=2", "[0]=2&[]=1"},
      {"a[x]=1&a[]=2", "a[]=2&a[x]=1"},
      {"{\"x\":1}", "{\"x\":1}"},
      {"a=\"x&y=1\"", "a=\"x"},
      {"*=1&**=2", "*=1&**=2"},
      {"utm_=1&utm=2&gclid", "utm=2"},
      {"\xff=1&\xc3\xa4=2", "\xc3\xa4=2&\xff=1"},
      {"b=2&\x7f=1&a", "a&b=2&\x7f=1"},
      {"http://x/?x=1&a", "a&http://x/?x=1"},
      {"B&b&A&a", "A&B&a&b"},
      {"aa&a&a=&a=1&aa=", "a&a=&a=1&aa&aa="},
  };
  for (const auto& row : kRows) EXPECT_EQ(normalised(row.query, policy), row.normalised) << row.query;
}

TEST(Query, KeepsWhatIsAllowedAndNotDenied) {
  EXPECT_EQ(normalised("page=1&x=2&sort=up", {.allow = std::vector<std::string>{"page", "so*"}}),
            "page=1&sort=up");
  EXPECT_EQ(normalised("page=1&session=2", {.deny = {"session"}}), "page=1");
  EXPECT_EQ(normalised("page=1&pages=2", {.allow = std::vector<std::string>{"page*"}, .deny = {"pages"}}),
            "page=1");
  EXPECT_EQ(normalised("x=1", {.allow = std::vector<std::string>{"page"}}), "");
  EXPECT_EQ(normalised("a=1&b", {.allow = std::vector<std::string>{}}), "") << "none is allowed";
  EXPECT_EQ(normalised("%70age=1", {.deny = {"page"}}), "%70age=1") << "names are compared byte for byte";
}

TEST(Query, DropsTrackingOnRequest) {
  EXPECT_EQ(normalised("a=1&utm_source=x&gclid=2&fbclid=3&b=4&UTM_source=5", {.drop_tracking = true}),
            "a=1&b=4&UTM_source=5");
}

TEST(Query, ReusesItsScratch) {
  QueryScratch scratch;
  const QueryPolicy policy{.sort = true};
  EXPECT_EQ(normalise_query(scratch, "b=1&a=1", policy), "a=1&b=1");
  EXPECT_EQ(normalise_query(scratch, "c", policy), "c");
}

TEST(Query, APolicyMayChangeNothing) {
  EXPECT_TRUE(QueryPolicy{}.changes_nothing());
  EXPECT_FALSE(QueryPolicy{.sort = true}.changes_nothing());
  EXPECT_FALSE(QueryPolicy{.allow = std::vector<std::string>{"a"}}.changes_nothing());
  EXPECT_FALSE(QueryPolicy{.deny = {"a"}}.changes_nothing());
  EXPECT_FALSE(QueryPolicy{.drop_tracking = true}.changes_nothing());
}

}  // namespace
}  // namespace forebay::cache
