#include "index/data_snapshot/rights_journal.h"

#include <set>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/file_system.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;

v1::StoredRightsEntry Erased(const std::string& id) {
  v1::StoredRightsEntry entry;
  entry.mutable_erased()->set_id(id);
  return entry;
}
v1::StoredRightsEntry Decided(const std::string& name,
                              uint64_t generation = 0) {
  v1::StoredRightsEntry entry;
  entry.mutable_decided()->set_name(name);
  entry.set_generation(generation);
  return entry;
}

class RightsJournalTest : public testing::Test {
 protected:
  RightsJournalTest() { Open(); }
  void Open() {
    journal_.reset();
    auto journal = RightsJournal::Open(temp_.path(), clock_);
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
  }
  std::string path() const { return temp_ / "RIGHTS"; }
  JournalContents Contents() const {
    auto contents = ReadJournal(temp_.path());
    EXPECT_TRUE(contents.ok()) << contents.status();
    return contents.ok() ? *contents : JournalContents();
  }

  const TempFolder temp_;
  ManualClock clock_{absl::FromUnixSeconds(1'000'000'000)};
  std::unique_ptr<RightsJournal> journal_;
};

TEST_F(RightsJournalTest, KeepsEntriesInOrderOverARestart) {
  EXPECT_TRUE(journal_->made());
  ASSERT_TRUE(journal_->Append({Erased("e1"), Decided("graduates/a", 7)}).ok());
  const JournalPosition end = journal_->position();
  Open();
  EXPECT_FALSE(journal_->made());
  EXPECT_EQ(journal_->position(), end);
  EXPECT_EQ(journal_->generation(), 7);
  ASSERT_TRUE(journal_->Append({Decided("graduates/b", 9)}).ok());
  const JournalContents contents = Contents();
  ASSERT_EQ(contents.records.size(), 3);
  EXPECT_EQ(contents.records[2].number, 3);
  EXPECT_EQ(contents.records[2].entry.decided().name(), "graduates/b");
  EXPECT_EQ(contents.end(), journal_->position());
}

TEST_F(RightsJournalTest, GenerationsBeginAgainInARestoredFolder) {
  ASSERT_TRUE(journal_->Append({Decided("graduates/a", 70)}).ok());
  v1::StoredRightsEntry restored;
  restored.set_restored("20261201T031900Z");
  v1::StoredRightsEntry caught_up;
  caught_up.set_caught_up(true);
  caught_up.set_generation(12);
  ASSERT_TRUE(journal_->Append({restored, caught_up}).ok());
  EXPECT_EQ(journal_->generation(), 12);
  Open();
  EXPECT_EQ(journal_->generation(), 12);
}

TEST_F(RightsJournalTest, AnAppendThatWasCutShortIsForgottenAtEveryLength) {
  ASSERT_TRUE(journal_->Append({Erased("e1")}).ok());
  const JournalPosition one = journal_->position();
  const size_t whole = ReadFile(path())->size();
  ASSERT_TRUE(journal_->Append({Erased("e2")}).ok());
  const std::string two = *ReadFile(path());
  for (size_t size = whole; size < two.size(); ++size) {
    for (const bool zeros : {false, true}) {
      std::string torn = two.substr(0, size);
      // The file got its length, the disk not its bytes; less than the chain
      // would be damage.
      if (zeros && size + 32 > two.size()) continue;
      if (zeros) torn.resize(two.size(), '\0');
      ASSERT_TRUE(WriteFileDurably(path(), torn).ok());
      Open();
      EXPECT_EQ(journal_->position(), one) << size << " " << zeros;
      ASSERT_TRUE(journal_->Append({Erased("e3")}).ok());
      EXPECT_EQ(Contents().records.size(), 2);
    }
  }
}

TEST_F(RightsJournalTest, EveryChangedBitIsFound) {
  ASSERT_TRUE(journal_->Append({Erased("e1"), Erased("e2")}).ok());
  const std::string whole = *ReadFile(path());
  const JournalPosition end = journal_->position();
  int lost_the_last = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] ^= 0x20;
    const auto parsed = ParseJournal(changed);
    if (!parsed.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(parsed.status()));
      continue;
    }
    // A length that points behind the end looks like an append cut short; what
    // a snapshot knows of the journal tells.
    ++lost_the_last;
    EXPECT_FALSE(CheckCovers(*parsed, end).ok()) << i;
  }
  EXPECT_LT(lost_the_last, 50);
}

