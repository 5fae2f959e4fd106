#include "config/report.hpp"

#include <algorithm>
#include <tuple>

#include "config/words.hpp"

namespace forebay::config {

namespace {

/// "routes[2]" for "routes[2].upstream", "routes" for "routes[2]", "" for "routes".
std::string_view enclosing(std::string_view path) {
  const std::size_t end = path.find_last_of(".[");
  return end == path.npos ? std::string_view{} : path.substr(0, end);
}

}  // namespace

const Place* Report::find(const std::string& path) const {
  const auto found = places_.find(path);
  return found == places_.end() ? nullptr : &found->second;
}

void Report::error(Place place, std::string message) {
  if (is_full()) {
    cut_ = true;
    return;
  }
  errors_.push_back({file_, place.line, place.column, without_controls(std::move(message))});
}

void Report::reject(const std::string& path, Place place, std::string_view message) {
  error(place, path + ": " + std::string(message));
  mark_rejected(path);
}

void Report::reject_all(Place place, std::string message) {
  error(place, std::move(message));
  mark_rejected("");
}

void Report::add(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    if (is_rejected(finding.path) || is_rejected(finding.related)) continue;
    error(nearest_place(finding.path), finding.path + ": " + finding.message);
  }
}

std::vector<Diagnostic> Report::take() {
  const auto position = [](const Diagnostic& d) { return std::tuple(d.line == 0, d.line, d.column); };
  std::stable_sort(errors_.begin(), errors_.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return position(a) < position(b); });
  if (cut_) errors_.push_back({file_, 0, 0, "more errors than these; the rest is left out"});
  cut_ = false;
  return std::exchange(errors_, {});
}

bool Report::is_rejected(std::string_view path) const {
  for (; !path.empty(); path = enclosing(path)) {
    if (rejected_.contains(std::string(path))) return true;
  }
  return rejected_.contains("");
}

Place Report::nearest_place(std::string_view path) const {
  for (; !path.empty(); path = enclosing(path)) {
    if (const Place* place = find(std::string(path))) return *place;
  }
  return {};
}

}  // namespace forebay::config
