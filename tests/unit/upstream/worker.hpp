// What the tests of this folder say for short about a worker.
#pragma once

#include "support/worker.hpp"

namespace forebay::upstream::testing {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::Gate;
using test::Worker;

}  // namespace forebay::upstream::testing
