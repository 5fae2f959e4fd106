// Result<T>: a value or an Error. No exceptions on the request path.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <utility>

#include "forebay/base/error.hpp"

namespace forebay {

template <class T>
using Result = boost::system::result<T, Error>;

/// Makes a failed Result of any type: `return fail(ErrorKind::client_gone);`
inline Error fail(ErrorKind kind, std::string detail = {}) { return Error{kind, std::move(detail)}; }

/// What value() throws on a failed Result: only start-up code and tests call value() unchecked.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::runtime_error(describe(error));
}

}  // namespace forebay
