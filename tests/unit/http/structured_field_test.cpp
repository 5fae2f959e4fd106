#include "forebay/http/structured_field.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <vector>

namespace forebay::http::sf {
namespace {

/// Writes parsed values with a letter for the type, so that rows show what was read and not only that it was.
struct Printer {
  std::string operator()(bool value) const { return value ? "?1" : "?0"; }
  std::string operator()(std::int64_t value) const { return "i" + std::to_string(value); }
  std::string operator()(const Decimal& value) const { return "d" + std::to_string(value.thousandths); }
  std::string operator()(const std::string& value) const { return "s<" + value + ">"; }
  std::string operator()(const Token& value) const { return "t<" + std::string(value.text) + ">"; }
  std::string operator()(const ByteSequence& value) const { return "b<" + std::string(value.base64) + ">"; }
  std::string operator()(std::chrono::sys_seconds value) const {
    return "@" + std::to_string(value.time_since_epoch().count());
  }
  std::string operator()(const DisplayString& value) const { return "u<" + value.utf8 + ">"; }
  std::string operator()(const Item& item) const {
    return std::visit(*this, item.value) + parameters(item.parameters);
  }
  std::string operator()(const InnerList& list) const {
    std::string out = "(";
    for (const auto& item : list.items) out += (out.size() > 1 ? " " : "") + (*this)(item);
    return out + ")" + parameters(list.parameters);
  }
  std::string parameters(const Parameters& given) const {
    std::string out;
    for (const auto& [key, value] : given) out += ";" + std::string(key) + "=" + std::visit(*this, value);
    return out;
  }
};

constexpr const char* kFailed = "failed";

std::string printed(const std::optional<List>& list) {
  if (!list) return kFailed;
  std::string out;
  for (const auto& member : *list) out += (out.empty() ? "" : ", ") + std::visit(Printer{}, member);
  return out;
}

std::string printed(const std::optional<Dictionary>& dictionary) {
  if (!dictionary) return kFailed;
  std::string out;
  for (const auto& [key, member] : *dictionary) {
    out += (out.empty() ? "" : ", ") + std::string(key) + "=" + std::visit(Printer{}, member);
  }
  return out;
}

struct Row {
  std::string_view value;
  std::string_view expected;
};

void check_lists(const std::vector<Row>& rows) {
  for (const auto& row : rows) EXPECT_EQ(printed(parse_list(row.value)), row.expected) << row.value;
}

void check_dictionaries(const std::vector<Row>& rows) {
  for (const auto& row : rows) EXPECT_EQ(printed(parse_dictionary(row.value)), row.expected) << row.value;
}

/// Each is no bare item: not alone, not as a member's value, a parameter's, or within an Inner List.
void check_bare_items_fail(const std::vector<std::string_view>& rows) {
  for (const auto row : rows) {
    const std::string text(row);
    const std::string forms[] = {text, "a;b=" + text, "(" + text + ")", "ok, " + text};
    for (const auto& form : forms) EXPECT_FALSE(parse_list(form)) << form;
    const auto value = "a=" + text;
    EXPECT_FALSE(parse_dictionary(value)) << value;
  }
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

TEST(StructuredField, ReadsIntegers) {
  check_lists({
      {"0", "i0"},
      {"42", "i42"},
      {"-42", "i-42"},
      {"-0", "i0"},
      {"0002", "i2"},
      {"-01", "i-1"},
      {"999999999999999", "i999999999999999"},
      {"-999999999999999", "i-999999999999999"},
      {"000000000000001", "i1"},
  });
  check_bare_items_fail({"-", "--1", "+1", "- 1", "-a", "1a", "1_000", "0x10", "1e3", "4-2",
                         "1000000000000000", "-1000000000000000", "0000000000000001",
                         "18446744073709551616"});
}

TEST(StructuredField, ReadsDecimals) {
  check_lists({
      {"1.5", "d1500"},
      {"-1.5", "d-1500"},
      {"1.05", "d1050"},
      {"1.005", "d1005"},
      {"0002.500", "d2500"},
      {"-0.0", "d0"},
      {"999999999999.999", "d999999999999999"},
      {"-999999999999.999", "d-999999999999999"},
  });
  check_bare_items_fail({"1.", "-1.", ".5", "-.5", "1.5.4", "1..4", "1. 5", "1.5a", "1.2345", "1.-5",
                         "1234567890123.1", "1234567890123.", "123456789012.1234", "1,5."});
}

TEST(StructuredField, ReadsStrings) {
  check_lists({
      {R"("")", "s<>"},
      {R"("hello world")", "s<hello world>"},
      {"\"a, b; c=(d)\"", "s<a, b; c=(d)>"},
      {R"("a\"b\\c")", R"(s<a"b\c>)"},
      {R"("\\")", R"(s<\>)"},
      {R"("'")", "s<'>"},
      {"\"~ !\"", "s<~ !>"},
  });
  check_bare_items_fail({R"(")", R"("a)", R"("a\")", R"("a\)", R"("\a")", R"("\ ")", R"("a"b)", R"('a')",
                         "\"\t\"", "\"\n\"", "\"\x7f\"", "\"\x80\"", "\"\xc3\xbc\"", "\"\\\x01\"",
                         std::string_view("\"\0\"", 3)});
}

TEST(StructuredField, ReadsTokens) {
  check_lists({
      {"a", "t<a>"},
      {"Foo123/456", "t<Foo123/456>"},
      {"*", "t<*>"},
      {"text/html:x", "t<text/html:x>"},
      {"a!#$%&'*+-.^_`|~:/0Z", "t<a!#$%&'*+-.^_`|~:/0Z>"},
  });
  check_bare_items_fail({"!a", "_a", "/a", "#a", "~", "a{", "a\"b\"", "a@", "a?", "a(b)", "a=b", "a[0]",
                         "a\\b", "\xc3\xbc", "a\xc3\xbc", "a\x7f", std::string_view("a\0", 2)});
}

TEST(StructuredField, ReadsByteSequencesWithoutDecoding) {
  check_lists({
      {"::", "b<>"},
      {":aGVsbG8=:", "b<aGVsbG8=>"},
      {":/+Ah:", "b</+Ah>"},
      {":YQ==:", "b<YQ==>"},
      // §4.2.7: missing padding and pad bits that are set are no reason to fail
      {":aGVsbG8:", "b<aGVsbG8>"},
      {":YQ=:", "b<YQ=>"},
      {":iZ==:", "b<iZ==>"},
  });
  check_bare_items_fail({":", ":a", ":aGVsbG8=", ":a:", ":aGVsb:", ":aGVsb G8=:", ":aGVsbG!8=:",
                         ":aGVsbG8=!:", ":_-Ah:", ":=:", ":====:", ":=aGVsbG8:", ":a=GVsbG8=:", ":YQ===:",
                         ":YWJj=:", ":YQ\n==:", ":YQ==::", ":YQ==:a", ":\xc3\xbc==:"});
}

TEST(StructuredField, ReadsBooleans) {
  check_lists({{"?1", "?1"}, {"?0", "?0"}});
  check_bare_items_fail({"?", "??1", "?2", "?T", "?true", "? 1", "?10", "?1?", "!1"});
}

TEST(StructuredField, ReadsDates) {
  check_lists({
      {"@0", "@0"},
      {"@1659578233", "@1659578233"},
      {"@-62135596800", "@-62135596800"},
      {"@253402214400", "@253402214400"},
      {"@-0", "@0"},
  });
  check_bare_items_fail({"@", "@-", "@ 1", "@a", "@@1", "@1.0", "@1659578233.25", "@1000000000000000", "@?1",
                         "@1-1", "@2024-01-01"});
}

TEST(StructuredField, ReadsDisplayStrings) {
  check_lists({
      {R"(%"")", "u<>"},
      {R"(%"foo bar")", "u<foo bar>"},
      {R"(%"f%c3%bc%c3%bc")", "u<f\xc3\xbc\xc3\xbc>"},
      {R"(%"foo %22bar%22 \ baz")", R"(u<foo "bar" \ baz>)"},
      {R"(%"%25")", "u<%>"},
      {R"(%"%09%7f")", "u<\t\x7f>"},
      {R"(%"%ef%bb%bf")", "u<\xef\xbb\xbf>"},
      {R"(%"%ed%9f%bf%ee%80%80")", "u<\xed\x9f\xbf\xee\x80\x80>"},
      {R"(%"%f4%8f%bf%bf")", "u<\xf4\x8f\xbf\xbf>"},
      {R"(%"%f0%90%80%80")", "u<\xf0\x90\x80\x80>"},
  });
  check_bare_items_fail({
      R"(%)",
      R"(%")",
      R"(%"a)",
      R"(%a)",
      R"(%a")",
      R"(%'a')",
      R"(% "a")",
      R"(%"a"b)",
      R"(%"%")",
      R"(%"%c")",
      R"(%"%c3%b")",
      R"(%"%C3%BC")",
      R"(%"%c3%bC")",
      R"(%"%g0")",
      R"(%"%")",
      R"(%"%%20")",
      R"(%"%0x")",
      R"(%"a\"b")",
      "%\"\t\"",
      "%\"\n\"",
      "%\"\x7f\"",
      "%\"\xc3\xbc\"",
      R"(%"%c3")",           // cut short
      R"(%"%c3%28")",        // followed by no continuation
      R"(%"%e2%28%a1")",     //
      R"(%"%f0%90%8c%28")",  //
      R"(%"%a0%a1")",        // a continuation first
      R"(%"%c0%80")",        // overlong
      R"(%"%c1%bf")",        //
      R"(%"%e0%9f%bf")",     //
      R"(%"%f0%8f%bf%bf")",  //
      R"(%"%ed%a0%80")",     // a surrogate
      R"(%"%f4%90%80%80")",  // above U+10FFFF
      R"(%"%f5%80%80%80")",  //
      R"(%"%ff")",
  });
}

