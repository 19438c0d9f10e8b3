#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/push_fixture.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Result = v1::ReportDeliveriesResponse::Result;

class PushRunsTest : public PushFixture {};

TEST_F(PushRunsTest, FromPlanToDelivery) {
  Fill(6, 20);
  MakePlan("nightly");
  const v1::PushRun run = RunToTheEnd("nightly", "2026-03-01-nightly");
  EXPECT_EQ(run.name(), "pushRuns/2026-03-01-nightly");
  EXPECT_EQ(run.state(), v1::PushRun::STATE_READY);
  EXPECT_EQ(run.operation(), "operations/push-2026-03-01-nightly");
  EXPECT_EQ(run.counts().graduates_total(), 20);
  EXPECT_EQ(run.counts().graduates_covered(), 20);
  EXPECT_EQ(run.counts().items(), 40);
  EXPECT_EQ(run.counts().postings_open(), 6);
  EXPECT_GT(run.counts().mean_score(), 0);
  EXPECT_FALSE(run.versions().encoder().empty());

  const std::vector<v1::PushItem> items = Items("2026-03-01-nightly");
  ASSERT_EQ(items.size(), 40u);
  std::set<std::string> push_ids;
  std::map<std::string, std::set<std::string>> told;
  for (const v1::PushItem& item : items) {
    push_ids.insert(item.push_id());
    EXPECT_TRUE(told[item.graduate()].insert(item.posting()).second);
    EXPECT_EQ(item.short_title(), "软件工程师");
    EXPECT_GT(item.reasons_size(), 0);
    EXPECT_GT(item.score(), 0);
    EXPECT_NEAR(item.score(), item.wants_score() * item.fits_score(), 1e-5);
  }
  EXPECT_EQ(push_ids.size(), 40u);

  // Those of one graduate.
  v1::ListPushItemsRequest of_one;
  of_one.set_parent("pushRuns/2026-03-01-nightly");
  of_one.set_graduate("graduates/g-3");
  of_one.set_page_size(1);
  std::vector<v1::PushItem> own;
  ASSERT_TRUE(ListItems(of_one, own).ok());
  ASSERT_EQ(own.size(), 2u);
  for (const v1::PushItem& item : own) {
    EXPECT_EQ(item.graduate(), "graduates/g-3");
  }

  // The explanation knows.
  v1::ExplainMatchRequest explain;
  explain.set_graduate("graduates/g-3");
  explain.set_posting(own[0].posting());
  v1::ExplainMatchResponse explained;
  ASSERT_TRUE(server_
                  .Call(server_.matches(),
                        &v1::MatchService::Stub::ExplainMatch, explain,
                        explained)
                  .ok());
  ASSERT_EQ(explained.push_reasons_size(), 1);
  EXPECT_THAT(explained.push_reasons(0).text_zh(),
              HasSubstr("2026-03-01-nightly"));

  // The next run pushes what was not pushed yet.
  EXPECT_EQ(RunToTheEnd("nightly", "second").counts().items(), 40);
  for (const v1::PushItem& item : Items("second")) {
    EXPECT_TRUE(told[item.graduate()].insert(item.posting()).second);
  }
  EXPECT_EQ(RunToTheEnd("nightly", "third").counts().items(), 40);
  const v1::PushRun fourth = RunToTheEnd("nightly", "fourth");
  EXPECT_EQ(fourth.counts().items(), 0);
  ASSERT_EQ(fourth.counts().suppressions_size(), 1);
  EXPECT_EQ(fourth.counts().suppressions(0).code(), "ALL_PUSHED_BEFORE");
}

TEST_F(PushRunsTest, TheSameIdIsTheSameRun) {
  Fill(3, 5);
  MakePlan("nightly");
  RunToTheEnd("nightly", "r1");
  Operation operation;
  ASSERT_TRUE(StartRun("nightly", "r1", operation).ok());
  EXPECT_TRUE(operation.done());
  EXPECT_EQ(Items("r1").size(), 10u);

  MakePlan("other");
  EXPECT_EQ(Summary(StartRun("other", "r1", operation)),
            "FAILED_PRECONDITION RUN_ID_REUSED_WITH_DIFFERENT_PLAN");
  v1::UpdatePushPlanRequest update;
  update.mutable_push_plan()->set_name("pushPlans/nightly");
  update.mutable_push_plan()->set_slots(1);
  update.mutable_update_mask()->add_paths("slots");
  v1::PushPlan changed;
  ASSERT_TRUE(
      server_.Call(push(), &Push::UpdatePushPlan, update, changed).ok());
  EXPECT_EQ(Summary(StartRun("nightly", "r1", operation)),
            "FAILED_PRECONDITION RUN_ID_REUSED_WITH_DIFFERENT_PLAN");
}

