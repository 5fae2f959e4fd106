// Replies of an upstream as the rest of a fetch is to see them: recoded, or speaking of what has been
// recoded.
#pragma once

#include <memory>

#include "forebay/cache/coding_plan.hpp"
#include "forebay/cache/stored_response.hpp"
#include "forebay/proxy/worker.hpp"

namespace forebay::proxy {

/// The reply with its head and body as the plan says. Lives on the worker.
std::unique_ptr<upstream::Reply> recode(Worker& worker, std::unique_ptr<upstream::Reply> reply,
                                        const cache::CodingPlan& plan);

/// A 304 in the terms of the stored response that it was asked about.
std::unique_ptr<upstream::Reply> in_terms_of(cache::StoredResponsePtr stored,
                                             std::unique_ptr<upstream::Reply> reply,
                                             const cache::Policy& policy);

/// What is affordable of a plan: where the budget has no room for an encoder, the content stays as it is.
cache::CodingPlan affordable(tier::MemoryTier& memory, cache::CodingPlan plan);

}  // namespace forebay::proxy
