// Resolved ranges lie inside the length, are disjoint and too far apart to coalesce, cover what each spec
// asks for by itself, keep the requested order unless something was coalesced, and are read back as they are
// written.
#include "forebay/http/range.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace forebay;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_written(http::ByteRange range, std::uint64_t length) {
  char room[http::kMaxContentRange];
  const auto size = http::write_content_range(room, range, length);
  check(size <= sizeof room);
  check(http::parse_content_range({room, size}) == http::ContentRange{range.first, range.last, length});
}

/// Each range by itself, and against every other.
void check_disjoint(const http::ResolvedRanges& resolved, std::uint64_t length) {
  std::uint64_t left = length;
  for (const auto& range : resolved.view()) {
    check(range.first <= range.last && range.last < length && range.size() <= left);
    left -= range.size();
    check_written(range, length);
    for (const auto& other : resolved.view()) {
      check(&other == &range || other.last < range.first || range.last < other.first);
      check(other.last >= range.first || range.first - other.last > http::kPartOverhead);
    }
  }
}

bool covers(const http::ResolvedRanges& resolved, http::ByteRange wanted) {
  for (const auto& range : resolved.view()) {
    if (range.first <= wanted.first && wanted.last <= range.last) return true;
  }
  return false;
}

void check_resolved(const http::RangeRequest& request, std::uint64_t length) {
  const auto resolved = http::resolve(request, length);
  check((resolved.kind == http::ResolvedRanges::Kind::unsatisfiable) == resolved.view().empty());
  check_disjoint(resolved, length);

  std::size_t satisfiable = 0;
  bool requested_order = true;
  for (const auto& spec : request.view()) {
    const auto alone = http::resolve({{spec}, 1}, length);
    if (alone.count == 0) continue;
    check(covers(resolved, alone.ranges[0]));
    requested_order = requested_order && resolved.ranges[satisfiable] == alone.ranges[0];
    ++satisfiable;
  }
  check(resolved.count <= satisfiable && (resolved.count > 0) == (satisfiable > 0));
  if (resolved.count == satisfiable) return check(requested_order);
  for (std::size_t i = 1; i < resolved.count; ++i) {
    check(resolved.ranges[i - 1].last < resolved.ranges[i].first);
  }
}

void check_content_range(std::string_view value) {
  const auto range = http::parse_content_range(value);
  if (!range) return;
  check(range->first <= range->last && range->last < range->complete_length.value_or(UINT64_MAX));
  if (range->complete_length) check_written({range->first, range->last}, *range->complete_length);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  check_content_range(value);
  const auto request = http::parse_range(value);
  if (!request) return 0;
  check(request->count > 0 && request->count <= http::kMaxRanges);
  for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{10000}, UINT64_MAX}) {
    check_resolved(*request, length);
  }
  for (const auto& spec : request->view()) {  // the lengths at which this spec changes its meaning; may wrap
    for (const auto edge : {spec.first, spec.last}) {
      for (const auto length : {edge - 1, edge, edge + 1, edge + http::kPartOverhead}) {
        check_resolved(*request, length);
      }
    }
  }
  return 0;
}