TEST_F(RightsJournalTest, CoversWhatStoodBesideIt) {
  const JournalPosition begin = journal_->position();
  ASSERT_TRUE(journal_->Append({Erased("e1"), Erased("e2")}).ok());
  const JournalPosition middle = journal_->position();
  ASSERT_TRUE(journal_->Append({Erased("e3")}).ok());
  const JournalContents contents = Contents();
  for (const JournalPosition& good : {begin, middle, journal_->position()}) {
    EXPECT_TRUE(CheckCovers(contents, good).ok()) << good.number;
  }
  JournalPosition other = middle;
  other.chain[0] = other.chain[0] == '0' ? '1' : '0';
  JournalPosition later = journal_->position();
  ++later.number;
  JournalPosition foreign = middle;
  foreign.lineage = std::string(32, '0');
  for (const JournalPosition& bad :
       {other, later, foreign, JournalPosition()}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(CheckCovers(contents, bad)))
        << bad.number;
  }
}

TEST_F(RightsJournalTest, CompactingDropsWhatIsOldAndHidesWhoIsGone) {
  ASSERT_TRUE(journal_->Append({Erased("old"), Decided("graduates/a")}).ok());
  const JournalPosition old = journal_->position();
  clock_.Advance(absl::Hours(2));
  const absl::Time snapshot = clock_.Now();
  ASSERT_TRUE(
      journal_->Append({Decided("graduates/g-secret"), Decided("graduates/b")})
          .ok());
  const JournalPosition middle = journal_->position();
  clock_.Advance(absl::Hours(1));
  ASSERT_TRUE(journal_->Append({Erased("e"), Decided("graduates/c", 5)}).ok());
  EXPECT_THAT(*ReadFile(path()), HasSubstr("g-secret"));
  EXPECT_EQ(journal_->ErasedSince(absl::InfinitePast()), 2);
  ASSERT_TRUE(journal_
                  ->Compact(snapshot,
                            [](const v1::StoredRightsEntry& entry) {
                              return entry.decided().name() ==
                                     "graduates/g-secret";
                            })
                  .ok());
  EXPECT_THAT(*ReadFile(path()), testing::Not(HasSubstr("g-secret")));
  EXPECT_EQ(journal_->ErasedSince(absl::InfinitePast()), 1);
  EXPECT_EQ(journal_->ErasedSince(clock_.Now()), 0);
  const JournalContents contents = Contents();
  EXPECT_EQ(contents.base, old);
  EXPECT_EQ(contents.records.size(), 4);
  EXPECT_TRUE(CheckCovers(contents, middle).ok());
  EXPECT_TRUE(CheckCovers(contents, journal_->position()).ok());
  Open();
  EXPECT_EQ(journal_->generation(), 5);
  ASSERT_TRUE(journal_->Append({Erased("after")}).ok());
  EXPECT_EQ(Contents().end().number, 7);
}

TEST_F(RightsJournalTest, ManyWhoAppendAtOnceAreAllThere) {
  constexpr int kThreads = 4;
  constexpr int kEach = 25;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kEach; ++i) {
        EXPECT_TRUE(
            journal_->Append({Erased(std::to_string(t * kEach + i))}).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> ids;
  for (const JournalRecord& record : Contents().records) {
    ids.insert(record.entry.erased().id());
  }
  EXPECT_EQ(ids.size(), kThreads * kEach);
}

TEST_F(RightsJournalTest, AFolderThatCannotBeWrittenIsSaid) {
  EXPECT_FALSE(RightsJournal::Open("/proc/none", clock_).ok());
}

}  // namespace
}  // namespace gradmatch
