// Everybody at once on one gradmatchd: sources that sync, senders that hang up,
// graduates that change, people who search, push runs, deliveries, and SIGTERM
// in the middle of it. Under the thread sanitizer the server reports races by
// its exit code.

#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "gradmatch/v1/feedback_service.grpc.pb.h"
#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "gradmatch/v1/match_service.grpc.pb.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "gradmatch/v1/push_service.grpc.pb.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "index/base/clock.h"
#include "tests/end_to_end/server_fixture.h"
#include "tools/gradmatch/sync_client.h"
#include "tools/sample/sample_generator.h"

namespace gradmatch {
namespace {

constexpr int kSources = 3;
constexpr int kRounds = 4;
constexpr int kPostings = 120;  // a source
constexpr int kGraduates = 150;

class ConcurrentUseTest : public ServerFixture {
 protected:
  void StartWithSources() {
    ASSERT_NO_FATAL_FAILURE(Start());
    auto sample = SampleGenerator::Create(
        {.postings = kSources * kPostings,
         .graduates = kGraduates,
         .seed = 7,
         .base_date = absl::ToCivilDay(absl::Now(), ChinaTime())});
    ASSERT_TRUE(sample.ok()) << sample.status();
    sample_ = *std::move(sample);
    for (int s = 0; s < kSources; ++s) {
      v1::CreateSourceRequest request;
      request.set_source_id(absl::StrCat("s", s));
      request.mutable_source()->set_display_name("x");
      v1::Source source;
      const absl::Status status = client_->Call<v1::SourceService>(
          &v1::SourceService::Stub::CreateSource, request, source);
      ASSERT_TRUE(status.ok()) << status;
    }
  }

  v1::Posting PostingAt(int source, int i, int round) const {
    v1::Posting posting = sample_->Posting(source * kPostings + i).posting;
    posting.clear_name();
    posting.set_source_posting_id(absl::StrCat("p", i));
    posting.set_revision(round + 1);
    // New text, so that every round encodes and replaces rows.
    if (i % 2 == 0) posting.set_title(absl::StrCat(posting.title(), round));
    return posting;
  }

  // All rows of a round; in the last one every tenth posting closes. A source
  // is free again as soon as the server has noticed that a sender hung up.
  void SyncRound(int source, int round) {
    absl::StatusOr<v1::SyncCommitted> committed = SendRound(source, round);
    for (int tries = 0;
         tries < 200 && absl::IsFailedPrecondition(committed.status());
         ++tries) {
      absl::SleepFor(absl::Milliseconds(50));
      committed = SendRound(source, round);
    }
    ASSERT_TRUE(committed.ok()) << committed.status();
    EXPECT_EQ(committed->received(), kPostings);
    EXPECT_EQ(committed->rejected(), 0);
  }
  absl::StatusOr<v1::SyncCommitted> SendRound(int source, int round) {
    const Client client(options_);
    v1::SyncBegin begin;
    begin.set_source(absl::StrCat("sources/s", source));
    begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
    int i = 0;
    return SyncPostings(
        client, begin,
        {[&](v1::SyncPostingRow& row) -> absl::StatusOr<bool> {
           if (i == kPostings) return false;
           row.set_row_number(i + 1);
           if (round == kRounds - 1 && i % 10 == 0) {
             row.mutable_close()->set_source_posting_id(absl::StrCat("p", i));
             row.mutable_close()->set_revision(round + 1);
           } else {
             *row.mutable_upsert() = PostingAt(source, i, round);
           }
           ++i;
           return true;
         },
         [](const v1::SyncRowResult&) {}});
  }

  // A sender that hangs up after a few rows.
  void CutStream(int source) {
    const Client client(options_);
    const auto stub = v1::PostingService::NewStub(client.channel());
    grpc::ClientContext context;
    const auto stream = stub->SyncPostings(&context);
    v1::SyncPostingsRequest request;
    request.mutable_begin()->set_source(absl::StrCat("sources/s", source));
    request.mutable_begin()->set_mode(v1::SYNC_MODE_INCREMENTAL);
    stream->Write(request);
    for (int i = 0; i < 20; ++i) {
      *request.mutable_row()->mutable_upsert() = PostingAt(source, i, 0);
      request.mutable_row()->set_row_number(i + 1);
      stream->Write(request);
    }
    v1::SyncPostingsResponse response;
    stream->Read(&response);
    context.TryCancel();
    EXPECT_FALSE(stream->Finish().ok());
  }

