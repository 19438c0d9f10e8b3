// One file of a data folder is damaged, and the folder is opened by the real
// server: it says so and names the file, or everything is as it was. Nothing
// that was stored may be missing or changed without a word, and nothing may
// crash or hang.
//
//   GRADMATCH_DAMAGE_TRIALS=2000 GRADMATCH_SEED=7 damage_test
//
// The table of what came of it is printed at the end.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/durability/child.h"
#include "tests/durability/damage_verdict.h"
#include "tests/durability/data_world.h"
#include "tests/durability/file_damage.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

constexpr int kQuickTrials = 120;
constexpr unsigned kBuildSeconds = 600;
// A hang, not a machine with much else to do.
constexpr unsigned kTrialSeconds = 600;

int FromEnvironment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

WorldPaths PathsIn(const std::string& folder) {
  return {folder + "/data", folder + "/seal-keys"};
}

void Copy(const std::string& from, const std::string& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

class DamageTest : public testing::Test {
 protected:
  // The worlds of all trials, made once.
  static void SetUpTestSuite() {
    // Thousands of starts sync thousands of files: not to a disk.
    if (std::getenv("TMPDIR") == nullptr && fs::is_directory("/dev/shm")) {
      setenv("TMPDIR", "/dev/shm", 1);
    }
    folder_ = new TempFolder;
    fs::create_directory(Tmp());
    for (const std::string& name : {World(), Other()}) {
      fs::create_directory(name);
      Build([&] { MakeWorld(PathsIn(name), name == World() ? 1 : 2); });
    }
    Copy(World(), Earlier());
    Build([] { GrowWorldAndDie(PathsIn(World())); });
    truth_ = new Dump;
    *truth_ = Read(World(), [](const std::string&) {});
  }
  static void TearDownTestSuite() {
    delete truth_;
    delete folder_;
  }

  static std::string World() { return *folder_ / "world"; }
  static std::string Earlier() { return *folder_ / "earlier"; }
  static std::string Other() { return *folder_ / "other"; }
  static std::string Tmp() { return *folder_ / "tmp"; }
  static const Dump& truth() { return *truth_; }

  // What a server reads from a copy of `world` after `change` was done to the
  // copy. A crash, or no end in time, fails the test.
  static Dump Read(const std::string& world,
                   const std::function<void(const std::string& copy)>& change) {
    const std::string copy = *folder_ / "trial";
    const std::string out = *folder_ / "dump";
    Copy(world, copy);
    change(copy);
    fs::remove(out);
    const ChildEnd end = RunInChild(Tmp(), kTrialSeconds, [&] {
      const std::string text = ToText(ReadWorld(PathsIn(copy)));
      std::FILE* file = std::fopen(out.c_str(), "wb");
      std::fwrite(text.data(), 1, text.size(), file);
      std::fclose(file);
    });
    EXPECT_TRUE(end.exited && end.code == 0)
        << "exit code " << end.code << ", signal " << end.signal;
    fs::remove_all(Tmp());
    fs::create_directory(Tmp());
    return DumpFromText(fs::exists(out) ? ReadBytes(out) : "");
  }

  // One trial with a seed of its own; nothing where the damage changes nothing.
  static void RunTrial(const std::string& path, Damage damage, uint32_t seed);
  static void PrintTable();

 private:
  static void Build(const std::function<void()>& body) {
    const ChildEnd end = RunInChild(Tmp(), kBuildSeconds, body);
    ASSERT_TRUE(end.exited && end.code == 0)
        << "exit code " << end.code << ", signal " << end.signal;
  }

  static TempFolder* folder_;
  static Dump* truth_;
  static inline std::map<std::pair<FileKind, Damage>,
                         std::array<int, kDamageOutcomeCount>>
      table_;
};
TempFolder* DamageTest::folder_ = nullptr;
Dump* DamageTest::truth_ = nullptr;

void DamageTest::RunTrial(const std::string& path, Damage damage,
                          uint32_t seed) {
  std::mt19937 random(seed);
  const auto bytes =
      DamagedBytes({World(), Earlier(), Other()}, path, damage, random);
  if (!bytes.has_value()) return;
  const Dump dump = Read(World(), [&](const std::string& copy) {
    const std::string file = copy + "/" + path;
    bytes->has_value() ? WriteBytes(file, **bytes) : (void)fs::remove(file);
  });
  const DamageVerdict verdict =
      Judge(truth(), dump, fs::path(path).filename().string());
  ++table_[{KindOf("/" + path), damage}][static_cast<int>(verdict.outcome)];
  const bool wrong = verdict.outcome == DamageOutcome::kSilent ||
                     verdict.outcome == DamageOutcome::kUnnamed;
  EXPECT_FALSE(wrong) << DamageOutcomeName(verdict.outcome) << ": " << path
                      << ", " << DamageName(damage) << ", seed " << seed << ": "
                      << verdict.why;
}

void DamageTest::PrintTable() {
  std::printf("%-10s %-11s", "file", "damage");
  for (int i = 0; i < kDamageOutcomeCount; ++i) {
    std::printf(
        " %9s",
        std::string(DamageOutcomeName(static_cast<DamageOutcome>(i))).c_str());
  }
  std::array<int, kDamageOutcomeCount> sums{};
  for (const auto& [key, counts] : table_) {
    std::printf("\n%-10s %-11s", std::string(FileKindName(key.first)).c_str(),
                std::string(DamageName(key.second)).c_str());
    for (int i = 0; i < kDamageOutcomeCount; ++i) {
      std::printf(" %9d", counts[i]);
      sums[i] += counts[i];
    }
  }
  std::printf("\n%-22s", "all");
  for (int sum : sums) std::printf(" %9d", sum);
  std::printf("\n");
}

// What the other tests stand on: the world has what they damage, and equal
// folders read alike.
TEST_F(DamageTest, TheWorldHasEveryKindOfFileAndReadsAlikeTwice) {
  ASSERT_EQ(truth().refusal, "");
  const Dump again = Read(World(), [](const std::string&) {});
  EXPECT_EQ(Judge(truth(), again, "").outcome, DamageOutcome::kIdentical)
      << Judge(truth(), again, "").why;
  for (const auto& [name, section] : truth().sections) {
    EXPECT_EQ(section.error, "") << name;
  }
  std::map<FileKind, int> kinds;
  int logs_in_use = 0;
  for (const std::string& path : ListFiles(World())) {
    ++kinds[KindOf("/" + path)];
    logs_in_use += KindOf("/" + path) == FileKind::kLog &&
                   fs::file_size(World() + "/" + path) > 0;
  }
  EXPECT_EQ(kinds.count(FileKind::kOther), 0u);
  EXPECT_EQ(kinds.size(), static_cast<size_t>(FileKind::kOther));
  EXPECT_GE(logs_in_use, 2);
  for (const char* family : {"posting", "graduate", "sealed", "ledger",
                             "erasure", "audit", "push_item", "code_table"}) {
    EXPECT_FALSE(
        truth().sections.at(absl::StrCat("store ", family)).lines.empty())
        << family;
  }
}

TEST_F(DamageTest, NoDamageToOneFileIsSilent) {
  const int trials = FromEnvironment("GRADMATCH_DAMAGE_TRIALS", kQuickTrials);
  const int seed = FromEnvironment("GRADMATCH_SEED", 20'261'201);
  std::printf("trials %d, seed %d\n", trials, seed);
  std::map<FileKind, std::vector<std::string>> files;
  for (const std::string& path : ListFiles(World())) {
    files[KindOf("/" + path)].push_back(path);
  }
  // Every kind of file x every damage in turn, so that none is left to chance;
  // which file of the kind, and where, is random.
  std::mt19937 random(seed);
  for (int trial = 0; trial < trials;) {
    for (const auto& [kind, paths] : files) {
      for (int damage = 0; damage < kDamageCount && trial < trials;
           ++damage, ++trial) {
        RunTrial(paths[random() % paths.size()], static_cast<Damage>(damage),
                 random());
      }
    }
  }
  PrintTable();
}

// Several files at once: the store as it was earlier, which is whole in itself.
// Only the watermark, outside of it, knows better.
TEST_F(DamageTest, AnEarlierStoreIsRefused) {
  const Dump dump = Read(World(), [](const std::string& copy) {
    Copy(Earlier() + "/data/store", copy + "/data/store");
  });
  EXPECT_TRUE(absl::StrContains(dump.refusal, "are missing")) << dump.refusal;
}

TEST_F(DamageTest, AnEarlierManifestWithItsCurrentIsRefused) {
  const Dump dump = Read(World(), [](const std::string& copy) {
    for (const std::string& path : ListFiles(Earlier() + "/data/store")) {
      const FileKind kind = KindOf("/" + path);
      if (kind != FileKind::kManifest && kind != FileKind::kCurrent) continue;
      fs::copy(Earlier() + "/data/store/" + path, copy + "/data/store/" + path,
               fs::copy_options::overwrite_existing);
    }
  });
  EXPECT_NE(dump.refusal, "");
}

}  // namespace
}  // namespace gradmatch
