#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/posting_counts.h"
#include "server/source_checks.h"
#include "server/source_registry.h"
#include "server/sync_protocol.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"

namespace gradmatch {
namespace {

class SourceRegistryTest : public testing::Test {
 protected:
  SourceRegistryTest() { Reopen(); }
  void Reopen() {
    auto opened = SourceRegistry::Open(store_, clock_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    registry_ = *std::move(opened);
  }
  absl::StatusOr<v1::Source> Put(const std::string& id,
                                 const SourceRegistry::Expect& expect,
                                 const std::string& title) {
    return registry_->Put(
        id, expect,
        [&](v1::Source& source) {
          source.set_display_name(title);
          return absl::OkStatus();
        },
        Nothing());
  }
  absl::Status Delete(const std::string& id, const std::string& etag = "") {
    return registry_->Delete(
        id, etag, [] { return absl::OkStatus(); }, Nothing());
  }
  static SourceRegistry::Also Nothing() {
    return [](const v1::Source&, WriteBatch&) {};
  }

  InMemoryStore store_;
  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<SourceRegistry> registry_;
};

TEST_F(SourceRegistryTest, SurvivesOpeningAgain) {
  const auto put = Put("gd", {}, "广东");
  ASSERT_TRUE(put.ok());
  Reopen();
  const auto got = registry_->Get("gd");
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->SerializeAsString(), put->SerializeAsString());
  EXPECT_EQ(registry_->count(), 1);
}

TEST_F(SourceRegistryTest, ListsByIdAfterACursor) {
  for (const char* id : {"c", "a", "b"}) ASSERT_TRUE(Put(id, {}, id).ok());
  const auto all = registry_->List("", 10);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].name(), "sources/a");
  const auto rest = registry_->List("a", 1);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].name(), "sources/b");
}

TEST_F(SourceRegistryTest, PreconditionsAreChecked) {
  const auto first = Put("gd", {}, "1");
  ASSERT_TRUE(first.ok());
  const auto second = Put("gd", {.etag = first->etag()}, "2");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->create_time().seconds(), first->create_time().seconds());
  EXPECT_EQ(ReasonOf(Put("gd", {.etag = first->etag()}, "3").status()),
            kEtagMismatch);
  EXPECT_EQ(ReasonOf(Put("gd", {.must_not_exist = true}, "3").status()),
            kAlreadyExists);
  EXPECT_EQ(ReasonOf(Put("bj", {.must_exist = true}, "3").status()),
            kSourceNotFound);
  EXPECT_EQ(ReasonOf(Delete("gd", first->etag())), kEtagMismatch);
  EXPECT_EQ(registry_->Get("gd")->display_name(), "2");
}

