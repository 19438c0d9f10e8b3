#include "index/codes/code_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "index/base/error.h"
#include "index/base/error_reasons.h"

namespace gradmatch {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

std::unique_ptr<CodeTable> Parsed(const std::string& system,
                                  const std::string& version,
                                  const std::string& tsv) {
  auto table = CodeTable::Parse(
      {.system = system, .version = version, .display_name = "测试"}, tsv);
  EXPECT_TRUE(table.ok()) << table.status();
  return *std::move(table);
}

std::string OneMajor(const std::string& name) {
  return "01\t\t1\t甲\t\t\n0101\t01\t2\t甲类\t\t\n010101\t0101\t3\t" + name +
         "\t\t\n";
}

class CodeRegistryTest : public testing::Test {
 protected:
  CodeRegistryTest() { Clear(); }
  ~CodeRegistryTest() override { Clear(); }
  static void Clear() { ASSERT_TRUE(SetImportedCodeTables({}).ok()); }
};

TEST_F(CodeRegistryTest, TheTableImportedLastIsTheCurrentOne) {
  const CodeTable* built_in = CodeTable::Get("undergraduate");
  EXPECT_EQ(built_in, CodeTable::BuiltIn("undergraduate"));
  EXPECT_EQ(ImportedFingerprint(), "");
  ASSERT_TRUE(
      RegisterCodeTable(Parsed("undergraduate", "2030", OneMajor("新"))).ok());
  ASSERT_TRUE(
      RegisterCodeTable(Parsed("undergraduate", "2026", OneMajor("旧"))).ok());
  EXPECT_EQ(CodeTable::Get("undergraduate")->version(), "2026");
  EXPECT_EQ(CodeTable::Get("undergraduate", "2030")->Name("010101"), "新");
  EXPECT_EQ(CodeTable::Get("undergraduate", "moe-2023"), built_in);
  EXPECT_EQ(CodeTable::Get("undergraduate", "1"), nullptr);
  EXPECT_EQ(CodeTable::BuiltIn("undergraduate"), built_in);
  const std::string before = ImportedFingerprint();
  EXPECT_NE(before, "");

  // The same version again replaces it and makes it current.
  const CodeTable* old = CodeTable::Get("undergraduate", "2030");
  ASSERT_TRUE(
      RegisterCodeTable(Parsed("undergraduate", "2030", OneMajor("更新")))
          .ok());
  EXPECT_EQ(CodeTable::Get("undergraduate")->Name("010101"), "更新");
  EXPECT_EQ(old->Name("010101"), "新") << "what was handed out stays";
  EXPECT_NE(ImportedFingerprint(), before);

  std::vector<std::string> seen;
  for (const RegisteredTable& t : ListCodeTables()) {
    if (t.table->system() != "undergraduate") continue;
    seen.push_back(t.table->version() + (t.built_in ? " built in" : "") +
                   (t.current ? " current" : ""));
  }
  EXPECT_THAT(seen, ElementsAre("moe-2023 built in", "2026", "2030 current"));
}

TEST_F(CodeRegistryTest, VersionsOfTheProgramAreNotReplaced) {
  const absl::Status status =
      RegisterCodeTable(Parsed("undergraduate", "moe-2023", OneMajor("x")));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeTable::Get("undergraduate")->Name("080901"),
            "计算机科学与技术");
}

TEST_F(CodeRegistryTest, ANewSystemIsOneOfMajorsByTheShapeOfItsCodes) {
  EXPECT_THAT(MajorSystemNames(), Contains("vocational"));
  EXPECT_EQ(MajorSystemNames()[0], "undergraduate");
  ASSERT_TRUE(
      RegisterCodeTable(Parsed("shape-majors", "1", OneMajor("x"))).ok());
  ASSERT_TRUE(
      RegisterCodeTable(Parsed("shape-others", "1", "1-01\t\t1\t干部\t\t\n"))
          .ok());
  EXPECT_THAT(MajorSystemNames(), Contains("shape-majors"));
  EXPECT_THAT(MajorSystemNames(), Not(Contains("shape-others")));
  EXPECT_NE(CodeTable::Get("shape-others"), nullptr);
}

TEST_F(CodeRegistryTest, OpeningAnotherFolderForgetsTheTablesOfTheFirst) {
  ASSERT_TRUE(RegisterCodeTable(Parsed("gone", "1", OneMajor("x"))).ok());
  const CodeTable* table = CodeTable::Get("gone");
  Clear();
  EXPECT_EQ(CodeTable::Get("gone"), nullptr);
  EXPECT_EQ(table->Name("010101"), "x") << "pointers outlive that";
}

// The property: whatever is imported meanwhile, a reader sees a system's tables
// whole (old or new, never between), and what it holds stays as it was.
TEST_F(CodeRegistryTest, ReadersSeeWholeTablesWhileTheyAreSwapped) {
  ASSERT_TRUE(RegisterCodeTable(Parsed("swapped", "0", OneMajor("0"))).ok());
  std::atomic<bool> done{false};
  std::atomic<int64_t> reads{0};
  std::vector<std::thread> readers;
  for (int r = 0; r < 4; ++r) {
    readers.emplace_back([&] {
      const CodeTable* first = CodeTable::Get("swapped");
      int64_t seen = 0;
      while (!done.load()) {
        const CodeTable* table = CodeTable::Get("swapped");
        ASSERT_NE(table, nullptr);
        // Version and content belong together, and never go back.
        ASSERT_EQ(table->Name("010101"), table->version());
        const int64_t now = std::stoll(table->version());
        ASSERT_GE(now, seen);
        seen = now;
        ASSERT_NE(CodeTable::Get("undergraduate"), nullptr);
        ASSERT_THAT(MajorSystemNames(), Contains("swapped"));
        size_t current = 0;
        for (const RegisteredTable& t : ListCodeTables()) {
          if (t.table->system() == "swapped") current += t.current;
        }
        ASSERT_EQ(current, 1u);
        ++reads;
      }
      EXPECT_EQ(first->Name("010101"), first->version());
    });
  }
  for (int v = 1; v <= 200; ++v) {
    const std::string version = std::to_string(v);
    ASSERT_TRUE(
        RegisterCodeTable(Parsed("swapped", version, OneMajor(version))).ok());
  }
  while (reads.load() < 100) std::this_thread::yield();
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(CodeTable::Get("swapped")->version(), "200");
}

// Last: it takes the places that are left for the rest of the process.
TEST_F(CodeRegistryTest, ThereIsRoomForSoManyCataloguesOfMajors) {
  absl::Status status;
  int taken = 0;
  while (status.ok() && taken < 100) {
    status = RegisterCodeTable(
        Parsed("room-" + std::to_string(taken), "1", OneMajor("x")));
    if (status.ok()) ++taken;
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), kCodeTableInvalid);
  EXPECT_EQ(MajorSystemNames().size(), kMaxMajorSystems);
  // One that has a place may have another version.
  EXPECT_TRUE(RegisterCodeTable(Parsed("room-0", "2", OneMajor("y"))).ok());
}

}  // namespace
}  // namespace gradmatch
