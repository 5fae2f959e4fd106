// What is different in the life of a QUERY: its content is read whole and becomes part of the key before
// anything is looked up.
#include <memory>

#include "forebay/cache/normalise.hpp"
#include "forebay/io/held_body.hpp"
#include "forebay/proxy/lifecycle.hpp"
#include "query_content.hpp"

namespace forebay::proxy {

using cache::PassReason;

io::Awaitable<void> Lifecycle::run_query(Exchange& x) {
  const auto content = std::make_shared<QueryContent>(worker_.shared.memory);
  bool whole = true;
  if (x.request_body) {
    const auto read = co_await content->read(*x.request_body, x.route->policy.query_method.body_max);
    if (!read) {
      x.responder.close_after();
      co_return co_await send_error(x, read.error(), x.forward);
    }
    whole = *read;
  }
  io::HeldBody body(content->view(), x.request_body);
  if (x.request_body) x.request_body = &body;
  if (!whole) {
    x.classified = {cache::Classified::pass, PassReason::request_body, 0};
    co_return co_await pass(x, PassReason::request_body, nullptr);
  }
  if (x.request_body) x.content = content;
  cache::normalise(x.request, x.uri, x.route->policy, x.scratch.query);
  const auto answer = answer_from_memory(x);
  if (answer) co_return co_await send(x, *answer);
  co_await take_turns(x);
}

void Lifecycle::write_key(Exchange& x) {
  auto& text = x.scratch.key;
  cache::write_primary_key(text, x.uri);
  if (x.partition.is_apart()) cache::append_partition(text, x.partition.digest);
  if (x.request.method == http::Method::query)
    cache::append_query_content(text, x.request.fields, x.content ? x.content->view() : std::string_view());
  x.key = cache::primary_key(text);
}

}  // namespace forebay::proxy
