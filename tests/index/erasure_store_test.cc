// Erasures step by step: everything of the graduate goes, nothing of the
// others, and whatever write fails, the next start completes it.

#include "index/erasure_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/clock.h"
#include "index/byte_search.h"
#include "index/keys.h"
#include "index/rocksdb_store.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
constexpr char kLeaving[] = "leaving-graduate-0001";
constexpr char kStaying[] = "staying-graduate-0001";
constexpr int kItems = 3;

Pseudonymizer Pseudonyms() {
  return Pseudonymizer::FromSecret(std::string(kSecretBytes, 's'));
}

// A store in which two graduates have something of every kind.
class World {
 public:
  explicit World(Store& store) : store_(store), push_(store) {}

  void Fill() {
    v1::StoredPushRun run;
    run.mutable_run()->set_name("pushRuns/r");
    run.mutable_run()->set_state(v1::PushRun::STATE_WRITING);
    v1::StoredOperation operation;
    ASSERT_TRUE(push_.CreateRun("r", run, "push-r", operation).ok());
    for (const char* id : {kStaying, kLeaving}) FillOne(id);
  }

  std::string KeyOf(const std::string& id) const {
    return GraduateKey(pseudonyms_.Of(id));
  }
  ErasureStore erasures() { return {store_, push_, pseudonyms_}; }
  PushStore& push() { return push_; }

  // Step 1, as the server does it.
  void Begin(const std::string& erasure_id) {
    WriteBatch batch;
    const PendingErasure erasure = erasures().Make(
        erasure_id, kLeaving, "on request", /*purge_now=*/true, kNow);
    batch.Delete(Family::kGraduate, erasure.graduate_key);
    ErasureStore::AddTo(batch, erasure);
    ASSERT_TRUE(store_.Write(batch, Durability::kSynced).ok());
  }

  // Steps 2 to 4 for what is unfinished, as after a start.
  absl::Status GoOn() {
    ErasureStore erasures = this->erasures();
    auto unfinished = erasures.Unfinished();
    if (!unfinished.ok()) return unfinished.status();
    if (unfinished->empty()) return absl::OkStatus();
    absl::Status s;
    if (!unfinished->front().stored.residue()) {
      s = erasures.DeleteRecords(*unfinished);
      if (!s.ok()) return s;
      const auto search = erasures.PurgeFiles(*unfinished);
      if (!search.ok()) return search.status();
      EXPECT_THAT(search->found, IsEmpty());
      EXPECT_GT(search->files, 0);
    }
    return erasures.Conclude(*unfinished, 12, kNow);
  }

  // How many keys and values name a graduate, by family.
  std::map<std::string, int> Traces(const std::string& id) const {
    std::map<std::string, int> traces;
    ByteSearch needles;
    needles.Add(id, 0);
    needles.Add(KeyOf(id), 0);
    for (int f = 0; f < kFamilyCount; ++f) {
      const auto family = static_cast<Family>(f);
      const auto cursor = store_.Scan(family, KeyRange{});
      for (; cursor->Valid(); cursor->Next()) {
        const bool found =
            needles.FoundIn(cursor->key()) || needles.FoundIn(cursor->value());
        if (found) ++traces[std::string(FamilyName(family))];
      }
    }
    return traces;
  }

 private:
  void FillOne(const std::string& id) {
    const std::string key = KeyOf(id);
    const std::string name = absl::StrCat("graduates/", id);
    WriteBatch batch;
    batch.Put(Family::kGraduate, key, name);
    batch.Put(Family::kSealed, key, "sealed");
    batch.Put(Family::kEmbedding, EmbeddingKey(RecordKind::kGraduate, key, "e"),
              "values");
    batch.Put(Family::kFeedback, FeedbackKey(key, "event"), "clicked");
    batch.Put(Family::kHandRecommendation, HandRecommendationKey(key, 1, "h"),
              name + "/handRecommendations/h");
    batch.Put(Family::kMeta, UncoveredKey(key), "run/CAPS_EXHAUSTED");
    v1::StoredRequest answer;
    v1::Graduate graduate;
    graduate.set_name(name);
    answer.set_response(graduate.SerializeAsString());
    batch.Put(Family::kRequest, RequestKey("Create", "", "req-" + id),
              answer.SerializeAsString());
    ASSERT_TRUE(store_.Write(batch, Durability::kSynced).ok());
    std::vector<PushLine> lines;
    for (int i = 0; i < kItems; ++i) {
      PushLine& line = lines.emplace_back();
      line.graduate_key = key;
      line.posting_key = line.canonical_key = absl::StrCat("hb/p-", i);
      line.item.set_graduate(name);
      line.item.set_posting(absl::StrCat("sources/hb/postings/p-", i));
      line.item.set_state(v1::PushItem::STATE_INTENT);
      line.item.set_push_id("push id");
      line.item.add_reasons()->set_code("MAJOR");
    }
    ASSERT_TRUE(
        push_
            .AppendItems("r", lines, 1,
                         [&](v1::StoredPushRun& stored) {
                           stored.mutable_checkpoint()->set_last_graduate(key);
                         })
            .ok());
  }