TEST(StructuredField, ReadsLists) {
  check_lists({
      {"", ""},
      {"   ", ""},
      {"sugar, tea, rum", "t<sugar>, t<tea>, t<rum>"},
      {"1,2", "i1, i2"},
      {"1 \t,\t 2", "i1, i2"},
      {"  1  ", "i1"},
      {"1\t", "i1"},
      {"a, a", "t<a>, t<a>"},
  });
  for (const std::string_view malformed :
       {"\t",  "\t1", ",", ", ",  ",1",  "1,",  "1, ",   "1,\t",  "1,,2", "1, ,2", "1;",       "1; ",
        "1 2", "1;2", "=", "a=1", "1\n", "\n1", "1,\n2", "1\r\n", ";a",   "1;;a",  "\"a, \"b", "1, &&&&"}) {
    EXPECT_FALSE(parse_list(malformed)) << malformed;
  }
  EXPECT_FALSE(parse_list(std::string_view("1\0", 2)));
}

TEST(StructuredField, ReadsInnerLists) {
  check_lists({
      {"()", "()"},
      {"(   )", "()"},
      {"(1)", "(i1)"},
      {"( 1  2 )", "(i1 i2)"},
      {"(\"a\"\"b\")", kFailed},
      {R"(("foo" "bar"), ("baz"), ("bat" "one"), ())", "(s<foo> s<bar>), (s<baz>), (s<bat> s<one>), ()"},
      {R"(("foo"; a=1;b=2);lvl=5, ("bar" "baz");lvl=1)", "(s<foo>;a=i1;b=i2);lvl=i5, (s<bar> s<baz>);lvl=i1"},
      {"(a;x b;y);z", "(t<a>;x=?1 t<b>;y=?1);z=?1"},
  });
  for (const std::string_view malformed :
       {"(",      ")",      "(1",     "(1 ",  "1)",     "(1,2)",   "(1, 2)",   "(1\t2)", "(\t1)",
        "(1))",   "((1))",  "(()",    "(())", "(1(2))", "(1)(2)",  "(1) (2)",  "(1)a",   "(1;)",
        "(1;a=)", "(1 ;a)", "(1) ;a", "(1);", "(a=1)",  "a;b=(1)", "(1);a=(2)"}) {
    EXPECT_FALSE(parse_list(malformed)) << malformed;
  }
}

