// Memory runs out at the n-th allocation, for n = 1, 2, 3 and on until a run is
// through: an import of a feed into a catalog. Each time the import ends with
// an exception, as the wrappers of calls (server/rpc.h) expect it, or an error;
// every row is stored wholly or not at all, nothing leaks, and the same import
// done again completes. The allocations of the calling thread alone fail, and
// none inside of the store.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/feed/feed_reader.h"
#include "tests/durability/failing_new.h"
#include "tests/fakes/temp_folder.h"
#include "tests/matcher/ingest/ingest_fixture.h"

namespace gradmatch {
namespace {

constexpr int kRows = 4;
constexpr unsigned kHang = 300;  // seconds

// The first ones and some of the others. Not every one: protobuf's headers,
// which are compiled into our code, count an element before they have it, and
// what cannot be destroyed after that is no fault of the import.
int64_t Step(int64_t n) { return n < 200 ? 1 : 97; }

// A store that always has memory.
class RichStore : public Store {
 public:
  absl::StatusOr<std::string> Get(Family family,
                                  std::string_view key) const override {
    const Unarmed off;
    return memory_.Get(family, key);
  }
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      Family family, std::span<const std::string> keys) const override {
    const Unarmed off;
    return memory_.MultiGet(family, keys);
  }
  std::unique_ptr<Cursor> Scan(Family family,
                               const KeyRange& range) const override {
    const Unarmed off;
    return memory_.Scan(family, range);
  }
  std::unique_ptr<Cursor> ScanBack(Family family,
                                   const KeyRange& range) const override {
    const Unarmed off;
    return memory_.ScanBack(family, range);
  }
  absl::Status Write(const WriteBatch& batch, Durability durability) override {
    const Unarmed off;
    return memory_.Write(batch, durability);
  }
  absl::Status Purge(std::span<const FamilyRange> ranges) override {
    return memory_.Purge(ranges);
  }
  absl::StatusOr<FileSearch> Search(const ByteSearch& needles) const override {
    return memory_.Search(needles);
  }

 private:
  InMemoryStore memory_;
};

// Everything of one try; nothing of it is left when it goes.
class Import : private IngestFixture {
 public:
  explicit Import(Store& store) : IngestFixture(&store) {}

  // False when memory ran out in it.
  bool Run(const std::string& path, int64_t fail_at) {
    bool done = false;
    FailAllocation(fail_at);
    try {
      done = ReadAndIngest(path);
    } catch (const std::bad_alloc&) {
    }
    return !DisarmAllocation() && done;
  }

  void ExpectWholeRows(int64_t fail_at) {
    Reopen();
    for (int i = 0; i < kRows; ++i) {
      const std::string id = absl::StrCat("p-", i);
      const std::string key = PostingKey("hubei", id);
      const bool stored = Has(Family::kPosting, key);
      EXPECT_EQ(stored, IsSearched(id)) << id << ", n = " << fail_at;
      if (!stored) continue;
      EXPECT_EQ(Stored(id).openings(), i + 1) << id << ", n = " << fail_at;
    }
  }
  void ExpectAllRows(int64_t fail_at) {
    for (int i = 0; i < kRows; ++i) {
      EXPECT_TRUE(IsSearched(absl::StrCat("p-", i))) << "n = " << fail_at;
    }
  }

 private:
  void TestBody() override {}

  bool ReadAndIngest(const std::string& path) {
    auto reader = OpenFeed(path);
    if (!reader.ok()) return false;
    std::vector<PostingOp> ops;
    FeedRow row;
    while (true) {
      const absl::StatusOr<bool> more = (*reader)->Next(row);
      if (!more.ok()) return false;
      if (!*more) break;
      if (!row.status.ok()) return false;
      v1::Posting posting = Good(std::string(row.Text("id")));
      posting.set_title(std::string(row.Text("title")));
      posting.set_openings(std::atoi(std::string(row.Text("n")).c_str()));
      ops.push_back(Upsert(std::move(posting)));
    }
    return postings_->Ingest({"hubei"}, ops, {}).ok();
  }
};

TEST(NthAllocationTest, AnImportIsWholeOrNotAndNothingLeaks) {
  const TempFolder folder;
  const std::string path = folder / "feed.csv";
  {
    std::ofstream out(path);
    out << "id,title,n\n";
    for (int i = 0; i < kRows; ++i) {
      out << "p-" << i << ",软件工程师 " << i << "," << i + 1 << "\n";
    }
  }
  alarm(kHang);
  // What is made once in a process is made.
  for (int warm = 0; warm < 2; ++warm) {
    RichStore store;
    ASSERT_TRUE(Import(store).Run(path, 0));
  }
  int64_t n = 1;
  int tried = 0;
  for (bool through = false; !through; n += Step(n)) {
    const int64_t before = LiveAllocations();
    {
      RichStore store;
      Import first(store);
      through = first.Run(path, n);
      // The catalog that saw it goes on.
      ASSERT_TRUE(first.Run(path, 0)) << "n = " << n;
      first.ExpectAllRows(n);
    }
    {
      RichStore store;
      {
        Import first(store);
        first.Run(path, n);
      }
      Import second(store);
      second.ExpectWholeRows(n);
    }
    EXPECT_EQ(LiveAllocations(), before) << "n = " << n;
    ++tried;
    if (testing::Test::HasFailure()) break;
  }
  std::printf("%lld allocations, %d tried\n", static_cast<long long>(n - 1),
              tried);
  EXPECT_GT(n, 500) << "fewer than an import needs";
}

}  // namespace
}  // namespace gradmatch
