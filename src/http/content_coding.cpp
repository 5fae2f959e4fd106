#include "forebay/http/content_coding.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "forebay/base/strings.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/quality.hpp"

namespace forebay::http {
namespace {

constexpr std::array<std::string_view, kCodings> kTokens{"identity", "gzip", "br", "zstd"};

constexpr int kRefused = 0;
constexpr int kLeast = 1;      // the smallest weight that accepts
constexpr int kMost = 1000;    // what a member without a weight has
constexpr int kUnlisted = -1;  // no member names it

/// How much a request wants each coding, in thousandths; kRefused for not at all.
using Weights = std::array<int, kCodings>;

constexpr std::size_t index(Coding coding) noexcept { return static_cast<std::size_t>(coding); }

/// The lower of what a coding has already and what another member gives it.
void note(int& weight, int another) noexcept {
  weight = weight == kUnlisted ? another : std::min(weight, another);
}

/// RFC 9110 §12.5.3, for a request that has the field.
Weights listed_weights(const Fields& request) noexcept {
  Weights weights;
  weights.fill(kUnlisted);
  int others = kUnlisted;  // "*"
  for_each_element(request, FieldId::accept_encoding, [&](std::string_view element) {
    const auto member = parse_weighted(element);
    if (!member) return;
    if (member->value == "*") return note(others, member->weight);
    if (const auto coding = parse_coding(member->value)) note(weights[index(*coding)], member->weight);
  });
  for (auto& weight : weights) {
    if (weight == kUnlisted) weight = others;  // "*" matches any coding not explicitly listed
  }
  // Rule 2: no coding is acceptable unless excluded; rule 3: a coding has to be listed.
  auto& identity = weights[index(Coding::identity)];
  if (identity == kUnlisted) identity = kLeast;
  for (auto& weight : weights) weight = std::max(weight, kRefused);
  return weights;
}

Weights weights_of(const Fields& request) noexcept {
  if (request.has(FieldId::accept_encoding)) return listed_weights(request);
  Weights weights;  // rule 1: any content coding is acceptable
  weights.fill(kLeast);
  weights[index(Coding::identity)] = kMost;
  return weights;
}

}  // namespace

std::string_view token(Coding coding) noexcept { return kTokens[index(coding)]; }

std::optional<Coding> parse_coding(std::string_view text) noexcept {
  for (std::size_t i = 0; i < kTokens.size(); ++i) {
    if (iequals(text, kTokens[i])) return static_cast<Coding>(i);
  }
  if (iequals(text, "x-gzip")) return Coding::gzip;
  return std::nullopt;
}

CodingSet acceptable_codings(const Fields& request) noexcept {
  const auto weights = weights_of(request);
  CodingSet set;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > kRefused) set.insert(static_cast<Coding>(i));
  }
  return set;
}

Coding best_coding(const Fields& request, std::span<const Coding> offered) noexcept {
  const auto weights = weights_of(request);
  auto best = Coding::identity;
  int most = kRefused;
  const auto consider = [&](Coding coding) {
    const auto weight = weights[index(coding)];
    if (weight <= most) return;
    most = weight;
    best = coding;
  };
  for (const auto coding : offered) consider(coding);
  consider(Coding::identity);
  return best;
}

std::optional<Coding> content_coding(const Fields& response) noexcept {
  std::optional<Coding> found = Coding::identity;
  int members = 0;
  for_each_element(response, FieldId::content_encoding, [&](std::string_view element) {
    found = ++members == 1 ? parse_coding(element) : std::nullopt;
  });
  return found;
}

}  // namespace forebay::http
