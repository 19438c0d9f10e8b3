// kill -9 in a loop: what another process has seen acknowledged is there.

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "index/base/big_endian.h"
#include "index/base/clock.h"
#include "index/rocksdb_store.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

constexpr int kCycles = 20;

// A store_writer and the acknowledgements it sends.
class Writer {
 public:
  Writer(const std::string& folder, uint64_t first) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    std::string program = STORE_WRITER, start = absl::StrCat(first);
    std::string folder_argument = folder;
    char* argv[] = {program.data(), folder_argument.data(), start.data(),
                    nullptr};
    EXPECT_EQ(
        ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv, environ),
        0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    from_ = ends[0];
  }
  ~Writer() { ::close(from_); }

  // Waits for the next acknowledgement; false when there are no more.
  bool Next(uint64_t& number) {
    std::string bytes;
    char buffer[8];
    while (bytes.size() < 8) {
      const ssize_t n = ::read(from_, buffer, 8 - bytes.size());
      if (n <= 0) return false;
      bytes.append(buffer, n);
    }
    number = ReadBigEndian64(bytes);
    return true;
  }

  void Kill() {
    ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended before: " << status;
  }

 private:
  pid_t pid_ = 0;
  int from_ = -1;
};

// Every acknowledged number is there in both families, and no number in one
// only. Returns the number after the highest that is there.
uint64_t Check(const Store& store, const std::set<uint64_t>& acknowledged) {
  std::set<uint64_t> postings, rows;
  for (auto [family, numbers] : {std::pair{Family::kPosting, &postings},
                                 std::pair{Family::kRawRow, &rows}}) {
    const auto cursor = store.Scan(family, {});
    for (; cursor->Valid(); cursor->Next()) {
      const uint64_t number = ReadBigEndian64(cursor->key());
      EXPECT_EQ(cursor->value().size(),
                number % (family == Family::kPosting ? 5000 : 3000));
      numbers->insert(number);
    }
    EXPECT_TRUE(cursor->status().ok()) << cursor->status();
  }
  EXPECT_EQ(postings, rows);
  for (uint64_t number : acknowledged) {
    EXPECT_TRUE(postings.contains(number)) << number << " is missing";
  }
  return postings.empty() ? 0 : *postings.rbegin() + 1;
}

TEST(RocksdbKillTest, NothingAcknowledgedIsMissingAfterKills) {
  constexpr uint32_t kSeed = 20;
  RecordProperty("seed", kSeed);
  std::mt19937 rng(kSeed);
  TempFolder folder;
  const SystemClock clock;
  std::set<uint64_t> acknowledged;
  uint64_t first = 0;
  int torn = 0;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    SCOPED_TRACE(absl::StrCat("seed=", kSeed, " cycle=", cycle));
    Writer writer(folder.path(), first);
    uint64_t number = 0;
    for (int left = 1 + rng() % 400; left > 0; --left) {
      ASSERT_TRUE(writer.Next(number)) << "the writer stopped by itself";
      acknowledged.insert(number);
    }
    writer.Kill();
    while (writer.Next(number)) acknowledged.insert(number);

    auto store = RocksdbStore::Open({.folder = folder.path(), .clock = &clock});
    ASSERT_TRUE(store.ok()) << store.status();
    torn += !(*store)->open_report().strict;
    first = Check(**store, acknowledged);
    ASSERT_FALSE(HasFailure());
  }
  std::cout << acknowledged.size() << " acknowledged, " << torn << " of "
            << kCycles << " logs torn\n";
  EXPECT_GE(acknowledged.size(), kCycles);
}

}  // namespace
}  // namespace gradmatch
