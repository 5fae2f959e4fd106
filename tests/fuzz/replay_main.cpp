// Stands in for libFuzzer: gives every file named on the command line, or found under a directory named
// there, to the harness once. Without any, the harness still sees the empty input.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fs = std::filesystem;

namespace {

void replay(const std::vector<char>& bytes) {
  const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

void replay_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  replay({std::istreambuf_iterator<char>(file), {}});
}

}  // namespace

int main(int argc, char** argv) {
  replay({});
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    const fs::path path(argv[i]);
    if (!fs::is_directory(path)) {
      replay_file(path);
      ++files;
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (!entry.is_regular_file()) continue;
      replay_file(entry.path());
      ++files;
    }
  }
  std::printf("replayed %d seeds\n", files);
  return 0;
}