  Store& store_;
  PushStore push_;
  const Pseudonymizer pseudonyms_ = Pseudonyms();
};

TEST(ErasureStoreTest, EverythingGoesAndTheOthersKeepAll) {
  InMemoryStore store;
  World world(store);
  ASSERT_NO_FATAL_FAILURE(world.Fill());
  const auto of_others = world.Traces(kStaying);
  EXPECT_THAT(world.Traces(kLeaving),
              UnorderedElementsAre(
                  Pair("graduate", 1), Pair("sealed", 1), Pair("embedding", 1),
                  Pair("feedback", 1), Pair("hand_recommendation", 1),
                  Pair("meta", 1), Pair("request", 1), Pair("ledger", kItems),
                  Pair("push_item", kItems), Pair("push_run", 1)))
      << "else the test shows nothing";
  ASSERT_NO_FATAL_FAILURE(world.Begin("e1"));
  ASSERT_TRUE(world.GoOn().ok());
  EXPECT_THAT(world.Traces(kLeaving), IsEmpty());
  EXPECT_EQ(world.Traces(kStaying), of_others);

  const auto stored = world.erasures().Get("e1");
  ASSERT_TRUE(stored.ok() && stored->has_value());
  EXPECT_TRUE((*stored)->masked_graduate().empty());
  const v1::ErasureReceipt& receipt = (*stored)->receipt();
  EXPECT_EQ(receipt.state(), v1::ErasureReceipt::STATE_PURGED);
  EXPECT_EQ(receipt.files_searched(), 12);
  EXPECT_THAT(receipt.deleted(),
              UnorderedElementsAre(
                  Pair("graduate", 1), Pair("sealed", 1), Pair("embedding", 1),
                  Pair("feedback", 1), Pair("recommendation", 1),
                  Pair("uncovered", 1), Pair("request", 1),
                  Pair("ledger", kItems), Pair("push_item", kItems)));
}

TEST(ErasureStoreTest, FiguresOfRunsAndPostingsStay) {
  InMemoryStore store;
  World world(store);
  ASSERT_NO_FATAL_FAILURE(world.Fill());
  ASSERT_NO_FATAL_FAILURE(world.Begin("e1"));
  ASSERT_TRUE(world.GoOn().ok());
  EXPECT_EQ(world.push().Counter("hb/p-0").value(), 2);
  const auto items = world.push().ReadItems("r", 0, 100);
  ASSERT_TRUE(items.ok());
  ASSERT_EQ(items->size(), 2 * kItems);
  for (int i = 0; i < 2 * kItems; ++i) {
    const v1::PushItem& item = (*items)[static_cast<size_t>(i)].item;
    EXPECT_EQ(item.posting(),
              absl::StrCat("sources/hb/postings/p-", i % kItems));
    const bool erased = i >= kItems;  // filled second
    EXPECT_EQ(item.graduate().empty(), erased);
    EXPECT_EQ(item.push_id().empty(), erased);
    EXPECT_EQ(item.reasons().empty(), erased);
    EXPECT_EQ(item.state(), erased ? v1::PushItem::STATE_SUPPRESSED
                                   : v1::PushItem::STATE_INTENT);
  }
  const auto run = world.push().GetRun("r");
  // Where the run stands lies just before the graduate, and names it no more.
  const std::string& last = (*run)->checkpoint().last_graduate();
  EXPECT_LT(last, world.KeyOf(kLeaving));
  EXPECT_TRUE(world.KeyOf(kLeaving).starts_with(last));
}