TEST(StructuredField, ReadsParameters) {
  check_lists({
      {"abc;a=1;b=2; cde_456, (ghi;jk=4 l);q=\"9\";r=w",
       "t<abc>;a=i1;b=i2;cde_456=?1, (t<ghi>;jk=i4 t<l>);q=s<9>;r=t<w>"},
      {"1;   a;b=?0", "i1;a=?1;b=?0"},
      {"1;a=?1;*=:YQ==:;_=1", kFailed},
      {"1;*=:YQ==:;a_-.*0=@1;b=%\"%25\"", "i1;*=b<YQ==>;a_-.*0=@1;b=u<%>"},
      {"1;a=1;b=2;a=3", "i1;a=i3;b=i2"},
      {"1;a=1;a", "i1;a=?1"},
  });
  for (const std::string_view malformed :
       {"1 ;a", "1\t;a", "1;\ta", "1;a =1", "1;a= 1",   "1;a=",        "1;A",
        "1;aB", "1;1",   "1;-a",  "1;_a",   "1;.a",     "1;=1",        "1;\"a\"",
        "1;a;", "1;a; ", "1;a b", "1;a==1", "1;a=1 ;b", "1;a\xc3\xbc", "1;a!"}) {
    EXPECT_FALSE(parse_list(malformed)) << malformed;
  }
}

