#include "config/document.hpp"

#include <gtest/gtest.h>

namespace forebay::config {
namespace {

Document parsed(std::string_view text) {
  auto result = parse_document(text);
  if (const auto* rejection = std::get_if<Rejection>(&result)) {
    ADD_FAILURE() << rejection->message;
    return {};
  }
  return std::get<Document>(std::move(result));
}

Rejection rejected(std::string_view text) {
  const auto result = parse_document(text);
  const auto* rejection = std::get_if<Rejection>(&result);
  EXPECT_NE(rejection, nullptr) << text.substr(0, 80);
  return rejection != nullptr ? *rejection : Rejection{};
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Document, KeepsKindsTextsAndPlaces) {
  const Document document = parsed("a: 1\nb:\n  - \"x y\"\n  - ~\n  - {}\n");
  const Node& root = *document.root.node;
  ASSERT_EQ(root.kind, Node::Kind::map);
  ASSERT_EQ(root.members.size(), 2U);
  EXPECT_EQ(root.members[0].key.node->text, "a");
  EXPECT_EQ(root.members[0].value.node->text, "1");
  EXPECT_EQ(root.members[0].value.place, (Place{1, 4}));
  EXPECT_EQ(root.members[1].key.place, (Place{2, 1}));
  const Node& list = *root.members[1].value.node;
  ASSERT_EQ(list.kind, Node::Kind::list);
  ASSERT_EQ(list.items.size(), 3U);
  EXPECT_EQ(list.items[0].node->text, "x y");
  EXPECT_EQ(list.items[0].place, (Place{3, 5}));
  EXPECT_EQ(list.items[1].node->kind, Node::Kind::nothing);
  EXPECT_EQ(list.items[2].node->kind, Node::Kind::map);
}

TEST(Document, KeepsRepeatedKeys) { EXPECT_EQ(parsed("a: 1\na: 2\n").root.node->members.size(), 2U); }

TEST(Document, OfNothing) {
  for (const char* text : {"", "\n", "# comment\n", "---\n", "~"}) {
    EXPECT_EQ(parsed(text).root.node->kind, Node::Kind::nothing) << text;
  }
}

TEST(Document, AnAliasHasItsOwnPlace) {
  const Document document = parsed("a: &x [1]\nb: *x\n");
  const auto& members = document.root.node->members;
  EXPECT_EQ(members[0].value.node, members[1].value.node);
  EXPECT_EQ(members[1].value.place, (Place{2, 4}));
}

TEST(Document, RefusesWhatIsNotYaml) {
  struct Row {
    std::string_view text;
    Place place;
    std::string_view message;
  };
  constexpr Row kRows[] = {
      {"a: [1, 2\n", {2, 1}, "not valid YAML: end of sequence flow not found"},
      {"a: {b: 1\n", {2, 1}, "not valid YAML: end of map flow not found"},
      {"a: ]\n", {1, 4}, "not valid YAML: illegal flow end"},
      {"a: \"x\n", {2, 2}, "not valid YAML: illegal EOF in scalar"},
      {"a: 'x", {2, 2}, "not valid YAML: illegal EOF in scalar"},
      {"a: 1\nb", {2, 1}, "not valid YAML: end of map not found"},
      {"a: b: c\n", {1, 5}, "not valid YAML: illegal map value"},
      {"a: @x\n", {1, 4}, "not valid YAML: unknown token"},
      {"a: *x\n", {1, 4}, "not valid YAML: the referenced anchor is not defined"},
      {"a: &x [*x]\n", {1, 8}, "an alias within its own anchor"},
      {"a: 1\n---\nb: 2\n", {2, 1}, "a second document; the file must hold one"},
      {"a: !include b\n", {1, 4}, "a tag of its own; only plain YAML is understood"},
  };
  for (const Row& row : kRows) {
    const Rejection rejection = rejected(row.text);
    EXPECT_EQ(rejection.message, row.message) << row.text;
    EXPECT_EQ(rejection.place.line, row.place.line) << row.text;
    EXPECT_EQ(rejection.place.column, row.place.column) << row.text;
  }
}

TEST(Document, AdvisesToQuoteVariables) {
  const std::string advice = "; within braces or brackets `${...}` needs quotes";
  EXPECT_EQ(rejected("a: 1\nb: { c: ${D} }\n").message, "not valid YAML: end of map flow not found" + advice);
  EXPECT_EQ(parsed("a: ${D:-x}\nb: { c: \"${D}\" }\n").root.node->members[0].value.node->text, "${D:-x}");
}

TEST(Document, MissingValueStandsAtItsKey) {
  EXPECT_EQ(parsed("a:\n\n\nb: 1\n").root.node->members[0].value.place, (Place{1, 1}));
}

TEST(Document, AcceptsTheTagsOfYaml) { EXPECT_EQ(parsed("!!str 5").root.node->text, "5"); }

TEST(Document, DepthIsBounded) {
  EXPECT_EQ(parsed(repeated("[", 32) + repeated("]", 32)).root.node->height, 32U + 0U);
  const std::string message = "nested too deeply; at most 32 levels are allowed";
  EXPECT_EQ(rejected(repeated("[", 33) + repeated("]", 33)).message, message);
  for (const char* level : {"[", "{a: ", "- ", "? ", ": "}) {
    EXPECT_EQ(rejected(repeated(level, 100'000)).message, message) << level;
  }
}

TEST(Document, DepthIsBoundedThroughAliases) {
  std::string text = "- &a0 [x]\n";
  for (int i = 1; i < 40; ++i) text += "- &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  EXPECT_EQ(rejected(text).message,
            "nested too deeply once aliases are followed; at most 32 levels are allowed");
}

TEST(Document, SizeIsBounded) {
  EXPECT_EQ(rejected(std::string(kMaxTextBytes + 1, '#')).message, "larger than 1MiB");
  EXPECT_EQ(rejected("[" + repeated("a,", 100'001) + "]").message,
            "too many values; at most 100000 are allowed");
}

TEST(Document, SizeIsBoundedThroughAliases) {
  std::string laughs = "- &a0 [lol]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string inner = "*a" + std::to_string(i - 1) + ",";
    laughs += "- &a" + std::to_string(i) + " [" + repeated(inner, 9) + "]\n";
  }
  const std::string message = "too many values once aliases are followed; at most 100000 are allowed";
  EXPECT_EQ(rejected(laughs).message, message);
  EXPECT_EQ(rejected("- &a " + std::string(500'000, 'x') + "\n" + repeated("- *a\n", 10)).message, message);
}

TEST(Document, GarbageIsRefusedOrText) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const char bytes[] = {static_cast<char>(first), static_cast<char>(second), ':', ' '};
      (void)parse_document({bytes, sizeof bytes});
    }
  }
}

}  // namespace
}  // namespace forebay::config