TEST_F(PushRunsTest, OperationsAreListedWaitedForAndDeleted) {
  Fill(3, 5);
  MakePlan("nightly");
  RunToTheEnd("nightly", "r1");
  RunToTheEnd("nightly", "r2");
  google::longrunning::ListOperationsRequest list;
  list.set_name("operations");
  google::longrunning::ListOperationsResponse listed;
  ASSERT_TRUE(
      server_.Call(operations(), &Operations::ListOperations, list, listed)
          .ok());
  ASSERT_EQ(listed.operations_size(), 2);
  v1::RunPushPlanMetadata metadata;
  ASSERT_TRUE(listed.operations(0).metadata().UnpackTo(&metadata));
  EXPECT_EQ(metadata.push_run(), "pushRuns/r1");
  EXPECT_EQ(metadata.state(), v1::PushRun::STATE_READY);
  EXPECT_EQ(metadata.done(), 5);
  EXPECT_EQ(metadata.total(), 5);
  EXPECT_EQ(metadata.eta_seconds(), 0);

  // Waiting for what is over answers at once.
  Operation operation;
  ASSERT_TRUE(Wait("operations/push-r1", operation).ok());
  EXPECT_TRUE(operation.done());

  google::longrunning::DeleteOperationRequest remove;
  remove.set_name("operations/push-r1");
  google::protobuf::Empty empty;
  ASSERT_TRUE(
      server_.Call(operations(), &Operations::DeleteOperation, remove, empty)
          .ok());
  EXPECT_EQ(Summary(Wait("operations/push-r1", operation)),
            "NOT_FOUND OPERATION_NOT_FOUND");
  v1::GetPushRunRequest get;
  get.set_name("pushRuns/r1");
  v1::PushRun run;
  EXPECT_TRUE(server_.Call(push(), &Push::GetPushRun, get, run).ok());
  // Asked for again it is there again.
  ASSERT_TRUE(StartRun("nightly", "r1", operation).ok());
  EXPECT_TRUE(Wait("operations/push-r1", operation).ok());
}

