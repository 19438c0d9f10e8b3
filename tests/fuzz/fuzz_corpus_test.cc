// Every target over its kept corpus, and over seeded mutations of it. The long
// search, guided by coverage, is tools/fuzz; what it finds is kept here.
//
//   GRADMATCH_FUZZ_RUNS=N     mutations a target (default 1,000)
//   GRADMATCH_FUZZ_SEED=N     another sequence of them

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  int64_t value = otherwise;
  if (text != nullptr && !absl::SimpleAtoi(text, &value)) value = otherwise;
  return value;
}

// In the order of their names, so that a seed means the same everywhere.
std::vector<std::string> Corpus(std::string_view target) {
  const std::filesystem::path folder =
      std::filesystem::path("tests/fuzz/corpus") / target;
  std::vector<std::filesystem::path> paths;
  if (std::filesystem::exists(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  std::vector<std::string> inputs;
  for (const auto& path : paths) {
    std::ifstream in(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in),
                        std::istreambuf_iterator<char>());
  }
  return inputs;
}

// A few changes to one input: bytes replaced, removed, repeated, or a piece of
// another input put in.
class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string Mutate(const std::vector<std::string>& corpus) {
    std::string input = corpus[Below(corpus.size())];
    const size_t changes = 1 + Below(6);
    for (size_t i = 0; i < changes; ++i) Change(corpus, input);
    if (input.size() > (32 << 10)) input.resize(32 << 10);
    return input;
  }

 private:
  size_t Below(size_t count) { return random_() % count; }

  void Change(const std::vector<std::string>& corpus, std::string& input) {
    const size_t at = Below(input.size() + 1);
    const size_t length = std::min(input.size() - at, 1 + Below(16));
    switch (Below(6)) {
      case 0:
        if (at < input.size()) input[at] ^= static_cast<char>(1 << Below(8));
        break;
      case 1:
        if (at < input.size()) input[at] = static_cast<char>(Below(256));
        break;
      case 2:
        input.erase(at, length);
        break;
      case 3:
        input.insert(at, input.substr(at, length));
        break;
      case 4: {
        const std::string& other = corpus[Below(corpus.size())];
        const size_t from = Below(other.size() + 1);
        input.insert(at, other.substr(from, 1 + Below(64)));
        break;
      }
      default:
        input.insert(at, 1, "\0\"{}[],:%=\\\n\r\t;&<0\xE4\xFF"[Below(20)]);
    }
  }

  std::mt19937_64 random_;
};

class FuzzCorpusTest : public testing::TestWithParam<FuzzTarget> {};

TEST_P(FuzzCorpusTest, HoldsItsPromises) {
  const std::vector<std::string> corpus = Corpus(GetParam().name);
  // A target without a corpus is as good as none.
  ASSERT_GE(corpus.size(), 3) << "tests/fuzz/corpus/" << GetParam().name;
  for (const std::string& input : corpus) GetParam().run(input);

  const int64_t seed = FromEnvironment("GRADMATCH_FUZZ_SEED", 1);
  const int64_t runs = FromEnvironment("GRADMATCH_FUZZ_RUNS", 1'000);
  Mutator mutator(static_cast<uint64_t>(seed));
  for (int64_t run = 0; run < runs; ++run) {
    const std::string input = mutator.Mutate(corpus);
    // What ends the program cannot be told afterwards.
    std::ofstream("/tmp/gradmatch_fuzz_last", std::ios::binary) << input;
    GetParam().run(input);
  }
  std::cout << GetParam().name << ": " << corpus.size() << " kept, " << runs
            << " mutations, seed " << seed << "\n";
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzCorpusTest,
                         testing::ValuesIn(FuzzTargets().begin(),
                                           FuzzTargets().end()),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(FuzzTargetTest, PromisesCanBeBroken) {
  EXPECT_DEATH(PROMISE(1 + 1 == 3), "broken promise: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace gradmatch
