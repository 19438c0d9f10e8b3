#include "index/push_store.h"

#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/keys.h"
#include "tests/fakes/in_memory_store.h"

namespace gradmatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string KeyOf(std::string_view id) {
  std::string key(id);
  key.resize(kPseudonymBytes, '.');
  return key;
}

PushLine Line(const std::string& graduate, const std::string& posting,
              const std::string& canonical) {
  PushLine line;
  line.graduate_key = KeyOf(graduate);
  line.posting_key = posting;
  line.canonical_key = canonical;
  line.item.set_push_id(absl::StrCat(graduate, "+", posting));
  line.item.set_graduate(absl::StrCat("graduates/", graduate));
  line.item.set_state(v1::PushItem::STATE_INTENT);
  return line;
}

class PushStoreTest : public testing::Test {
 protected:
  PushStoreTest() : push_(store_) {
    v1::StoredPushRun run;
    run.mutable_run()->set_name("pushRuns/r1");
    EXPECT_TRUE(
        push_.CreateRun("r1", run, "push-r1", v1::StoredOperation()).ok());
  }

  absl::Status Append(std::vector<PushLine> lines) {
    return push_
        .AppendItems("r1", std::move(lines), 7,
                     [](v1::StoredPushRun& run) {
                       run.mutable_run()->set_state(v1::PushRun::STATE_WRITING);
                     })
        .status();
  }
  DeliveryOutcome Report(int64_t number, const std::string& push_id,
                         DeliveryReport::Code code,
                         const std::string& reason = "") {
    const DeliveryReport report = {"r1", number, push_id, code, reason};
    const auto outcomes = push_.RecordDeliveries({&report, 1}, KeyOf);
    EXPECT_TRUE(outcomes.ok()) << outcomes.status();
    return outcomes->front();
  }
  v1::PushItem Item(int64_t number) {
    return push_.ReadItems("r1", number, 1)->front().item;
  }

  InMemoryStore store_;
  PushStore push_;
};

TEST_F(PushStoreTest, ItemsLedgerCountersAndCheckpointAreOneWrite) {
  const int64_t writes = store_.writes();
  ASSERT_TRUE(Append({Line("a", "s/p", "s/p"), Line("a", "s/q2", "s/q"),
                      Line("b", "s/p", "s/p")})
                  .ok());
  EXPECT_EQ(store_.writes(), writes + 1);
  EXPECT_EQ(*push_.Counter("s/p"), 2);
  EXPECT_EQ(*push_.Counter("s/q"), 1);
  EXPECT_EQ(*push_.Counter("s/q2"), 0);
  const v1::StoredPushRun run = **push_.GetRun("r1");
  EXPECT_EQ(run.checkpoint().items(), 3);
  EXPECT_EQ(run.run().state(), v1::PushRun::STATE_WRITING);
  EXPECT_EQ(Item(2).name(), "pushRuns/r1/items/0000000002");

  const auto ledger = push_.Ledger(KeyOf("a"));
  ASSERT_EQ(ledger->size(), 2u);
  EXPECT_EQ((*ledger)[1].canonical_key, "s/q");
  EXPECT_EQ((*ledger)[1].entry.posting(), "s/q2");
  EXPECT_EQ((*ledger)[1].entry.push_run(), "r1");
  EXPECT_EQ((*ledger)[1].entry.item(), 1);
  EXPECT_EQ((*ledger)[1].entry.intent_time_micros(), 7);
}

