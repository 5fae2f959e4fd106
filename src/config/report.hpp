// The errors of one load: each at its place, none that only follows from another.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "config/document.hpp"
#include "forebay/config/check.hpp"
#include "forebay/config/load.hpp"

namespace forebay::config {

class Report {
 public:
  explicit Report(std::string file) : file_(std::move(file)) {}

  /// Remembers where the file says something about a path.
  void place(const std::string& path, Place place) { places_.emplace(path, place); }
  /// Nothing where the file does not speak of the path.
  const Place* find(const std::string& path) const;

  void error(Place place, std::string message);
  /// Further errors are counted as one: no need to word them with care.
  bool is_full() const { return errors_.size() >= kMaxErrors; }
  /// An error in what a path says. What check() finds there afterwards is not reported: its value was never
  /// stored.
  void reject(const std::string& path, Place place, std::string_view message);
  /// An error that leaves nothing to find anything in.
  void reject_all(Place place, std::string message);
  /// As reject(), but without an error of its own: another error stands for it.
  void mark_rejected(const std::string& path) { rejected_.insert(path); }
  /// A finding stands at its path, or the innermost part of it that the file speaks of.
  void add(const std::vector<Finding>& findings);

  /// In the order of the file, those without a place last; at most kMaxErrors and one that says so. Leaves
  /// none.
  std::vector<Diagnostic> take();

  static constexpr std::size_t kMaxErrors = 100;

 private:
  bool is_rejected(std::string_view path) const;
  Place nearest_place(std::string_view path) const;

  std::string file_;
  std::unordered_map<std::string, Place> places_;
  std::unordered_set<std::string> rejected_;
  std::vector<Diagnostic> errors_;
  bool cut_ = false;
};

}  // namespace forebay::config
