// Any text becomes a configuration or errors that fit on a line each, and a second load says the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "forebay/config/load.hpp"

namespace config = forebay::config;

namespace {

std::optional<std::string> variable(std::string_view name) {
  if (name == "UNSET") return std::nullopt;
  return std::string(name);
}

void require(bool fact) {
  if (!fact) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view yaml(reinterpret_cast<const char*>(data), size);
  const config::Loaded loaded = config::load_text(yaml, "fuzz.yaml", variable);
  require(loaded.config.has_value() == loaded.errors.empty());
  for (const config::Diagnostic& error : loaded.errors) {
    require(to_string(error).find('\n') == std::string::npos && error.line >= 0 && error.column >= 0);
  }
  require(config::load_text(yaml, "fuzz.yaml", variable).config == loaded.config);
  return 0;
}