TEST(StructuredField, ReadsDictionaries) {
  check_dictionaries({
      {"", ""},
      {"  ", ""},
      {R"(en="Applepie", da=:w4ZibGV0w6ZydGU=:)", "en=s<Applepie>, da=b<w4ZibGV0w6ZydGU=>"},
      {"a=?0, b, c; foo=bar", "a=?0, b=?1, c=?1;foo=t<bar>"},
      {"rating=1.5, feelings=(joy sadness)", "rating=d1500, feelings=(t<joy> t<sadness>)"},
      {"a=(1 2), b=3, c=4;aa=bb, d=(5 6);valid", "a=(i1 i2), b=i3, c=i4;aa=t<bb>, d=(i5 i6);valid=?1"},
      {"a=1 \t,\t b=2 ", "a=i1, b=i2"},
      {"*a_-.*0=1", "*a_-.*0=i1"},
      {"max-age=60", "max-age=i60"},
  });
  for (const std::string_view malformed :
       {"\t",    "\ta",       ",",          "a,",        "a, ",   "a,,b", ",a",     "a=",      "a=,b",
        "a =1",  "a= 1",      "a==1",       "=1",        "A",     "A=1",  "aB",     "a=1,B=2", "1",
        "1a",    "-a",        "_a",         ".a",        "\"a\"", "(a)",  "a b",    "a=1 b",   "a;",
        "a ;b",  "a=1;",      "a!=1",       "a=1,b!",    "a/b=1", "a:b",  "a=1\n",  "a=(1 2",  "a=(1",
        "a=1)",  "a=b=c",     "a=\"b",      "a=1; =2",   "a=&",   "@1",   "a, &&&", "?1",      "a=1;b=(1)",
        "a[]=1", "a\xc3\xbc", "\xc3\xbc=1", "a=1, a=x y"}) {
    EXPECT_FALSE(parse_dictionary(malformed)) << malformed;
  }
}

TEST(StructuredField, TheLastOfARepeatedKeyCountsInTheFirstsPlace) {
  check_dictionaries({
      {"a=1, b=2, a=3", "a=i3, b=i2"},
      {"a=1;x, b, a", "a=?1, b=?1"},
      {"a=(1 2), a=?0", "a=?0"},
      {"a, aa, a=1", "a=i1, aa=?1"},
      {"a=1, a=", kFailed},
  });
}