TEST_F(SourceRegistryTest, EtagsAreNeverUsedAgain) {
  const auto first = Put("gd", {}, "1");
  ASSERT_TRUE(Delete("gd").ok());
  Reopen();
  clock_.Set(absl::FromUnixSeconds(1'700'000'001));
  const auto again = Put("gd", {}, "1");
  EXPECT_NE(again->etag(), first->etag());
}

TEST_F(SourceRegistryTest, WhatIsInUseIsNotDeleted) {
  ASSERT_TRUE(Put("gd", {}, "1").ok());
  {
    const auto use = registry_->BeginUse("gd");
    ASSERT_TRUE(use.ok());
    EXPECT_EQ(Delete("gd").code(), absl::StatusCode::kAborted);
  }
  EXPECT_TRUE(Delete("gd").ok());
  EXPECT_EQ(ReasonOf(registry_->BeginUse("gd").status()), kSourceNotFound);
}

TEST_F(SourceRegistryTest, RefusedDeleteLeavesTheSource) {
  ASSERT_TRUE(Put("gd", {}, "1").ok());
  const absl::Status status = registry_->Delete(
      "gd", "", [] { return absl::FailedPreconditionError("full"); },
      Nothing());
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(registry_->Get("gd").ok());
}

TEST_F(SourceRegistryTest, OneSyncOfASourceAtATime) {
  ASSERT_TRUE(Put("gd", {}, "1").ok());
  ASSERT_TRUE(Put("bj", {}, "1").ok());
  auto lock = registry_->LockSync("gd");
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(ReasonOf(registry_->LockSync("gd").status()),
            kImportAlreadyRunning);
  EXPECT_TRUE(registry_->LockSync("bj").ok());
  lock->reset();
  EXPECT_TRUE(registry_->LockSync("gd").ok());
  EXPECT_EQ(ReasonOf(registry_->LockSync("xx").status()), kSourceNotFound);
}

TEST_F(SourceRegistryTest, SyncTimeIsNoChangeOfTheSource) {
  const auto put = Put("gd", {}, "1");
  ASSERT_TRUE(registry_->SetLastSync("gd", clock_.Now()).ok());
  Reopen();
  EXPECT_EQ(registry_->Get("gd")->etag(), put->etag());
  EXPECT_TRUE(registry_->Get("gd")->has_last_sync_time());
}

TEST(SourceRegistryFaultTest, FailedWriteLeavesNothingVisible) {
  InMemoryStore disk;
  FaultyStore store(disk, 1);
  const ManualClock clock(absl::FromUnixSeconds(1));
  auto registry = SourceRegistry::Open(store, clock);
  ASSERT_TRUE(registry.ok());
  const auto put = (*registry)->Put(
      "gd", {}, [](v1::Source&) { return absl::OkStatus(); },
      [](const v1::Source&, WriteBatch&) {});
  EXPECT_FALSE(put.ok());
  EXPECT_FALSE((*registry)->Get("gd").ok());
}

TEST(SourceChecksTest, NamesFieldAndNearest) {
  v1::Source source;
  source.set_display_name("广东");
  source.set_province("44");
  EXPECT_TRUE(CheckSource(source).ok());
  source.set_province("4401");
  EXPECT_EQ(ReasonOf(CheckSource(source)), kCodeUnknown);
  EXPECT_EQ(FieldErrorOf(CheckSource(source)).nearest.substr(0, 2), "44");
  source.set_province("99");
  EXPECT_EQ(FieldErrorOf(CheckSource(source)).field, "source.province");
  source.clear_province();
  source.set_display_name("");
  EXPECT_EQ(ReasonOf(CheckSource(source)), kFieldMissing);
  source.set_display_name(std::string(201, 'x'));
  EXPECT_EQ(ReasonOf(CheckSource(source)), kFieldTooLong);
}

struct OrderCase {
  std::string name;
  std::vector<SyncMessage> messages;
  bool accepted;
};
class SyncOrderTest : public testing::TestWithParam<OrderCase> {};

TEST_P(SyncOrderTest, AcceptsOnlyBeginRowsCommit) {
  SyncOrder order;
  absl::Status status;
  for (const SyncMessage message : GetParam().messages) {
    if (status.ok()) status = order.Accept(message);
  }
  if (status.ok()) status = order.Close();
  EXPECT_EQ(status.ok(), GetParam().accepted);
  if (!status.ok()) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(status), kSyncOrder);
  }
}

constexpr SyncMessage kB = SyncMessage::kBegin;
constexpr SyncMessage kR = SyncMessage::kRow;
constexpr SyncMessage kC = SyncMessage::kCommit;
INSTANTIATE_TEST_SUITE_P(Cases, SyncOrderTest,
                         testing::ValuesIn<OrderCase>({
                             {"Whole", {kB, kR, kR, kC}, true},
                             {"NoRows", {kB, kC}, true},
                             {"Nothing", {}, false},
                             {"NoBegin", {kR}, false},
                             {"CommitFirst", {kC}, false},
                             {"TwoBegins", {kB, kB}, false},
                             {"NoCommit", {kB, kR}, false},
                             {"RowAfterCommit", {kB, kC, kR}, false},
                             {"TwoCommits", {kB, kC, kC}, false},
                             {"EmptyMessage", {kB, SyncMessage::kNone}, false},
                         }),
                         [](const auto& info) { return info.param.name; });