TEST_F(PushStoreTest, NeverTheSamePostingTwiceToOneGraduate) {
  ASSERT_TRUE(Append({Line("a", "s/p", "s/p")}).ok());
  const int64_t writes = store_.writes();
  EXPECT_EQ(Append({Line("b", "s/p", "s/p"), Line("a", "s/p2", "s/p")}).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Append({Line("c", "s/x", "s/x"), Line("c", "s/y", "s/x")}).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(store_.writes(), writes);
  EXPECT_EQ(*push_.Counter("s/p"), 1);
}

TEST_F(PushStoreTest, ByHandIsInLedgerAndCounterAndIsAskedUnderTheLock) {
  ASSERT_TRUE(Append({Line("a", "s/p", "s/p")}).ok());
  size_t seen = 0;
  const auto never = [&seen](std::span<const LedgerLine> ledger) {
    seen = ledger.size();
    return false;
  };
  WriteBatch also;
  also.Put(Family::kMeta, "also", "x");
  auto written = push_.AppendByHand({.graduate_key = KeyOf("a"),
                                     .posting_key = "s/q2",
                                     .canonical_key = "s/q",
                                     .fingerprint = 5},
                                    9, never, also);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_TRUE(*written);
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(*push_.Counter("s/q"), 1);
  EXPECT_TRUE(store_.Get(Family::kMeta, "also").ok());
  const auto ledger = push_.Ledger(KeyOf("a"));
  ASSERT_EQ(ledger->size(), 2u);
  const v1::LedgerEntry& entry = (*ledger)[1].entry;
  EXPECT_EQ(entry.push_run(), "");
  EXPECT_EQ(entry.item(), -1);
  EXPECT_EQ(entry.state(), v1::PushItem::STATE_SENT);
  EXPECT_EQ(entry.fingerprint(), 5);
  // It is no item of any run.
  EXPECT_EQ(push_.ItemsOfGraduate("r1", KeyOf("a"))->size(), 1);

  const int64_t writes = store_.writes();
  const auto always = [](std::span<const LedgerLine>) { return true; };
  written = push_.AppendByHand({.graduate_key = KeyOf("a"),
                                .posting_key = "s/x",
                                .canonical_key = "s/x"},
                               9, always, also);
  ASSERT_TRUE(written.ok());
  EXPECT_FALSE(*written);
  EXPECT_EQ(store_.writes(), writes);
}

TEST_F(PushStoreTest, KeepsWhyTheLastRunHadNothing) {
  EXPECT_FALSE(push_.GetUncovered(KeyOf("a"))->has_value());
  for (const char* run : {"r1", "r2"}) {
    WriteBatch batch;
    PushStore::PutUncovered(KeyOf("a"), {run, "CAPS_EXHAUSTED"}, batch);
    ASSERT_TRUE(store_.Write(batch, Durability::kSynced).ok());
  }
  const auto kept = push_.GetUncovered(KeyOf("a"));
  ASSERT_TRUE(kept.ok() && kept->has_value());
  EXPECT_EQ((*kept)->run_id, "r2");
  EXPECT_EQ((*kept)->code, "CAPS_EXHAUSTED");
}

TEST_F(PushStoreTest, ItemsOfOneGraduate) {
  ASSERT_TRUE(Append({Line("a", "s/z", "s/z"), Line("b", "s/p", "s/p"),
                      Line("a", "s/a", "s/a")})
                  .ok());
  std::vector<int64_t> numbers;
  const auto of_a = push_.ItemsOfGraduate("r1", KeyOf("a"));
  ASSERT_TRUE(of_a.ok()) << of_a.status();
  for (const auto& item : *of_a) {
    numbers.push_back(item.number);
  }
  EXPECT_THAT(numbers, ElementsAre(0, 2));
  EXPECT_THAT(*push_.ItemsOfGraduate("r2", KeyOf("a")), IsEmpty());
  EXPECT_THAT(*push_.ItemsOfGraduate("r1", KeyOf("c")), IsEmpty());
}

TEST_F(PushStoreTest, LedgersOfNeighbours) {
  ASSERT_TRUE(Append({Line("a", "s/p", "s/p"), Line("b", "s/p", "s/p"),
                      Line("c", "s/p", "s/p"), Line("c", "s/q", "s/q")})
                  .ok());
  const std::vector<std::string> keys = {KeyOf("a"), KeyOf("aa"), KeyOf("c")};
  const auto ledgers = push_.Ledgers(keys);
  ASSERT_TRUE(ledgers.ok());
  EXPECT_EQ((*ledgers)[0].size(), 1u);
  EXPECT_EQ((*ledgers)[1].size(), 0u);
  EXPECT_EQ((*ledgers)[2].size(), 2u);
}

TEST_F(PushStoreTest, ReadsOnFromACursor) {
  std::vector<PushLine> lines;
  for (int i = 0; i < 25; ++i) {
    lines.push_back(Line(absl::StrCat("g", i), "s/p", "s/p"));
  }
  ASSERT_TRUE(Append(std::move(lines)).ok());
  int64_t next = 0;
  int pages = 0;
  while (true) {
    const auto items = push_.ReadItems("r1", next, 10);
    ASSERT_TRUE(items.ok());
    if (items->empty()) break;
    EXPECT_EQ(items->front().number, next);
    next = items->back().number + 1;
    ++pages;
  }
  EXPECT_EQ(next, 25);
  EXPECT_EQ(pages, 3);
}

TEST_F(PushStoreTest, DeliveriesAreWrittenOnceAndRefusalsGiveThePlaceBack) {
  using Code = DeliveryReport::Code;
  ASSERT_TRUE(Append({Line("a", "s/p", "s/p"), Line("b", "s/p", "s/p")}).ok());
  EXPECT_EQ(Report(0, "a+s/p", Code::kBounced, "busy"),
            DeliveryOutcome::kRecorded);
  EXPECT_EQ(Report(0, "a+s/p", Code::kBounced, "busy"),
            DeliveryOutcome::kUnchanged);
  EXPECT_EQ(Item(0).state(), v1::PushItem::STATE_INTENT);
  EXPECT_EQ(Item(0).state_reason(), "BOUNCED busy");
  EXPECT_EQ(Report(0, "a+s/p", Code::kSent), DeliveryOutcome::kRecorded);
  EXPECT_EQ(Report(0, "a+s/p", Code::kSent), DeliveryOutcome::kUnchanged);
  EXPECT_EQ(Report(0, "a+s/p", Code::kRefused), DeliveryOutcome::kUnchanged);
  EXPECT_EQ(Item(0).state(), v1::PushItem::STATE_SENT);
  EXPECT_EQ(*push_.Counter("s/p"), 2);

  EXPECT_EQ(Report(1, "b+s/p", Code::kRefused, "43101"),
            DeliveryOutcome::kRecorded);
  EXPECT_EQ(Report(1, "b+s/p", Code::kRefused, "43101"),
            DeliveryOutcome::kUnchanged);
  EXPECT_EQ(Item(1).state(), v1::PushItem::STATE_REFUSED);
  EXPECT_EQ(Item(1).state_reason(), "43101");
  EXPECT_EQ(*push_.Counter("s/p"), 1);
  EXPECT_EQ(push_.Ledger(KeyOf("b"))->front().entry.state(),
            v1::PushItem::STATE_REFUSED);

  EXPECT_EQ(Report(1, "a+s/p", Code::kSent), DeliveryOutcome::kMismatch);
  EXPECT_EQ(Report(2, "a+s/p", Code::kSent), DeliveryOutcome::kNotFound);
}

TEST_F(PushStoreTest, ARunIsCreatedOnce) {
  v1::StoredPushRun other;
  other.mutable_run()->set_name("pushRuns/other");
  const auto again =
      push_.CreateRun("r1", other, "push-r1", v1::StoredOperation());
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->run.run().name(), "pushRuns/r1");
  EXPECT_EQ(push_.ChangeRun("none", [](auto&) {}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(PushStoreTest, PlansAreChangedUnderOneLock) {
  const auto put = [&](const std::string& id) {
    return push_.ChangePlan(id, [&](const auto& stored) {
      EXPECT_FALSE(stored.has_value());
      v1::PushPlan plan;
      plan.set_name("pushPlans/" + id);
      return std::optional<v1::PushPlan>(plan);
    });
  };
  ASSERT_TRUE(put("b").ok());
  ASSERT_TRUE(put("a").ok());
  ASSERT_TRUE(put("c").ok());
  EXPECT_EQ(push_.ListPlans("", 2)->size(), 2u);
  ASSERT_EQ(push_.ListPlans("a", 10)->size(), 2u);
  EXPECT_EQ(push_.ListPlans("a", 10)->front().name(), "pushPlans/b");
  ASSERT_TRUE(
      push_
          .ChangePlan("b",
                      [](const auto&) { return std::optional<v1::PushPlan>(); })
          .ok());
  EXPECT_FALSE(push_.GetPlan("b")->has_value());
  const absl::Status refused = push_.ChangePlan(
      "a", [](const auto&) -> absl::StatusOr<std::optional<v1::PushPlan>> {
        return absl::AbortedError("etag");
      });
  EXPECT_EQ(refused.code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(push_.GetPlan("a")->has_value());
}

}  // namespace
}  // namespace gradmatch