TEST(ErasureStoreTest, ARunMayNotWriteForSomebodyErasedMeanwhile) {
  InMemoryStore store;
  World world(store);
  ASSERT_NO_FATAL_FAILURE(world.Fill());
  ASSERT_NO_FATAL_FAILURE(world.Begin("e1"));
  ASSERT_TRUE(world.GoOn().ok());
  PushLine line;
  line.graduate_key = world.KeyOf(kLeaving);
  line.posting_key = line.canonical_key = "hb/late";
  line.item.set_graduate(absl::StrCat("graduates/", kLeaving));
  const auto late =
      world.push().AppendItems("r", {line}, 1, [](v1::StoredPushRun&) {});
  EXPECT_TRUE(absl::IsAborted(late.status())) << late.status();
  EXPECT_THAT(world.Traces(kLeaving), IsEmpty());
}

TEST(ErasureStoreTest, AnyFailedWriteIsMadeGoodByTheNextStart) {
  for (const auto failure :
       {FaultyStore::Failure::kNothingKept, FaultyStore::Failure::kBatchKept}) {
    bool failed = true;
    for (int fail_at = 1; failed; ++fail_at) {
      SCOPED_TRACE(absl::StrCat("fail_at=", fail_at));
      InMemoryStore disk;
      {
        World world(disk);
        ASSERT_NO_FATAL_FAILURE(world.Fill());
        ASSERT_NO_FATAL_FAILURE(world.Begin("e1"));
      }
      FaultyStore faulty(disk, fail_at, failure);
      failed = !World(faulty).GoOn().ok();
      World world(disk);
      ASSERT_TRUE(world.GoOn().ok());
      EXPECT_THAT(world.Traces(kLeaving), IsEmpty());
      const auto stored = world.erasures().Get("e1");
      ASSERT_TRUE(stored.ok() && stored->has_value());
      EXPECT_EQ((*stored)->receipt().state(), v1::ErasureReceipt::STATE_PURGED);
      EXPECT_FALSE((*stored)->residue());
      EXPECT_THAT(world.erasures().Unfinished().value(), IsEmpty());
      ASSERT_LT(fail_at, 100);
    }
  }
}

TEST(ErasureStoreTest, TheMaskedIdIsReadBackAndTellsNothingElse) {
  InMemoryStore store;
  World world(store);
  ASSERT_NO_FATAL_FAILURE(world.Fill());
  ASSERT_NO_FATAL_FAILURE(world.Begin("e1"));
  const auto unfinished = world.erasures().Unfinished();
  ASSERT_TRUE(unfinished.ok());
  ASSERT_EQ(unfinished->size(), 1);
  EXPECT_EQ(unfinished->front().graduate_id, kLeaving);
  EXPECT_EQ(unfinished->front().graduate_key, world.KeyOf(kLeaving));
  EXPECT_EQ(world.Traces(kLeaving).count("erasure"), 0);
  const Pseudonymizer other =
      Pseudonymizer::FromSecret(std::string(kSecretBytes, 't'));
  EXPECT_NE(other.Mask("e1", unfinished->front().stored.masked_graduate()),
            kLeaving);
}

// On disk, to the byte.
TEST(ErasureStoreTest, NoFileHoldsAnything) {
  const TempFolder folder;
  const ManualClock clock(kNow);
  const auto open = [&] {
    auto store = RocksdbStore::Open({.folder = folder.path(),
                                     .clock = &clock,
                                     .block_cache_bytes = 1 << 20,
                                     .write_buffer_bytes = 1 << 20,
                                     .plain_tables = true});
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  };
  ByteSearch needles;
  needles.Add(kLeaving, 0);
  needles.Add(GraduateKey(Pseudonyms().Of(kLeaving)), 0);
  needles.Add(Pseudonyms().Mask("e1", kLeaving), 0);
  auto store = open();
  World(*store).Fill();
  World(*store).Begin("e1");
  store = nullptr;
  store = open();
  EXPECT_GT(store->Search(needles)->found.size(), 0);
  ASSERT_TRUE(World(*store).GoOn().ok());
  EXPECT_THAT(store->Search(needles)->found, IsEmpty());
  store = nullptr;
  store = open();
  EXPECT_THAT(store->Search(needles)->found, IsEmpty());
  EXPECT_THAT(World(*store).Traces(kLeaving), IsEmpty());
  EXPECT_EQ(World(*store).Traces(kStaying).size(), 9);
}

}  // namespace
}  // namespace gradmatch
