// For what nobody announces: what another thread or process does of its own accord.
#pragma once

#include <functional>

namespace forebay::test {

/// Asks again and again, with short pauses, until it is so; false when that takes longer than a test should.
bool eventually(const std::function<bool()>& is_so);

}  // namespace forebay::test