TEST(StructuredField, IsFoundByKeyAndByIndex) {
  const auto dictionary = parse_dictionary("a=1;p=x, b=(2 3), c");
  ASSERT_TRUE(dictionary);
  ASSERT_EQ(dictionary->size(), 3U);
  EXPECT_EQ((*dictionary)[1].key, "b");
  EXPECT_EQ(dictionary->find("A"), nullptr);
  EXPECT_EQ(dictionary->find(""), nullptr);
  ASSERT_NE(dictionary->find("a"), nullptr);
  const auto& item = std::get<Item>(*dictionary->find("a"));
  ASSERT_NE(item.parameters.find("p"), nullptr);
  EXPECT_EQ(*item.parameters.find("p"), BareItem{Token{"x"}});
  EXPECT_EQ(item.parameters.find("q"), nullptr);
}

TEST(StructuredField, AValueIsGivenByItsTypeOnly) {
  const auto dictionary = parse_dictionary("a=1;p, b=(1), c");
  ASSERT_TRUE(dictionary);
  const auto* integer = value_if<std::int64_t>(*dictionary->find("a"));
  ASSERT_NE(integer, nullptr);
  EXPECT_EQ(*integer, 1);
  EXPECT_EQ(value_if<bool>(*dictionary->find("a")), nullptr);
  EXPECT_EQ(value_if<Decimal>(*dictionary->find("a")), nullptr);
  EXPECT_EQ(value_if<std::int64_t>(*dictionary->find("b")), nullptr);
  ASSERT_NE(value_if<bool>(*dictionary->find("c")), nullptr);
  EXPECT_TRUE(*value_if<bool>(*dictionary->find("c")));
}

/// How many members a value has; nothing when it does not parse.
std::optional<std::size_t> list_size(const std::string& value) {
  const auto list = parse_list(value);
  return list ? std::optional(list->size()) : std::nullopt;
}
std::optional<std::size_t> dictionary_size(const std::string& value) {
  const auto dictionary = parse_dictionary(value);
  return dictionary ? std::optional(dictionary->size()) : std::nullopt;
}

/// k1, k2 and so on.
std::string numbered(std::string_view separator, std::size_t count) {
  std::string out = "k1";
  for (std::size_t i = 2; i <= count; ++i) out += std::string(separator) + "k" + std::to_string(i);
  return out;
}

TEST(StructuredField, HoldsWhatEveryParserMustAndNoMore) {
  EXPECT_EQ(list_size(numbered(",", kMaxMembers)), kMaxMembers);
  EXPECT_EQ(list_size(numbered(",", kMaxMembers + 1)), std::nullopt);
  EXPECT_EQ(dictionary_size(numbered(",", kMaxMembers)), kMaxMembers);
  EXPECT_EQ(dictionary_size(numbered(",", kMaxMembers + 1)), std::nullopt);
  EXPECT_EQ(list_size("(" + numbered(" ", kMaxInnerItems) + ")"), 1U);
  EXPECT_EQ(list_size("(" + numbered(" ", kMaxInnerItems + 1) + ")"), std::nullopt);
  EXPECT_EQ(list_size("1;" + numbered(";", kMaxParameters)), 1U);
  EXPECT_EQ(list_size("1;" + numbered(";", kMaxParameters + 1)), std::nullopt);
  EXPECT_EQ(list_size("();" + numbered(";", kMaxParameters + 1)), std::nullopt);
}

TEST(StructuredField, AKeyThatComesAgainIsNotOneMore) {
  EXPECT_EQ(dictionary_size("a" + repeated(",a", 2 * kMaxMembers)), 1U);
  EXPECT_EQ(list_size("1;a" + repeated(";a", 2 * kMaxParameters)), 1U);
}

TEST(StructuredField, HoldsLongValues) {
  for (const auto& value : {"\"" + repeated("x", 1024) + "\"", repeated("x", 512),
                            ":" + repeated("YWJj", 5462) + ":", "a;" + repeated("k", 64) + "=1"}) {
    EXPECT_TRUE(parse_list(value)) << value.size();
  }
}

template <class Text>
concept ParsesAsList = requires {
  parse_list(std::declval<Text>());
};

TEST(StructuredField, DoesNotTakeATemporaryString) {
  static_assert(ParsesAsList<const char*> && ParsesAsList<std::string_view> && ParsesAsList<std::string&>);
  static_assert(!ParsesAsList<std::string>);
}

}  // namespace
}  // namespace forebay::http::sf
