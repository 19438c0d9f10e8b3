#include "tests/layering.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Runs from the repository's root, see gradmatch_test in CMakeLists.txt.
TEST(LayeringTest, OurSourcesKeepTheRules) {
  int files_seen = 0;
  EXPECT_THAT(FindLayeringProblems(fs::current_path(), &files_seen), IsEmpty());
  EXPECT_GT(files_seen, 10) << "run from the repository's root";
}

struct PlantedCase {
  std::string name;
  std::string path;
  std::string content;
  std::string want;  // part of the one problem; empty: none is expected
};

class PlantedTest : public testing::TestWithParam<PlantedCase> {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() /
            ("layering_" + std::to_string(getpid()) + "_" + GetParam().name);
    const fs::path file = root_ / GetParam().path;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << GetParam().content;
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path root_;
};

TEST_P(PlantedTest, IsFound) {
  const auto problems = FindLayeringProblems(root_, nullptr);
  if (GetParam().want.empty()) {
    EXPECT_THAT(problems, IsEmpty());
  } else {
    EXPECT_THAT(problems, ElementsAre(HasSubstr(GetParam().want)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, PlantedTest,
    testing::ValuesIn<PlantedCase>({
        {"IndexIncludesMatcher", "index/a.cc",
         "\n#include \"matcher/encoder.h\"\n",
         "index/a.cc:2: index may not include matcher/encoder.h"},
        {"MatcherIncludesServer", "matcher/text/a.cc",
         "#include \"server/options.h\"\n", "matcher may not include"},
        {"ServerIncludesTools", "server/a.cc", "#  include \"tools/table.h\"\n",
         "server may not include"},
        {"ServerIncludesBenchmarks", "server/a.cc",
         "#include \"benchmarks/load.h\"\n", "server may not include"},
        {"ToolsIncludeBenchmarks", "tools/a.cc",
         "#include \"benchmarks/load.h\"\n", "tools may not include"},
        {"ProductIncludesTests", "tools/a.cc",
         "#include \"tests/fakes/clock.h\"\n", "tools may not include"},
        {"MatcherIncludesStub", "matcher/a.cc",
         "#include \"gradmatch/v1/match_service.grpc.pb.h\"\n", "stub"},
        {"MatcherIncludesGrpc", "matcher/a.cc", "#include <grpcpp/grpcpp.h>\n",
         "(gRPC) belongs in server/*, tools/*"},
        {"MatcherIncludesRocksdb", "matcher/a.cc",
         "#include \"rocksdb/db.h\"\n", "(RocksDB) belongs in index/"},
        {"FourthFileIncludesRocksdb", "index/rocksdb_backup.cc",
         "#include \"rocksdb/db.h\"\n", "(RocksDB) belongs in index/"},
        {"StoreHeaderShowsRocksdb", "index/rocksdb_store.h",
         "#ifndef GRADMATCH_INDEX_ROCKSDB_STORE_H_\n#include "
         "\"rocksdb/db.h\"\n",
         "(RocksDB) belongs in index/"},
        {"ServerSeesRocksdbTypes", "server/a.cc",
         "#include \"index/rocksdb_engine.h\"\n",
         "(RocksDB's types) belongs in index/"},
        {"SecondFileIncludesFaiss", "index/catalog.cc",
         "#include <faiss/IndexFlat.h>\n", "(Faiss) belongs in index/"},
        {"IndexReadsFlags", "index/a.cc", "#include \"absl/flags/flag.h\"\n",
         "(absl flags)"},
        {"AbslMutexHeader", "server/a.cc",
         "#include \"absl/synchronization/mutex.h\"\n", "belongs in no file"},
        {"WallClock", "matcher/a.cc", "auto t = absl::Now();\n", "Clock"},
        {"WrongGuard", "index/a.h", "#ifndef INDEX_A_H\n",
         "GRADMATCH_INDEX_A_H_"},
        {"TooLong", "index/a.cc", std::string(501, '\n'), "501 lines"},

        {"DownwardsIsFine", "server/a.cc",
         "#include \"index/store.h\"\n#include \"matcher/encoder.h\"\n"
         "#include \"gradmatch/v1/posting.pb.h\"\n#include <vector>\n",
         ""},
        {"OwnPairIsFine", "index/rocksdb_store.cc",
         "#include \"rocksdb/db.h\"\n", ""},
        {"TestsSeeEverything", "tests/a.cc",
         "#include \"tools/table.h\"\n#include <faiss/IndexFlat.h>\n", ""},
        {"CommentIsNoUse", "matcher/a.cc", "// not absl::Now() here\n", ""},
        {"LongEnough", "index/a.cc", std::string(500, '\n'), ""},
    }),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace gradmatch
