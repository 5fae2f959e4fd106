#include "forebay/proxy/phase.hpp"

namespace forebay::proxy {

std::string_view name(Phase phase) noexcept {
  switch (phase) {
    case Phase::classify: return "classify";
    case Phase::lookup: return "lookup";
    case Phase::decide: return "decide";
    case Phase::wait: return "wait";
    case Phase::fetch: return "fetch";
    case Phase::pass: return "pass";
    case Phase::deliver: return "deliver";
    case Phase::done: return "done";
  }
  return "";
}

}  // namespace forebay::proxy
