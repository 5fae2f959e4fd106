// Weights are from 0 to 1000, values neither empty nor spaced; the language that is chosen is one that there
// is, and an unacceptable one only where nothing is acceptable.
#include "forebay/http/quality.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "forebay/base/strings.hpp"
#include "forebay/cache/normalise.hpp"

using namespace forebay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto weighted = http::parse_weighted(text)) {
    if (weighted->weight < 0 || weighted->weight > 1000) std::abort();
    if (weighted->value.empty() || trim(weighted->value) != weighted->value) std::abort();
    if (weighted->value.find(';') != std::string_view::npos) std::abort();
    if (http::parse_weighted(std::string(weighted->value))->weight != 1000) std::abort();
  }
  const std::vector<std::string> languages{"de", "en-GB", "zh-Hant"};
  http::Fields request;
  request.add("Accept-Language", text);
  const auto best = cache::best_language(request, languages);
  if (std::find(languages.begin(), languages.end(), best) == languages.end()) std::abort();
  http::Fields again;
  again.add("Accept-Language", best);
  if (cache::best_language(again, languages) != best) std::abort();
  return 0;
}
