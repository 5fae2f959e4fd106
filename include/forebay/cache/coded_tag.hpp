// Entity tags of responses that forebay has recoded. Each coding is a representation of its own, so a strong
// tag must differ (RFC 9110 §8.8.3.3): "abc" becomes "abc~br". A weak tag stays: it stands for all of them.
#pragma once

#include <string>
#include <string_view>

#include "forebay/cache/stored_response.hpp"
#include "forebay/http/content_coding.hpp"

namespace forebay::cache {

/// The tag of the same representation in this coding; a weak or malformed one as it is.
std::string coded_tag(std::string_view tag, http::Coding coding);
/// The same without the suffix, if there is one; whatever coding it names.
std::string uncoded_tag(std::string_view tag);

/// The tag by which the origin knows what is stored.
std::string origin_tag(const StoredResponse& stored);
/// A client's If-Match or If-None-Match as the origin understands it: each tag without suffix.
std::string origin_tags(std::string_view list);

/// The tag of a client's If-None-Match that stands for this one of the origin's; "" when none does. A 304 is
/// to name the tag that the client has (RFC 9110 §15.4.5).
std::string_view client_tag(const http::Fields& request, std::string_view origins);

}  // namespace forebay::cache
