// kill -9 during sync, again and again, on one data folder. What the server
// acknowledged is recorded here, outside of it; after every restart all of it
// must be there. (A kill proves nothing about power cuts: the page cache
// survives it. It proves the order of acknowledging and recovery.)

#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/end_to_end/server_fixture.h"
#include "tools/gradmatch/sync_client.h"

namespace gradmatch {
namespace {

using v1::SyncRowResult;

constexpr int kCycles = 50;
constexpr int kMostRows = 600;
constexpr int kIds = 4'000;

class KillTest : public ServerFixture {
 protected:
  void AddSource() {
    v1::CreateSourceRequest request;
    request.set_source_id("killed");
    request.mutable_source()->set_display_name("x");
    v1::Source source;
    const absl::Status status = client_->Call<v1::SourceService>(
        &v1::SourceService::Stub::CreateSource, request, source);
    ASSERT_TRUE(status.ok()) << status;
  }

  // Every posting that is stored, by name: its revision.
  std::map<std::string, int64_t> Stored() {
    std::map<std::string, int64_t> stored;
    v1::ListPostingsRequest request;
    request.set_parent("sources/killed");
    request.set_page_size(1000);
    do {
      v1::ListPostingsResponse response;
      const absl::Status status = client_->Call<v1::PostingService>(
          &v1::PostingService::Stub::ListPostings, request, response);
      EXPECT_TRUE(status.ok()) << status;
      if (!status.ok()) break;
      for (const v1::Posting& posting : response.postings()) {
        EXPECT_EQ(posting.title(), TitleAt(posting.revision()));
        stored[posting.name()] = posting.revision();
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return stored;
  }

  // The content says which revision it is, so that half a write would show.
  static std::string TitleAt(int64_t revision) {
    return absl::StrCat("测试工程师", revision);
  }

  // Sends rows until the server is killed, which happens once `kill_after`
  // rows are acknowledged.
  void SyncUntilKilled(int cycle, int kill_after, std::mt19937& random) {
    v1::SyncBegin begin;
    begin.set_source("sources/killed");
    begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
    int sent = 0;
    int answered = 0;
    const auto committed = SyncPostings(
        *client_, begin,
        {[&](v1::SyncPostingRow& row) -> absl::StatusOr<bool> {
           if (sent == kMostRows) return false;
           row.set_row_number(++sent);
           v1::Posting& posting = *row.mutable_upsert();
           posting.set_source_posting_id(absl::StrCat("p", random() % kIds));
           posting.set_revision(cycle * kMostRows + sent);
           posting.set_title(TitleAt(posting.revision()));
           posting.mutable_employer()->set_name("某公司");
           posting.set_openings(1);
           return true;
         },
         [&](const SyncRowResult& result) {
           EXPECT_TRUE(result.status() == SyncRowResult::STATUS_CREATED ||
                       result.status() == SyncRowResult::STATUS_UPDATED)
               << result.DebugString();
           // The row number is the revision within the cycle.
           acknowledged_[result.name()] =
               cycle * kMostRows + result.row_number();
           if (++answered == kill_after) server_->Kill();
         }});
    if (answered < kill_after) server_->Kill();
    killed_in_stream_ += !committed.ok();
  }

  std::map<std::string, int64_t> acknowledged_;
  int killed_in_stream_ = 0;
};

TEST_F(KillTest, NothingAcknowledgedIsMissingAfterKillDuringSync) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed=", seed));
  std::mt19937 random(seed);
  for (int cycle = 1; cycle <= kCycles; ++cycle) {
    SCOPED_TRACE(absl::StrCat("cycle=", cycle));
    ASSERT_NO_FATAL_FAILURE(Start());
    if (cycle == 1) AddSource();
    const std::map<std::string, int64_t> stored = Stored();
    for (const auto& [name, revision] : acknowledged_) {
      const auto it = stored.find(name);
      ASSERT_TRUE(it != stored.end()) << name << " is missing";
      ASSERT_GE(it->second, revision) << name << " is old";
    }
    ASSERT_EQ(Info().searchable_postings(),
              static_cast<int64_t>(stored.size()));
    SyncUntilKilled(cycle, 1 + static_cast<int>(random() % kMostRows), random);
  }
  EXPECT_GT(acknowledged_.size(), 1000u);
  // Else the kills came too late to prove anything.
  EXPECT_GT(killed_in_stream_, kCycles / 2);
}

}  // namespace
}  // namespace gradmatch