  void SyncGraduatesOnce(int revision) {
    const Client client(options_);
    v1::SyncBegin begin;
    begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
    int i = 0;
    const auto committed =
        SyncGraduates(client, begin,
                      {[&](v1::SyncGraduateRow& row) -> absl::StatusOr<bool> {
                         if (i == kGraduates) return false;
                         row.set_row_number(i + 1);
                         *row.mutable_upsert() = sample_->Graduate(i++);
                         row.mutable_upsert()->set_revision(revision);
                         return true;
                       },
                       [](const v1::SyncRowResult&) {}});
    EXPECT_TRUE(committed.ok()) << committed.status();
  }

  // Reads of every kind until told to stop. Once SIGTERM was sent a caller is
  // refused with UNAVAILABLE, and with nothing else, and then waits, as
  // everybody who tries again does.
  void ReadUntil(const std::atomic<bool>& stop) {
    const Client client(options_);
    for (int i = 0; !stop; i = (i + 1) % kGraduates) {
      const std::string graduate = sample_->Graduate(i).name();
      v1::MatchPostingsRequest match;
      match.set_graduate(graduate);
      v1::MatchPostingsResponse matches;
      Expected(client.Call<v1::MatchService>(
          &v1::MatchService::Stub::MatchPostings, match, matches));
      v1::SearchPostingsRequest search;
      search.set_text("会计 武汉");
      v1::SearchPostingsResponse found;
      Expected(client.Call<v1::MatchService>(
          &v1::MatchService::Stub::SearchPostings, search, found));
      if (found.matches_size() > 0) {
        v1::ExplainMatchRequest explain;
        explain.set_graduate(graduate);
        explain.set_posting(found.matches(0).posting().name());
        v1::ExplainMatchResponse why;
        Expected(client.Call<v1::MatchService>(
            &v1::MatchService::Stub::ExplainMatch, explain, why));
      }
      v1::ListPostingsRequest list;
      list.set_parent(absl::StrCat("sources/s", i % kSources));
      list.set_page_size(20);
      v1::ListPostingsResponse page;
      Expected(client.Call<v1::PostingService>(
          &v1::PostingService::Stub::ListPostings, list, page));
    }
  }
  // Graduates come while others are looked up, some are placed.
  void Expected(const absl::Status& status) {
    const bool fine = status.ok() || absl::IsNotFound(status) ||
                      absl::IsFailedPrecondition(status) ||
                      (stopping_ && absl::IsUnavailable(status));
    EXPECT_TRUE(fine) << status;
    calls_ += status.ok();
    if (absl::IsUnavailable(status)) absl::SleepFor(absl::Seconds(1));
  }

  void ChangeGraduates(const std::atomic<bool>& stop) {
    const Client client(options_);
    for (int i = 0; !stop; i = (i + 1) % kGraduates) {
      v1::UpdateGraduateRequest request;
      request.mutable_graduate()->set_name(sample_->Graduate(i).name());
      request.mutable_graduate()->mutable_preferences()->set_personalisation(
          i % 2 == 1);
      request.mutable_update_mask()->add_paths("preferences.personalisation");
      v1::Graduate graduate;
      Expected(client.Call<v1::GraduateService>(
          &v1::GraduateService::Stub::UpdateGraduate, request, graduate));
    }
  }

