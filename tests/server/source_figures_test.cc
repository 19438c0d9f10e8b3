// Figures of a source over a real socket: what it has, and what became of its
// syncs, across restarts.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/sync_figures.h"
#include "server/time_proto.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/server/services_fixture.h"

namespace gradmatch {
namespace {

class SourceFiguresTest : public ServicesTest {
 protected:
  absl::StatusOr<v1::SourceFigures> Figures(
      const std::string& name = "sources/gd/figures") {
    v1::GetSourceFiguresRequest request;
    request.set_name(name);
    v1::SourceFigures response;
    absl::Status status = server_.Call(
        server_.sources(), &Sources::GetSourceFigures, request, response);
    if (!status.ok()) return status;
    return response;
  }

  // One sync of these postings; without a commit it breaks off.
  void Sync(const std::vector<v1::Posting>& postings, bool commit,
            bool validate_only = false) {
    grpc::ClientContext context;
    const auto stub = server_.postings();
    const auto stream = stub->SyncPostings(&context);
    v1::SyncPostingsRequest begin;
    begin.mutable_begin()->set_source("sources/gd");
    begin.mutable_begin()->set_mode(v1::SYNC_MODE_INCREMENTAL);
    begin.mutable_begin()->set_validate_only(validate_only);
    stream->Write(begin);
    for (const v1::Posting& posting : postings) {
      v1::SyncPostingsRequest row;
      *row.mutable_row()->mutable_upsert() = posting;
      stream->Write(row);
    }
    v1::SyncPostingsRequest end;
    end.mutable_commit();
    if (commit) stream->Write(end);
    stream->WritesDone();
    size_t results = 0;
    v1::SyncPostingsResponse response;
    while (stream->Read(&response)) {
      results += static_cast<size_t>(response.results().results_size());
    }
    EXPECT_EQ(stream->Finish().ok(), commit);
    if (commit) {
      EXPECT_EQ(results, postings.size());
    }
  }
};

TEST_F(SourceFiguresTest, CountsWhatItHasAndWhatBecameOfItsSyncs) {
  auto figures = Figures();
  ASSERT_TRUE(figures.ok()) << figures.status();
  EXPECT_EQ(figures->name(), "sources/gd/figures");
  EXPECT_EQ(figures->lag_seconds(), -1);
  EXPECT_TRUE(figures->postings().empty());

  v1::Posting closed = GoodPosting("closed");
  closed.set_state(v1::Posting::STATE_CLOSED);
  v1::Posting tier = GoodPosting("tier");
  tier.set_requirements("仅限985、211高校毕业生");
  v1::Posting bad = GoodPosting("bad");
  bad.clear_title();
  Sync({GoodPosting("a"), GoodPosting("b"), closed, tier, bad}, true);
  server_.clock().Advance(absl::Minutes(5));
  Sync({GoodPosting("c")}, false);
  Sync({GoodPosting("d")}, true, /*validate_only=*/true);
  for (bool restarted : {false, true}) {
    if (restarted) {
      server_.Stop();
      server_.Start();
    }
    figures = Figures();
    ASSERT_TRUE(figures.ok()) << figures.status();
    EXPECT_EQ(figures->postings().at("STATE_CLOSED"), 1);
    EXPECT_GE(figures->postings().at("STATE_OPEN"), 2);
    EXPECT_EQ(figures->postings().at("STATE_QUARANTINED"), 1);
    ASSERT_EQ(figures->quarantined_size(), 1);
    EXPECT_EQ(figures->quarantined().begin()->second, 1);
    EXPECT_EQ(figures->lag_seconds(), 300);
    ASSERT_EQ(figures->syncs_size(), 2);
    EXPECT_FALSE(figures->syncs(0).committed());
    const v1::SyncFigures& first = figures->syncs(1);
    EXPECT_TRUE(first.committed());
    EXPECT_EQ(first.rows().received(), 5);
    EXPECT_EQ(first.rows().created(), 3);
    EXPECT_EQ(first.rows().quarantined(), 1);
    EXPECT_EQ(first.rows().rejected(), 1);
    ASSERT_EQ(first.rejected_size(), 1);
    EXPECT_EQ(first.rejected().at("FIELD_MISSING"), 1);
  }
}

TEST_F(SourceFiguresTest, RefusesWrongNames) {
  EXPECT_EQ(Summary(Figures("").status()),
            "INVALID_ARGUMENT FIELD_MISSING name");
  EXPECT_EQ(Summary(Figures("sources/gd").status()),
            "INVALID_ARGUMENT NAME_INVALID name");
  EXPECT_EQ(Summary(Figures("sources/none/figures").status()),
            "NOT_FOUND SOURCE_NOT_FOUND");
}

TEST_F(SourceFiguresTest, GoWithTheSource) {
  Sync({}, true);
  v1::DeleteSourceRequest remove;
  remove.set_name("sources/gd");
  google::protobuf::Empty empty;
  const absl::Status status =
      server_.Call(server_.sources(), &Sources::DeleteSource, remove, empty);
  ASSERT_TRUE(status.ok()) << status;
  server_.AddSource("gd");
  const auto figures = Figures();
  ASSERT_TRUE(figures.ok()) << figures.status();
  EXPECT_TRUE(figures->syncs().empty());
}

TEST(SyncFiguresTest, ThirtyAreKeptTheNewestFirst) {
  InMemoryStore store;
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  for (int i = 0; i < 40; ++i) {
    v1::SyncFigures figures;
    // Every third one at the same moment, and one before: a clock that stands
    // still or goes back loses none.
    *figures.mutable_start_time() =
        ToTimestamp(start + absl::Seconds(i % 3 == 2 ? i - 2 : i / 3 * 3));
    figures.mutable_rows()->set_received(i);
    ASSERT_TRUE(
        KeepSyncFigures(store, "gd", figures, Durability::kBuffered).ok());
    figures.mutable_rows()->set_received(1'000 + i);
    ASSERT_TRUE(
        KeepSyncFigures(store, "gd2", figures, Durability::kBuffered).ok());
  }
  const auto kept = ReadSyncFigures(store, "gd");
  ASSERT_TRUE(kept.ok()) << kept.status();
  ASSERT_EQ(kept->size(), kSyncsKept);
  for (size_t i = 0; i < kept->size(); ++i) {
    EXPECT_EQ((*kept)[i].rows().received(), 39 - static_cast<int64_t>(i));
  }
  size_t entries = 0;
  for (auto cursor = store.Scan(Family::kSyncFigures, {}); cursor->Valid();
       cursor->Next()) {
    ++entries;
  }
  EXPECT_EQ(entries, 2 * kSyncsKept);
}

}  // namespace
}  // namespace gradmatch
