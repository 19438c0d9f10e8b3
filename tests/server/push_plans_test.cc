#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/push_fixture.h"

namespace gradmatch {
namespace {

using testing::ElementsAre;

class PushPlansTest : public PushFixture {};

TEST_F(PushPlansTest, AreCreatedReadChangedListedAndDeleted) {
  v1::PushPlan plan;
  plan.set_display_name("夜间");
  plan.set_slots(3);
  v1::PushPlan made;
  ASSERT_TRUE(CreatePlan("nightly", plan, made, "req-1").ok());
  EXPECT_EQ(made.name(), "pushPlans/nightly");
  EXPECT_FALSE(made.etag().empty());
  EXPECT_TRUE(made.has_create_time());

  // A repeat is answered, another body under the same id is not.
  v1::PushPlan again;
  ASSERT_TRUE(CreatePlan("nightly", plan, again, "req-1").ok());
  EXPECT_EQ(again.SerializeAsString(), made.SerializeAsString());
  plan.set_slots(4);
  EXPECT_EQ(Summary(CreatePlan("nightly", plan, again, "req-1")),
            "ABORTED REQUEST_ID_REUSED");
  EXPECT_EQ(Summary(CreatePlan("nightly", plan, again)),
            "ALREADY_EXISTS ALREADY_EXISTS");

  v1::UpdatePushPlanRequest update;
  update.mutable_push_plan()->set_name("pushPlans/nightly");
  update.mutable_push_plan()->set_etag(made.etag());
  update.mutable_push_plan()->set_slots(9);
  update.mutable_update_mask()->add_paths("slots");
  v1::PushPlan changed;
  absl::Status status =
      server_.Call(push(), &Push::UpdatePushPlan, update, changed);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(changed.slots(), 9);
  EXPECT_EQ(changed.display_name(), "夜间");
  EXPECT_NE(changed.etag(), made.etag());
  status = server_.Call(push(), &Push::UpdatePushPlan, update, changed);
  EXPECT_EQ(Summary(status), "ABORTED ETAG_MISMATCH");

  update.mutable_push_plan()->set_name("pushPlans/weekly");
  update.mutable_push_plan()->clear_etag();
  status = server_.Call(push(), &Push::UpdatePushPlan, update, changed);
  EXPECT_EQ(Summary(status), "NOT_FOUND PUSH_PLAN_NOT_FOUND");
  update.set_allow_missing(true);
  // An etag is of a plan that was seen: its absence is no reason to create one.
  update.mutable_push_plan()->set_etag(made.etag());
  status = server_.Call(push(), &Push::UpdatePushPlan, update, changed);
  EXPECT_EQ(Summary(status), "NOT_FOUND PUSH_PLAN_NOT_FOUND");
  update.mutable_push_plan()->clear_etag();
  ASSERT_TRUE(
      server_.Call(push(), &Push::UpdatePushPlan, update, changed).ok());

  v1::ListPushPlansRequest list;
  list.set_page_size(1);
  std::vector<std::string> names;
  do {
    v1::ListPushPlansResponse page;
    ASSERT_TRUE(server_.Call(push(), &Push::ListPushPlans, list, page).ok());
    ASSERT_EQ(page.push_plans_size(), 1);
    names.push_back(page.push_plans(0).name());
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_THAT(names, ElementsAre("pushPlans/nightly", "pushPlans/weekly"));

  v1::DeletePushPlanRequest remove;
  remove.set_name("pushPlans/nightly");
  remove.set_etag("another");
  google::protobuf::Empty empty;
  EXPECT_EQ(Summary(server_.Call(push(), &Push::DeletePushPlan, remove, empty)),
            "ABORTED ETAG_MISMATCH");
  remove.clear_etag();
  ASSERT_TRUE(server_.Call(push(), &Push::DeletePushPlan, remove, empty).ok());
  v1::GetPushPlanRequest get;
  get.set_name("pushPlans/nightly");
  EXPECT_EQ(Summary(server_.Call(push(), &Push::GetPushPlan, get, made)),
            "NOT_FOUND PUSH_PLAN_NOT_FOUND");
}

struct BadCase {
  std::string name;
  std::function<absl::Status(TestServer&)> call;
  std::string want;
};

template <typename Method, typename Response, typename Request>
absl::Status CallPush(TestServer& server, Method method,
                      const Request& request) {
  Response response;
  return server.Call(v1::PushService::NewStub(server.channel()), method,
                     request, response);
}

absl::Status CreateWith(TestServer& server, const std::string& id,
                        const std::function<void(v1::PushPlan&)>& change) {
  v1::CreatePushPlanRequest request;
  request.set_push_plan_id(id);
  change(*request.mutable_push_plan());
  return CallPush<decltype(&v1::PushService::Stub::CreatePushPlan),
                  v1::PushPlan>(server, &v1::PushService::Stub::CreatePushPlan,
                                request);
}

absl::Status RunWith(TestServer& server, const std::string& plan,
                     const std::string& run) {
  v1::RunPushPlanRequest request;
  request.set_name(plan);
  request.set_push_run_id(run);
  return CallPush<decltype(&v1::PushService::Stub::RunPushPlan),
                  google::longrunning::Operation>(
      server, &v1::PushService::Stub::RunPushPlan, request);
}

absl::Status ListItemsWith(TestServer& server, const std::string& run,
                           const std::string& token,
                           const std::string& graduate) {
  v1::ListPushItemsRequest request;
  request.set_parent(run);
  request.set_page_token(token);
  request.set_graduate(graduate);
  return CallPush<decltype(&v1::PushService::Stub::ListPushItems),
                  v1::ListPushItemsResponse>(
      server, &v1::PushService::Stub::ListPushItems, request);
}

absl::Status ReportWith(TestServer& server, int count,
                        const std::function<void(int, v1::Delivery&)>& fill) {
  v1::ReportDeliveriesRequest request;
  for (int i = 0; i < count; ++i) fill(i, *request.add_deliveries());
  v1::ReportDeliveriesResponse response;
  return server.Call(v1::FeedbackService::NewStub(server.channel()),
                     &v1::FeedbackService::Stub::ReportDeliveries, request,
                     response);
}

absl::Status OperationWith(TestServer& server, const std::string& name) {
  google::longrunning::GetOperationRequest request;
  request.set_name(name);
  google::longrunning::Operation response;
  return server.Call(google::longrunning::Operations::NewStub(server.channel()),
                     &google::longrunning::Operations::Stub::GetOperation,
                     request, response);
}

TEST_F(PushPlansTest, BadInputIsNamed) {
  const std::vector<BadCase> cases = {
      {"PlanWithoutId", [](auto& s) { return CreateWith(s, "", [](auto&) {}); },
       "INVALID_ARGUMENT FIELD_MISSING push_plan_id"},
      {"PlanIdUpperCase",
       [](auto& s) { return CreateWith(s, "Nightly", [](auto&) {}); },
       "INVALID_ARGUMENT NAME_INVALID push_plan_id"},
      {"TooManySlots",
       [](auto& s) {
         return CreateWith(s, "a", [](auto& p) { p.set_slots(101); });
       },
       "INVALID_ARGUMENT FIELD_OUT_OF_RANGE push_plan.slots"},
      {"ScoreNaN",
       [](auto& s) {
         return CreateWith(s, "a",
                           [](auto& p) { p.set_min_score(std::nan("")); });
       },
       "INVALID_ARGUMENT FIELD_OUT_OF_RANGE push_plan.min_score"},
      {"NewsCannotBePushedYet",
       [](auto& s) {
         return CreateWith(s, "a", [](auto& p) {
           p.add_content_kinds(v1::CONTENT_KIND_NEWS);
         });
       },
       "INVALID_ARGUMENT FIELD_INVALID push_plan.content_kinds"},
      {"RunOfNoPlan", [](auto& s) { return RunWith(s, "pushPlans/x", "r"); },
       "NOT_FOUND PUSH_PLAN_NOT_FOUND"},
      {"RunOfABadName", [](auto& s) { return RunWith(s, "plans/x", "r"); },
       "INVALID_ARGUMENT NAME_INVALID name"},
      {"RunIdTooLong",
       [](auto& s) { return RunWith(s, "pushPlans/x", std::string(60, 'r')); },
       "INVALID_ARGUMENT NAME_INVALID push_run_id"},
      {"ItemsOfNoRun",
       [](auto& s) { return ListItemsWith(s, "pushRuns/x", "", ""); },
       "NOT_FOUND PUSH_RUN_NOT_FOUND"},
      {"MadeUpPageToken",
       [](auto& s) { return ListItemsWith(s, "pushRuns/x", "AAAA", ""); },
       "INVALID_ARGUMENT PAGE_TOKEN_INVALID page_token"},
      {"NoDeliveries",
       [](auto& s) { return ReportWith(s, 0, [](int, auto&) {}); },
       "INVALID_ARGUMENT FIELD_MISSING deliveries"},
      {"TooManyDeliveries",
       [](auto& s) { return ReportWith(s, 501, [](int, auto&) {}); },
       "INVALID_ARGUMENT BATCH_TOO_LARGE deliveries"},
      {"DeliveryOfABadName",
       [](auto& s) {
         return ReportWith(s, 1, [](int, auto& d) {
           d.set_push_item("items/1");
           d.set_code(v1::Delivery::CODE_SENT);
         });
       },
       "INVALID_ARGUMENT NAME_INVALID deliveries[0].push_item"},
      {"DeliveryWithoutCode",
       [](auto& s) {
         return ReportWith(s, 1, [](int, auto& d) {
           d.set_push_item("pushRuns/r/items/0000000001");
         });
       },
       "INVALID_ARGUMENT FIELD_INVALID deliveries[0].code"},
      {"TheSameItemTwice",
       [](auto& s) {
         return ReportWith(s, 2, [](int, auto& d) {
           d.set_push_item("pushRuns/r/items/0000000001");
           d.set_code(v1::Delivery::CODE_SENT);
         });
       },
       "INVALID_ARGUMENT DUPLICATE_ID deliveries[1].push_item"},
      {"NoSuchOperation",
       [](auto& s) { return OperationWith(s, "operations/push-x"); },
       "NOT_FOUND OPERATION_NOT_FOUND"},
  };
  for (const BadCase& bad : cases) {
    EXPECT_EQ(Summary(bad.call(server_)), bad.want) << bad.name;
  }
}

}  // namespace
}  // namespace gradmatch
