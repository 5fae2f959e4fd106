#include "forebay/flight/search_rule_memo.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace forebay::flight {
namespace {

cache::SearchRule rule(const std::string& name) {
  return *cache::SearchRule::parse("params=(\"" + name + "\")");
}

struct SearchRuleMemoTest : ::testing::Test {
  std::string known(const std::string& path) const {
    const auto found = memo->find(digest(path));
    return found ? found->text() : "";
  }

  std::unique_ptr<SearchRuleMemo> memo = std::make_unique<SearchRuleMemo>();
};

TEST_F(SearchRuleMemoTest, RemembersTheLastRuleOfAPath) {
  EXPECT_EQ(known("/a"), "");
  memo->remember(digest("/a"), rule("x"));
  memo->remember(digest("/b"), rule("y"));
  EXPECT_EQ(known("/a"), "params=(\"x\")");
  EXPECT_EQ(known("/b"), "params=(\"y\")");
  memo->remember(digest("/a"), rule("z"));
  EXPECT_EQ(known("/a"), "params=(\"z\")");
}

TEST_F(SearchRuleMemoTest, PathsShareARule) {
  memo->remember(digest("/a"), rule("x"));
  memo->remember(digest("/b"), rule("x"));
  EXPECT_EQ(memo->find(digest("/a")), memo->find(digest("/b")));
}

TEST_F(SearchRuleMemoTest, Forgets) {
  memo->forget(digest("/a"));
  memo->remember(digest("/a"), rule("x"));
  memo->forget(digest("/b"));
  EXPECT_EQ(known("/a"), "params=(\"x\")");
  memo->forget(digest("/a"));
  EXPECT_EQ(known("/a"), "");
}

TEST_F(SearchRuleMemoTest, KnowsNothingAtFirst) {
  EXPECT_EQ(memo->find({}), nullptr);
  memo->remember(digest("/a"), rule("x"));
  EXPECT_EQ(memo->find({}), nullptr);
}

TEST_F(SearchRuleMemoTest, IsBoundedInRules) {
  constexpr std::size_t kPaths = 4 * SearchRuleMemo::kRules;
  for (std::size_t i = 0; i < kPaths; ++i)
    memo->remember(digest("/" + std::to_string(i)), rule(std::to_string(i)));
  std::size_t known_rules = 0;
  for (std::size_t i = 0; i < kPaths; ++i) {
    const auto text = known("/" + std::to_string(i));
    if (text.empty()) continue;
    ++known_rules;
    EXPECT_EQ(text, rule(std::to_string(i)).text()) << "never another path's";
  }
  EXPECT_LE(known_rules, SearchRuleMemo::kRules);
  EXPECT_GT(known_rules, SearchRuleMemo::kRules / 2);
}

TEST_F(SearchRuleMemoTest, IsUsedOnceSomebodyHasSaidSo) {
  EXPECT_FALSE(memo->is_used());
  memo->say_used();
  EXPECT_TRUE(memo->is_used());
}

}  // namespace
}  // namespace forebay::flight
