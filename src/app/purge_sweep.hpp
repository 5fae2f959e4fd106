// Applies purges to what nobody asks for.
#pragma once

#include <boost/asio/io_context.hpp>

#include "forebay/tier/memory_tier.hpp"

namespace forebay::app {

/// From now on walks over the tier whenever something has been purged that is found out lazily, in small
/// steps and with pauses of seconds, longer ones where the walks take long: what was purged hard gives its
/// memory back, and what stays was looked at before the log forgets. Ends with the context, which the tier
/// outlives.
void keep_sweeping(boost::asio::io_context& context, tier::MemoryTier& memory);

}  // namespace forebay::app
