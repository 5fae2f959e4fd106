#include "forebay/cache/classify.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "heads.hpp"

namespace forebay::cache {
namespace {

using http::ForwardReason;

PassReason passed(const http::RequestHead& head, bool has_body = false, const Policy& policy = {}) {
  const auto found = classify(head, "/", "", has_body, policy);
  EXPECT_NE(found.kind, Classified::refuse);
  EXPECT_EQ(found.kind == Classified::lookup, found.reason == PassReason::none);
  return found.reason;
}

TEST(Classify, LooksUpGetAndHead) {
  EXPECT_EQ(passed(get()), PassReason::none);
  EXPECT_EQ(passed(request("HEAD", "/", {})), PassReason::none);
  EXPECT_EQ(passed(get({{"Range", "bytes=0-1"}, {"If-Range", "\"a\""}})), PassReason::none);
  EXPECT_EQ(passed(get({{"Authorization", "x"}, {"Cookie", "a=1"}, {"If-None-Match", "\"a\""}})),
            PassReason::none);
}

TEST(Classify, PassesOtherMethods) {
  for (const std::string_view method :
       {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY", "BREW", "get"}) {
    EXPECT_EQ(passed(request(method, "/", {})), PassReason::method) << method;
  }
}

TEST(Classify, PassesContent) {
  EXPECT_EQ(passed(get(), true), PassReason::request_body);
  EXPECT_EQ(passed(request("POST", "/", {}), true), PassReason::method);
}

TEST(Classify, PassesUpgrades) {
  EXPECT_EQ(passed(get({{"Connection", "keep-alive, Upgrade"}, {"Upgrade", "websocket"}})),
            PassReason::upgrade);
  EXPECT_EQ(passed(get({{"Connection", "upgrade"}, {"Upgrade", "h2c, websocket"}})), PassReason::upgrade);
  EXPECT_EQ(passed(request("POST", "/", {{"Connection", "upgrade"}, {"Upgrade", "x"}})), PassReason::upgrade);
  Policy policy;
  policy.enabled = false;
  EXPECT_EQ(passed(get({{"Connection", "upgrade"}, {"Upgrade", "websocket"}}), false, policy),
            PassReason::upgrade);
}

TEST(Classify, IgnoresUpgradesThatAreNone) {
  EXPECT_EQ(passed(get({{"Upgrade", "websocket"}})), PassReason::none);
  EXPECT_EQ(passed(get({{"Connection", "upgrade"}})), PassReason::none);
  EXPECT_EQ(passed(get({{"Connection", "upgrade"}, {"Upgrade", ""}})), PassReason::none);
  EXPECT_EQ(passed(get({{"Connection", "Upgrade, HTTP2-Settings"}, {"Upgrade", "h2c"}})), PassReason::none);
  auto old = get({{"Connection", "upgrade"}, {"Upgrade", "websocket"}});
  old.minor_version = 0;
  EXPECT_EQ(passed(old), PassReason::none);
}

TEST(Classify, PassesWhereTheRouteDoesNotCache) {
  Policy policy;
  policy.enabled = false;
  EXPECT_EQ(passed(get(), false, policy), PassReason::disabled);
  EXPECT_EQ(passed(request("POST", "/", {}), true, policy), PassReason::disabled);
}

TEST(Classify, RefusesWhatMustNotGoOn) {
  Policy disabled;
  disabled.enabled = false;
  for (const auto& policy : {Policy{}, disabled}) {
    for (const auto& [method, status] : {std::pair{"TRACE", 405}, {"CONNECT", 501}, {"PURGE", 405}}) {
      const auto found = classify(request(method, "/", {}), "/", "", false, policy);
      EXPECT_EQ(found.kind, Classified::refuse) << method;
      EXPECT_EQ(found.refuse_status, status) << method;
    }
  }
}

TEST(PassReason, HasANameAndATokenPerValue) {
  std::set<std::string_view> names;
  constexpr int count = static_cast<int>(PassReason::turns_used_up) + 1;
  for (int value = 0; value < count; ++value) names.insert(name(static_cast<PassReason>(value)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(count));
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(forward_reason(PassReason::method), ForwardReason::method);
  EXPECT_EQ(forward_reason(PassReason::disabled), ForwardReason::bypass);
  EXPECT_EQ(forward_reason(PassReason::range), ForwardReason::miss);
}

TEST(Classify, PassesWhatTheRoutesBypassNames) {
  Policy policy;
  policy.bypass.headers = {"X-Preview", "x-debug-*"};
  policy.bypass.cookies = {"session", "wp_*"};
  policy.bypass.query = {"nocache", "preview_*"};
  const auto reason = [&](const Lines& lines, std::string_view query = "") {
    return classify(get(lines), "/", query, false, policy).reason;
  };
  EXPECT_EQ(reason({}), PassReason::none);
  EXPECT_EQ(reason({{"x-preview", ""}}), PassReason::bypass_rule);
  EXPECT_EQ(reason({{"X-Debug-Level", "1"}}), PassReason::bypass_rule);
  EXPECT_EQ(reason({{"X-Previews", "1"}}), PassReason::none);
  EXPECT_EQ(reason({{"Cookie", "a=1; session=2"}}), PassReason::bypass_rule);
  EXPECT_EQ(reason({{"Cookie", "a=1"}, {"Cookie", "wp_logged_in"}}), PassReason::bypass_rule);
  EXPECT_EQ(reason({{"Cookie", "Session=2; xsession=1; a=session"}}), PassReason::none);
  EXPECT_EQ(reason({}, "a=1&nocache"), PassReason::bypass_rule);
  EXPECT_EQ(reason({}, "preview_id=3"), PassReason::bypass_rule);
  EXPECT_EQ(reason({}, "a=nocache&&Nocache=1"), PassReason::none);
  EXPECT_EQ(forward_reason(PassReason::bypass_rule), ForwardReason::bypass);
}

TEST(Classify, PassesPathsThatTwoPartiesMayReadDifferently) {
  Policy policy;
  EXPECT_EQ(classify(get(), "/a/../b", "", false, policy).reason, PassReason::ambiguous_path);
  EXPECT_EQ(classify(get(), "/a", "b=/../", false, policy).reason, PassReason::none);
  EXPECT_EQ(forward_reason(PassReason::ambiguous_path), ForwardReason::bypass);
  policy.caches_ambiguous_paths = true;
  EXPECT_EQ(classify(get(), "/a/../b", "", false, policy).reason, PassReason::none);
}

TEST(Classify, NamesWhatBypasses) {
  const BypassPolicy policy{.headers = {"X-A", "X-B*"}, .cookies = {"id", "s*"}, .query = {"no*"}};
  const auto bypass = [&](const Lines& lines, std::string_view query = "") {
    const auto found = find_bypass(get(lines), query, policy);
    return found ? std::string(found->list) + ": " + std::string(found->pattern) : std::string();
  };
  EXPECT_EQ(bypass({{"x-bc", ""}}), "headers: X-B*");
  EXPECT_EQ(bypass({{"Cookie", "a=1; session=2"}}), "cookies: s*");
  EXPECT_EQ(bypass({{"Cookie", "ID=1"}}, "a=1&nocache"), "query: no*");
  EXPECT_EQ(bypass({{"Cookie", "id=1"}, {"X-A", "1"}}, "no"), "headers: X-A") << "the first list counts";
  EXPECT_EQ(bypass({{"X-C", ""}, {"Cookie", "a=1"}}, "yes"), "");
  EXPECT_FALSE(find_bypass(get({{"X-A", "1"}}), "no", {}));
}

TEST(Classify, LooksUpQueriesWhereTheRouteSaysSo) {
  Policy policy;
  policy.query_method.enabled = true;
  for (const bool has_body : {false, true})
    EXPECT_EQ(passed(request("QUERY", "/", {}), has_body, policy), PassReason::none);
  EXPECT_EQ(passed(get(), true, policy), PassReason::request_body);
  for (const std::string_view method : {"POST", "query", "QUERYX"})
    EXPECT_EQ(passed(request(method, "/", {}), false, policy), PassReason::method) << method;
  policy.enabled = false;
  EXPECT_EQ(passed(request("QUERY", "/", {}), true, policy), PassReason::disabled);
}

}  // namespace
}  // namespace forebay::cache