TEST(SyncProtocolTest, ModesThatAreNotServed) {
  v1::SyncBegin begin;
  EXPECT_EQ(FieldErrorOf(CheckSyncBegin(begin)).field, "begin.mode");
  begin.set_mode(v1::SYNC_MODE_FULL);
  EXPECT_EQ(CheckSyncBegin(begin).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(CheckSyncBegin(begin)), kSyncModeUnsupported);
  EXPECT_NE(CheckSyncBegin(begin).message().find("SYNC_MODE_INCREMENTAL"),
            absl::string_view::npos);
  begin.set_mode(static_cast<v1::SyncMode>(9));
  EXPECT_EQ(ReasonOf(CheckSyncBegin(begin)), kFieldInvalid);
  begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
  EXPECT_TRUE(CheckSyncBegin(begin).ok());
  begin.set_expected_count(-1);
  EXPECT_EQ(FieldErrorOf(CheckSyncBegin(begin)).field, "begin.expected_count");
  EXPECT_EQ(ReasonOf(CheckSyncBegin(begin)), kFieldOutOfRange);
}

TEST(SyncProtocolTest, CountsAddUp) {
  std::vector<v1::SyncRowResult> results;
  for (int s = v1::SyncRowResult::Status_MIN;
       s <= v1::SyncRowResult::Status_MAX; ++s) {
    results.emplace_back().set_status(
        static_cast<v1::SyncRowResult::Status>(s));
  }
  v1::SyncCommitted c;
  CountResults(results, c);
  CountResults(results, c);
  EXPECT_EQ(c.received(), 2 * static_cast<int64_t>(results.size()));
  EXPECT_EQ(c.received(), c.created() + c.updated() + c.unchanged() +
                              c.stale() + c.closed() + c.quarantined() +
                              c.rejected());
}

TEST(SyncProtocolTest, WarnsOfAnotherNumberOfRows) {
  v1::SyncBegin begin;
  begin.set_expected_count(5);
  v1::SyncCommitted counts;
  counts.set_received(4);
  AddSyncWarnings(begin, /*repeated=*/true, counts);
  ASSERT_EQ(counts.warnings_size(), 2);
  EXPECT_EQ(counts.warnings(0).code(), "COUNT_MISMATCH");
  EXPECT_EQ(counts.warnings(1).code(), "SYNC_REPEATED");
}

TEST(PostingCountsTest, CountsAgainWhenSomethingChanged) {
  PostingCounts counts;
  int64_t runs = 0;
  const auto count = [&]() -> absl::StatusOr<StateCounts> {
    return StateCounts{{"STATE_OPEN", ++runs}};
  };
  EXPECT_EQ(counts.Get(1, count)->at("STATE_OPEN"), 1);
  EXPECT_EQ(counts.Get(1, count)->at("STATE_OPEN"), 1);
  EXPECT_EQ(counts.Get(2, count)->at("STATE_OPEN"), 2);
  const auto fails = []() -> absl::StatusOr<StateCounts> {
    return absl::InternalError("x");
  };
  EXPECT_FALSE(counts.Get(3, fails).ok());
  EXPECT_EQ(counts.Get(3, count)->at("STATE_OPEN"), 3);
}

TEST(PostingCountsTest, NobodyWaitsForALongCount) {
  PostingCounts counts;
  int nested = 0;
  const auto other = [&]() -> absl::StatusOr<StateCounts> {
    ++nested;
    return StateCounts{};
  };
  const auto slow = [&]() -> absl::StatusOr<StateCounts> {
    // Another watcher in the middle of it.
    EXPECT_EQ(counts.Get(2, other)->size(), 0u);
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    return StateCounts{{"STATE_OPEN", 5}};
  };
  EXPECT_EQ(counts.Get(1, slow)->at("STATE_OPEN"), 5);
  // And not at once again, though something changed.
  EXPECT_EQ(counts.Get(2, other)->at("STATE_OPEN"), 5);
  EXPECT_EQ(nested, 0);
}

TEST(PostingCountsTest, ReadsTheStateWithoutParsing) {
  v1::Posting posting;
  EXPECT_EQ(StateOfPayload(posting.SerializeAsString()),
            v1::Posting::STATE_UNSPECIFIED);
  posting.set_title("x");
  posting.set_description(std::string(5'000, 'x'));
  posting.mutable_employer()->set_name("y");
  posting.set_state(v1::Posting::STATE_CLOSED);
  posting.set_etag("7");
  EXPECT_EQ(StateOfPayload(posting.SerializeAsString()),
            v1::Posting::STATE_CLOSED);
}

}  // namespace
}  // namespace gradmatch
