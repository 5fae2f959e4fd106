#include "forebay/http/content_coding.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace forebay::http {

void PrintTo(Coding coding, std::ostream* os) { *os << token(coding); }
void PrintTo(CodingSet set, std::ostream* os) {
  for (unsigned i = 0; i < kCodings; ++i) {
    if (set.contains(static_cast<Coding>(i))) *os << token(static_cast<Coding>(i)) << ' ';
  }
}

namespace {

using enum Coding;

constexpr auto kAll = CodingSet::all();
/// All there are, the one that a test expects among equals first.
constexpr Coding kOffered[] = {br, zstd, gzip};

Fields accepting(std::initializer_list<std::string_view> lines) {
  Fields fields;
  for (const auto line : lines) fields.add(FieldId::accept_encoding, "Accept-Encoding", line);
  return fields;
}

struct Row {
  std::string_view value;
  CodingSet acceptable;
  Coding best;  // when all are available
};

void check(const Row& row) {
  const auto request = accepting({row.value});
  EXPECT_EQ(acceptable_codings(request), row.acceptable) << row.value;
  EXPECT_EQ(best_coding(request, kOffered), row.best) << row.value;
}

TEST(Coding, NamesAreReadBack) {
  for (unsigned i = 0; i < kCodings; ++i) {
    EXPECT_EQ(parse_coding(token(static_cast<Coding>(i))), static_cast<Coding>(i));
  }
}

TEST(Coding, NamesIgnoreCaseAndOldPrefix) {
  for (const std::string_view text : {"gzip", "GZIP", "gZiP", "x-gzip", "X-GZip"}) {
    EXPECT_EQ(parse_coding(text), gzip) << text;
  }
  EXPECT_EQ(parse_coding("BR"), br);
  EXPECT_EQ(parse_coding("Zstd"), zstd);
  EXPECT_EQ(parse_coding("IDENTITY"), identity);
}

TEST(Coding, OtherNamesAreNothing) {
  for (const std::string_view text :
       {"",      " ",     "*",         "gz",       "gzip ",    " gzip",      "gzipp",
        "g\0ip", "x-br",  "x-zstd",    "x-x-gzip", "x-",       "brotli",     "b",
        "br\t",  "zst",   "zstandard", "deflate",  "compress", "x-compress", "dcb",
        "dcz",   "ident", "\"gzip\"",  "gzip;q=1", "gzip,br",  "gz\xc4\xb0p"}) {
    EXPECT_FALSE(parse_coding(text)) << text;
  }
}

TEST(CodingSet, HoldsWhatWasInserted) {
  CodingSet set;
  EXPECT_TRUE(set.empty());
  set.insert(br);
  set.insert(br);
  EXPECT_EQ(set, CodingSet{br});
  EXPECT_TRUE(set.contains(br));
  EXPECT_FALSE(set.contains(gzip));
  EXPECT_EQ(kAll, (CodingSet{zstd, br, gzip, identity}));
}

TEST(AcceptEncoding, AbsentFieldAcceptsAllButGetsIdentity) {
  EXPECT_EQ(acceptable_codings({}), kAll);
  EXPECT_EQ(best_coding({}, kOffered), identity);
}

TEST(AcceptEncoding, ExamplesOfTheRfc) {
  constexpr Row kRows[] = {
      {"compress, gzip", {identity, gzip}, gzip},
      {"", {identity}, identity},
      {"*", kAll, br},
      {"compress;q=0.5, gzip;q=1.0", {identity, gzip}, gzip},
      {"gzip;q=1.0, identity; q=0.5, *;q=0", {identity, gzip}, gzip},
  };
  for (const auto& row : kRows) check(row);
}

TEST(AcceptEncoding, WhatBrowsersAndToolsSend) {
  constexpr Row kRows[] = {
      {"gzip, deflate, br, zstd", kAll, br},
      {"gzip, deflate, br", {identity, gzip, br}, br},
      {"gzip, deflate", {identity, gzip}, gzip},
      {"deflate, gzip;q=1.0, *;q=0.5", kAll, gzip},
      {"identity;q=1, *;q=0", {identity}, identity},
      {"identity", {identity}, identity},
      {"gzip;q=1.0,deflate;q=0.6,identity;q=0.3", {identity, gzip}, gzip},
      {"br;q=1.0, gzip;q=0.8, *;q=0.1", kAll, br},
      {"gzip, compress, deflate, br, zstd, dcb, dcz", kAll, br},
  };
  for (const auto& row : kRows) check(row);
}

TEST(AcceptEncoding, WeightsDecide) {
  constexpr Row kRows[] = {
      {"gzip;q=0.9, br;q=0.8", {identity, gzip, br}, gzip},
      {"gzip;q=0.501, br;q=0.5", {identity, gzip, br}, gzip},
      {"zstd;q=0.3, gzip;q=0.2", {identity, gzip, zstd}, zstd},
      {"gzip;q=0.5, br;q=0.5, zstd;q=0.5", kAll, br},
      {"zstd, gzip", {identity, gzip, zstd}, zstd},
      {"gzip;q=0.001", {identity, gzip}, gzip},
      {"gzip;q=0", {identity}, identity},
      {"gzip;q=0.000", {identity}, identity},
      {"gzip;q=0, br", {identity, br}, br},
      {"identity, gzip;q=0.5", {identity, gzip}, identity},
      {"identity;q=0.5, gzip;q=0.5", {identity, gzip}, gzip},
      {"identity;q=0.6, gzip;q=0.5", {identity, gzip}, identity},
  };
  for (const auto& row : kRows) check(row);
}

TEST(AcceptEncoding, AsteriskStandsForTheUnlisted) {
  constexpr Row kRows[] = {
      {"*;q=0.5", kAll, br},
      {"gzip, *;q=0.5", kAll, gzip},
      {"*;q=0.5, gzip", kAll, gzip},
      {"br;q=0, *", {identity, gzip, zstd}, zstd},
      {"br;q=0, zstd;q=0, *;q=0.1", {identity, gzip}, gzip},
      {"br;q=0, zstd;q=0, gzip;q=0, *;q=0.1", {identity}, identity},
      {"gzip;q=0.5, *", kAll, br},
      {"identity, *;q=0.5", kAll, identity},
      {"gzip, *;q=0", {gzip}, gzip},
      {"*, gzip;q=0", {identity, br, zstd}, br},
  };
  for (const auto& row : kRows) check(row);
}

TEST(AcceptEncoding, IdentityCanBeRefused) {
  constexpr Row kRows[] = {
      {"identity;q=0", {}, identity},
      {"*;q=0", {}, identity},
      {"*;q=0, identity;q=0", {}, identity},
      {"identity;q=0, *", {gzip, br, zstd}, br},
      {"identity;q=0, gzip;q=0.1", {gzip}, gzip},
      {"gzip;q=0, identity;q=0", {}, identity},
      {"deflate, *;q=0", {}, identity},
      {"*;q=0, identity;q=0.1", {identity}, identity},
      {"identity, *;q=0", {identity}, identity},
  };
  for (const auto& row : kRows) check(row);
}

// A malformed member is as good as none; the rest of the list counts.
TEST(AcceptEncoding, OddAndMalformedMembers) {
  constexpr Row kRows[] = {
      {" ", {identity}, identity},
      {",", {identity}, identity},
      {", ,\t,", {identity}, identity},
      {",gzip", {identity, gzip}, gzip},
      {"gzip,,", {identity, gzip}, gzip},
      {"gzip , br", {identity, gzip, br}, br},
      {"gzip,br", {identity, gzip, br}, br},
      {"\tgzip\t;\tq=0.5\t", {identity, gzip}, gzip},
      {"GZIP;Q=0.5, BR;q=0.4", {identity, gzip, br}, gzip},
      {"x-gzip", {identity, gzip}, gzip},
      {"X-GZIP;q=0", {identity}, identity},
      {";", {identity}, identity},
      {";q=1", {identity}, identity},
      {";q=0, gzip", {identity, gzip}, gzip},
      {"gzip;q=", {identity}, identity},
      {"gzip;q=2", {identity}, identity},
      {"gzip;q=1.1", {identity}, identity},
      {"gzip;q=-1", {identity}, identity},
      {"gzip;q=.5", {identity}, identity},
      {"gzip;q=0.5555", {identity}, identity},
      {"gzip;q=a, br", {identity, br}, br},
      {"gzip;q=\"1\"", {identity}, identity},
      {"gzip;q=1.000", {identity, gzip}, gzip},
      {"gzip;q=1.", {identity, gzip}, gzip},
      {"gzip;q=0.", {identity}, identity},
      {"gzip;", {identity, gzip}, gzip},
      {"gzip;;q=0", {identity}, identity},
      {"gzip;level=9", {identity, gzip}, gzip},
      {"gzip;level=9;q=0", {identity}, identity},
      {"gzip;level=\"a,br\", zstd;q=0.1", {identity, gzip, zstd}, gzip},
      {"\"gzip\"", {identity}, identity},
      {"\"gzip, br", {identity}, identity},
      {"gzip, \"br, zstd", {identity, gzip}, gzip},
      {"gzip br", {identity}, identity},
      {"gzip/1, br/1", {identity}, identity},
      {"gzip=1", {identity}, identity},
      {"brotli, zstandard", {identity}, identity},
      {"**", {identity}, identity},
      {"*/*", {identity}, identity},
      {"*;q=2", {identity}, identity},
      {"*;q=x, gzip;q=0.1", {identity, gzip}, gzip},
      {"identity;q=x, gzip;q=0.1", {identity, gzip}, gzip},
      {"identity;q=x, *;q=0", {}, identity},
      {"none", {identity}, identity},
      {"q=0", {identity}, identity},
      {"gzip\xc3\xa4, br", {identity, br}, br},
      {"gzip;q=1;q=0", {identity}, identity},
  };
  for (const auto& row : kRows) check(row);
}

TEST(AcceptEncoding, LowestWeightOfRepeatedMembersCounts) {
  constexpr Row kRows[] = {
      {"gzip;q=0, gzip", {identity}, identity},
      {"gzip, gzip;q=0", {identity}, identity},
      {"gzip, x-gzip;q=0", {identity}, identity},
      {"gzip, gzip;q=0.4, br;q=0.5", {identity, gzip, br}, br},
      {"*, *;q=0", {}, identity},
      {"identity, identity;q=0", {}, identity},
  };
  for (const auto& row : kRows) check(row);
}

TEST(AcceptEncoding, LinesAreOneList) {
  const struct {
    Fields request;
    CodingSet acceptable;
    Coding best;
  } rows[] = {
      {accepting({"gzip", "br"}), {identity, gzip, br}, br},
      {accepting({"", "gzip"}), {identity, gzip}, gzip},
      {accepting({"gzip", ""}), {identity, gzip}, gzip},
      {accepting({"", ""}), {identity}, identity},
      {accepting({"gzip;q=0.5", "br;q=0.4", "*;q=0"}), {gzip, br}, gzip},
      {accepting({"*", "br;q=0"}), {identity, gzip, zstd}, zstd},
      {accepting({"\"gzip", "br"}), {identity, br}, br},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(acceptable_codings(row.request), row.acceptable);
    EXPECT_EQ(best_coding(row.request, kOffered), row.best);
  }
}

TEST(AcceptEncoding, OtherFieldsSayNothing) {
  Fields request;
  request.add("Accept", "gzip");
  request.add("TE", "gzip");
  EXPECT_EQ(acceptable_codings(request), kAll);
  EXPECT_EQ(best_coding(request, kOffered), identity);
}

TEST(BestCoding, ChoosesAmongTheOffered) {
  const struct {
    std::string_view value;
    std::vector<Coding> offered;
    Coding best;
  } rows[] = {
      {"gzip, br, zstd", {zstd, gzip}, zstd},
      {"gzip, br, zstd", {gzip, zstd}, gzip},
      {"gzip, br, zstd", {}, identity},
      {"gzip;q=0.2, br;q=0.3, zstd;q=0.3", {gzip, zstd, br}, zstd},
      {"gzip", {br}, identity},
      {"*;q=0.1, br", {gzip}, gzip},
      {"*", {gzip, br}, gzip},
      {"br;q=1, identity;q=0.5, gzip;q=0.1", {gzip}, identity},
      {"identity, gzip", {gzip}, gzip},        // identity comes last among equals
      {"br, identity;q=0", {gzip}, identity},  // nothing is acceptable
      {"*;q=0", {gzip}, identity},
  };
  for (const auto& row : rows)
    EXPECT_EQ(best_coding(accepting({row.value}), row.offered), row.best) << row.value;
}

// Whatever the field says, the choice is acceptable and offered, or identity.
TEST(BestCoding, IsAcceptableOrIdentity) {
  const std::vector<std::string> weights{"", ";q=0", ";q=0.3", ";q=0.7", ";q=x"};
  const std::vector<Coding> offers[] = {{}, {gzip}, {br, gzip}, {gzip, br}, {zstd, br, gzip}};
  for (const auto& a : weights) {
    for (const auto& b : weights) {
      for (const auto& c : weights) {
        const auto value = "gzip" + a + ", br" + b + ", *" + c;
        const auto request = accepting({value});
        for (const auto& offered : offers) {
          const auto best = best_coding(request, offered);
          if (best == identity) continue;
          EXPECT_NE(std::find(offered.begin(), offered.end(), best), offered.end()) << value;
          EXPECT_TRUE(acceptable_codings(request).contains(best)) << value;
        }
      }
    }
  }
}

TEST(ContentCoding, IsThatOfTheResponse) {
  const struct {
    std::vector<std::string_view> lines;
    std::optional<Coding> coding;
  } rows[] = {
      {{}, identity},
      {{""}, identity},
      {{"identity"}, identity},
      {{"gzip"}, gzip},
      {{" X-GZIP ,"}, gzip},
      {{"br"}, br},
      {{"zstd"}, zstd},
      {{"deflate"}, std::nullopt},
      {{"gzip, br"}, std::nullopt},
      {{"gzip", "gzip"}, std::nullopt},
      {{"identity, gzip"}, std::nullopt},
      {{"gzip;q=1"}, std::nullopt},
      {{"\"gzip\""}, std::nullopt},
  };
  for (const auto& row : rows) {
    Fields response;
    for (const auto line : row.lines) response.add("Content-Encoding", line);
    EXPECT_EQ(content_coding(response), row.coding) << (row.lines.empty() ? "" : row.lines[0]);
  }
}

}  // namespace
}  // namespace forebay::http