// A waiter held a place among the calls under way, so that a few hundred of
// them kept everybody out.
TEST_F(PushRunsTest, WhoWaitsKeepsNobodyOut) {
  Fill(6, 1000);
  MakePlan("nightly");
  Operation operation;
  for (const char* id : {"r1", "r2", "r3", "r4"}) {
    ASSERT_TRUE(StartRun("nightly", id, operation).ok());
  }
  Runtime& runtime = server_.server().runtime();
  const int64_t before = runtime.counters.started;
  std::atomic<bool> ended{false};
  std::thread waiter([&] {
    Operation last;
    EXPECT_TRUE(WaitForTheEnd("operations/push-r4", last).ok());
    ended = true;
  });
  bool nobody = false;
  while (!ended && !nobody) {
    // It holds a stream's place, not a call's.
    nobody = runtime.counters.started > before &&
             runtime.admission.in_flight() == runtime.admission.streams();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(nobody);
  waiter.join();
}

TEST_F(PushRunsTest, CancelEndsARunForGood) {
  Fill(3, 5);
  MakePlan("nightly");
  Operation operation;
  ASSERT_TRUE(StartRun("nightly", "r1", operation).ok());
  v1::CancelPushRunRequest cancel;
  cancel.set_name("pushRuns/r1");
  v1::PushRun run;
  ASSERT_TRUE(server_.Call(push(), &Push::CancelPushRun, cancel, run).ok());
  ASSERT_TRUE(WaitForTheEnd("operations/push-r1", operation).ok());
  ASSERT_TRUE(operation.done());
  v1::GetPushRunRequest get;
  get.set_name("pushRuns/r1");
  ASSERT_TRUE(server_.Call(push(), &Push::GetPushRun, get, run).ok());
  // Either the word came in time, or the run was over before.
  if (operation.has_error()) {
    EXPECT_EQ(operation.error().code(), 1);
    EXPECT_EQ(run.state(), v1::PushRun::STATE_CANCELLED);
  } else {
    EXPECT_EQ(run.state(), v1::PushRun::STATE_READY);
  }
  EXPECT_EQ(Items("r1").size(), static_cast<size_t>(run.counts().items()));

  google::longrunning::CancelOperationRequest again;
  again.set_name("operations/push-r1");
  google::protobuf::Empty empty;
  EXPECT_TRUE(
      server_.Call(operations(), &Operations::CancelOperation, again, empty)
          .ok());
  ASSERT_TRUE(server_.Call(push(), &Push::GetPushRun, get, run).ok());
  EXPECT_NE(run.state(), v1::PushRun::STATE_FAILED);
}

TEST_F(PushRunsTest, ARunGoesOnWhenTheServerComesBack) {
  Fill(6, 1000);
  MakePlan("nightly");
  Operation operation;
  ASSERT_TRUE(StartRun("nightly", "r1", operation).ok());
  server_.Stop();
  server_.Start();
  ASSERT_TRUE(WaitForTheEnd("operations/push-r1", operation).ok());
  ASSERT_TRUE(operation.done());
  v1::PushRun run;
  ASSERT_TRUE(operation.response().UnpackTo(&run));
  EXPECT_EQ(run.counts().graduates_covered(), 1000);
  EXPECT_EQ(Items("r1").size(), 2000u);
}

TEST_F(PushRunsTest, StreamGoesOnFromItsCursor) {
  Fill(6, 300);
  MakePlan("nightly");
  RunToTheEnd("nightly", "r1");
  v1::StreamPushItemsRequest request;
  request.set_parent("pushRuns/r1");
  std::vector<v1::PushItem> items;
  std::string cursor;
  // Cut off after one message, as a receiver that is killed.
  EXPECT_EQ(Stream(request, items, cursor, 1).code(),
            absl::StatusCode::kCancelled);
  const size_t first = items.size();
  ASSERT_GT(first, 0u);
  ASSERT_LT(first, 600u);
  request.set_cursor(cursor);
  ASSERT_TRUE(Stream(request, items, cursor).ok());
  std::set<std::string> names;
  for (const v1::PushItem& item : items) names.insert(item.name());
  EXPECT_EQ(items.size(), 600u);
  EXPECT_EQ(names.size(), 600u);
  // At the end there is nothing more.
  request.set_cursor(cursor);
  items.clear();
  ASSERT_TRUE(Stream(request, items, cursor).ok());
  EXPECT_THAT(items, IsEmpty());

  request.set_cursor("AAAA");
  EXPECT_EQ(Summary(Stream(request, items, cursor)),
            "INVALID_ARGUMENT PAGE_TOKEN_INVALID cursor");
  request.set_parent("pushRuns/none");
  request.clear_cursor();
  EXPECT_EQ(Summary(Stream(request, items, cursor)),
            "NOT_FOUND PUSH_RUN_NOT_FOUND");
}

TEST_F(PushRunsTest, DeliveriesAndThoseWhoLeftShowInTheStream) {
  Fill(6, 4);
  MakePlan("nightly");
  RunToTheEnd("nightly", "r1");
  const std::vector<v1::PushItem> items = Items("r1");
  ASSERT_EQ(items.size(), 8u);

  v1::ReportDeliveriesRequest report;
  const auto add = [&](const v1::PushItem& item, v1::Delivery::Code code) {
    v1::Delivery& delivery = *report.add_deliveries();
    delivery.set_push_item(item.name());
    delivery.set_push_id(item.push_id());
    delivery.set_code(code);
  };
  add(items[0], v1::Delivery::CODE_SENT);
  add(items[1], v1::Delivery::CODE_REFUSED);
  add(items[2], v1::Delivery::CODE_BOUNCED);
  add(items[3], v1::Delivery::CODE_SENT);
  report.mutable_deliveries(3)->set_push_id("another");
  add(items[4], v1::Delivery::CODE_SENT);
  report.mutable_deliveries(4)->set_push_item("pushRuns/r1/items/0000000099");
  const auto statuses = [&] {
    v1::ReportDeliveriesResponse response;
    const absl::Status status =
        server_.Call(feedback(), &v1::FeedbackService::Stub::ReportDeliveries,
                     report, response);
    EXPECT_TRUE(status.ok()) << status;
    std::vector<Result::Status> all;
    for (const Result& result : response.results()) {
      all.push_back(result.status());
    }
    return all;
  };
  EXPECT_THAT(statuses(), testing::ElementsAre(
                              Result::STATUS_RECORDED, Result::STATUS_RECORDED,
                              Result::STATUS_RECORDED, Result::STATUS_MISMATCH,
                              Result::STATUS_NOT_FOUND));
  EXPECT_THAT(
      statuses(),
      testing::ElementsAre(Result::STATUS_UNCHANGED, Result::STATUS_UNCHANGED,
                           Result::STATUS_UNCHANGED, Result::STATUS_MISMATCH,
                           Result::STATUS_NOT_FOUND));

  // Somebody with an open item finds work.
  v1::UpdateGraduateRequest placed;
  placed.mutable_graduate()->set_name(items[7].graduate());
  placed.mutable_graduate()->set_lifecycle(v1::Graduate::LIFECYCLE_PLACED);
  placed.mutable_update_mask()->add_paths("lifecycle");
  v1::Graduate graduate;
  const absl::Status updated = server_.Call(
      server_.graduates(), &v1::GraduateService::Stub::UpdateGraduate, placed,
      graduate);
  ASSERT_TRUE(updated.ok()) << updated;

  v1::StreamPushItemsRequest request;
  request.set_parent("pushRuns/r1");
  std::vector<v1::PushItem> all;
  std::string cursor;
  ASSERT_TRUE(Stream(request, all, cursor).ok());
  ASSERT_EQ(all.size(), 8u);
  std::map<v1::PushItem::State, int> by_state;
  for (const v1::PushItem& item : all) ++by_state[item.state()];
  EXPECT_EQ(by_state[v1::PushItem::STATE_SENT], 1);
  EXPECT_EQ(by_state[v1::PushItem::STATE_REFUSED], 1);
  EXPECT_GT(by_state[v1::PushItem::STATE_SUPPRESSED], 0);
  EXPECT_THAT(all[7].state_reason(), HasSubstr("已登记毕业去向"));

  request.set_intent_only(true);
  std::vector<v1::PushItem> open;
  ASSERT_TRUE(Stream(request, open, cursor).ok());
  EXPECT_EQ(static_cast<int>(open.size()),
            by_state[v1::PushItem::STATE_INTENT]);
}

}  // namespace
}  // namespace gradmatch
