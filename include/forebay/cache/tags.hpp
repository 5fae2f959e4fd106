// Tags and groups: names that an origin gives responses so that many can be invalidated by one (Surrogate-Key
// and its kin; Cache-Groups, RFC 9875). What is stored and compared is their digests.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "forebay/base/digest.hpp"
#include "forebay/cache/key.hpp"
#include "forebay/cache/policy.hpp"
#include "forebay/http/message.hpp"

namespace forebay::cache {

/// A response with more tags and groups than this is not stored: it could not be invalidated by all of them.
inline constexpr std::size_t kMaxTags = 1024;

/// A tag, whatever field it came in and whatever resource it is of; compared byte for byte.
Digest tag_digest(std::string_view tag);
/// A group of one origin, of which a primary key tells (RFC 9875 §2.1).
Digest group_digest(std::string_view primary_key, std::string_view group);

/// What a response can be invalidated by: the tags in the policy's fields and the Cache-Groups; each once,
/// sorted. With one more for a key under a rule of No-Vary-Search (see search_tag). A malformed Cache-Groups
/// is none (RFC 9651 §4.2). Nothing when there are more than kMaxTags.
std::optional<std::vector<Digest>> tags_of(std::string_view primary_key, const http::Fields& response,
                                           const Policy& policy);

/// The tags of a stored response after a 304: those it had and those the 304 names. One too many costs a
/// fetch, one too few an old answer. When that is too much, those that the 304 names.
std::vector<Digest> tags_after(std::span<const Digest> stored, std::string_view primary_key,
                               const http::Fields& update, const Policy& policy);

/// The groups that the response to an unsafe request invalidates (RFC 9875 §3). Empty for safe methods, and
/// as with keys_to_invalidate for responses that are neither 2xx nor 3xx.
std::vector<Digest> groups_to_invalidate(const http::RequestHead& request, std::string_view primary_key,
                                         const http::ResponseHead& response);

/// The tags that a PURGE request names, in any of the fields that tags come in. Nothing when there are more
/// than kMaxTags.
std::optional<std::vector<Digest>> tags_to_purge(const http::Fields& request);

/// True for a field that is for forebay alone, and taken out before the client.
bool is_tag_field(std::string_view name, const Policy& policy) noexcept;

}  // namespace forebay::cache
