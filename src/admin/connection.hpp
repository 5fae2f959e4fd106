// One client of the admin server: requests in, replies out, over Beast.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <functional>

#include "forebay/admin/admin_server.hpp"
#include "forebay/io/asio.hpp"
#include "routes.hpp"

namespace forebay::admin {

using Stream = boost::beast::basic_stream<boost::asio::generic::stream_protocol, io::Executor>;
using Answer = std::function<Reply(const Request&)>;

/// Serves requests until the client goes, stalls, asks for the end or sends what is no HTTP. Malformed and
/// oversized requests get an error reply first. All arguments must outlive it; closing the stream ends it.
io::Awaitable<void> serve(Stream& stream, const AdminLimits& limits, const Answer& answer);

}  // namespace forebay::admin