  // A run from its start to the reports about its items.
  void PushOnce(const std::string& run_id) {
    using google::longrunning::Operations;
    const Client client(options_);
    v1::RunPushPlanRequest request;
    request.set_name("pushPlans/nightly");
    request.set_push_run_id(run_id);
    google::longrunning::Operation operation;
    absl::Status status = client.Call<v1::PushService>(
        &v1::PushService::Stub::RunPushPlan, request, operation);
    while (status.ok() && !operation.done()) {
      google::longrunning::WaitOperationRequest wait;
      wait.set_name(operation.name());
      wait.mutable_timeout()->set_seconds(5);
      status = client.Call<Operations>(&Operations::Stub::WaitOperation, wait,
                                       operation);
    }
    ASSERT_TRUE(status.ok()) << status;
    const auto stub = v1::PushService::NewStub(client.channel());
    grpc::ClientContext context;
    v1::StreamPushItemsRequest stream;
    stream.set_parent(absl::StrCat("pushRuns/", run_id));
    const auto items = stub->StreamPushItems(&context, stream);
    v1::StreamPushItemsResponse response;
    while (items->Read(&response)) Report(client, response);
    EXPECT_TRUE(items->Finish().ok());
  }
  void Report(const Client& client, const v1::StreamPushItemsResponse& items) {
    v1::ReportDeliveriesRequest report;
    for (const v1::PushItem& item : items.push_items()) {
      {
        std::lock_guard lock(told_mu_);
        EXPECT_TRUE(told_.emplace(item.graduate(), item.posting()).second)
            << item.graduate() << " hears twice of " << item.posting();
      }
      v1::Delivery& delivery = *report.add_deliveries();
      delivery.set_push_item(item.name());
      delivery.set_push_id(item.push_id());
      delivery.set_code(v1::Delivery::CODE_SENT);
    }
    v1::ReportDeliveriesResponse response;
    const absl::Status status = client.Call<v1::FeedbackService>(
        &v1::FeedbackService::Stub::ReportDeliveries, report, response);
    EXPECT_TRUE(status.ok()) << status;
  }

  void CreatePlan() {
    v1::CreatePushPlanRequest plan;
    plan.set_push_plan_id("nightly");
    v1::PushPlan stored;
    const absl::Status status = client_->Call<v1::PushService>(
        &v1::PushService::Stub::CreatePushPlan, plan, stored);
    ASSERT_TRUE(status.ok()) << status;
  }

  // What the last round of every source left: nine in ten, some quarantined.
  void ExpectLastRoundOfAll() {
    int open = 0;
    for (int s = 0; s < kSources; ++s) {
      v1::ListPostingsRequest list;
      list.set_parent(absl::StrCat("sources/s", s));
      list.set_page_size(1000);
      v1::ListPostingsResponse page;
      const absl::Status status = client_->Call<v1::PostingService>(
          &v1::PostingService::Stub::ListPostings, list, page);
      ASSERT_TRUE(status.ok()) << status;
      ASSERT_EQ(page.postings_size(), kPostings);
      for (const v1::Posting& posting : page.postings()) {
        EXPECT_EQ(posting.revision(), kRounds) << posting.name();
        open += posting.state() == v1::Posting::STATE_OPEN;
      }
    }
    EXPECT_EQ(Info().searchable_postings(), open);
  }

  std::unique_ptr<SampleGenerator> sample_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> calls_{0};
  std::mutex told_mu_;
  std::set<std::pair<std::string, std::string>> told_;
};

TEST_F(ConcurrentUseTest, EverybodyAtOnceAndThenSigterm) {
  ASSERT_NO_FATAL_FAILURE(StartWithSources());
  ASSERT_NO_FATAL_FAILURE(CreatePlan());
  SyncGraduatesOnce(1);
  for (int s = 0; s < kSources; ++s) SyncRound(s, 0);
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  readers.emplace_back([&] { ReadUntil(stop); });
  readers.emplace_back([&] { ReadUntil(stop); });
  readers.emplace_back([&] { ChangeGraduates(stop); });
  std::vector<std::thread> writers;
  for (int s = 0; s < kSources; ++s) {
    writers.emplace_back([&, s] {
      CutStream(s);
      for (int round = 1; round < kRounds; ++round) SyncRound(s, round);
    });
  }
  writers.emplace_back([&] {
    PushOnce("r1");
    PushOnce("r2");
  });
  writers.emplace_back([&] { PushOnce("r3"); });
  for (std::thread& thread : writers) thread.join();
  ExpectLastRoundOfAll();

  stopping_ = true;
  // The thread sanitizer makes it 66 when it has something to report.
  EXPECT_EQ(server_->Stop(), 0) << Text("log");
  stop = true;
  for (std::thread& thread : readers) thread.join();
  EXPECT_GT(calls_, 50);
  EXPECT_GT(told_.size(), 50u);
}

}  // namespace
}  // namespace gradmatch
