// In which content coding a response is passed on and stored: what it has, what the request wants, and
// whether forebay may change it.
#pragma once

#include <cstdint>
#include <optional>

#include "forebay/cache/policy.hpp"
#include "forebay/http/content_coding.hpp"
#include "forebay/http/message.hpp"

namespace forebay::cache {

struct CodingPlan {
  http::Coding from = http::Coding::identity;  // what the content is in; identity also for what is left alone
  http::Coding to = http::Coding::identity;    // what it is to be in
  /// Others may get it in another coding: Vary has to say so.
  bool varies = false;

  bool changes() const noexcept { return from != to; }
  friend bool operator==(const CodingPlan&, const CodingPlan&) = default;
};

/// The coding that a normalised request asks for.
http::Coding wanted_coding(const http::Fields& request) noexcept;

/// `request`: as normalise() left it. `length`: of the content as it comes, if that is known. A response is
/// left alone that is not a whole 200, says no-transform (RFC 9110 §7.7), has several codings or one that is
/// not known, no content, or a digest of it. Otherwise it gets the coding that the request wants, where its
/// type and length are worth it, and none where it has one that the request does not want.
CodingPlan plan_coding(const http::Fields& request, const http::ResponseHead& response,
                       std::optional<std::uint64_t> length, const Policy& policy) noexcept;

/// True for Content-MD5, Content-Digest and the other fields that hold a digest of the content.
bool is_content_digest(const http::Field& field) noexcept;

}  // namespace forebay::cache
