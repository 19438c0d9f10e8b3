#ifndef GRADMATCH_TESTS_SERVER_PUSH_FIXTURE_H_
#define GRADMATCH_TESTS_SERVER_PUSH_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "gradmatch/v1/feedback_service.grpc.pb.h"
#include "gradmatch/v1/push_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/server/test_server.h"

namespace gradmatch {

// A server with a source, postings and graduates that fit them, and the calls
// of push in short.
class PushFixture : public testing::Test {
 protected:
  using Push = v1::PushService::Stub;
  using Operations = google::longrunning::Operations::Stub;
  using Operation = google::longrunning::Operation;

  PushFixture() { server_.AddSource("hubei"); }

  // What is written before the server is listened to by its own loader.
  void Fill(int postings, int graduates) {
    for (int i = 0; i < postings; ++i) {
      v1::CreatePostingRequest request;
      request.set_parent("sources/hubei");
      *request.mutable_posting() = GoodPosting(absl::StrCat("p-", i));
      v1::Posting response;
      ASSERT_TRUE(server_
                      .Call(server_.postings(),
                            &v1::PostingService::Stub::CreatePosting, request,
                            response)
                      .ok());
    }
    for (int begin = 0; begin < graduates; begin += 500) {
      v1::BatchUpdateGraduatesRequest request;
      for (int i = begin; i < std::min(begin + 500, graduates); ++i) {
        v1::UpdateGraduateRequest& one = *request.add_requests();
        *one.mutable_graduate() = GoodGraduate();
        one.mutable_graduate()->set_name(absl::StrCat("graduates/g-", i));
        one.set_allow_missing(true);
      }
      v1::BatchUpdateGraduatesResponse response;
      const absl::Status status = server_.Call(
          server_.graduates(), &v1::GraduateService::Stub::BatchUpdateGraduates,
          request, response);
      ASSERT_TRUE(status.ok()) << status;
    }
  }

  std::unique_ptr<Push> push() {
    return v1::PushService::NewStub(server_.channel());
  }
  std::unique_ptr<Operations> operations() {
    return google::longrunning::Operations::NewStub(server_.channel());
  }
  std::unique_ptr<v1::FeedbackService::Stub> feedback() {
    return v1::FeedbackService::NewStub(server_.channel());
  }

  absl::Status CreatePlan(const std::string& id, const v1::PushPlan& plan,
                          v1::PushPlan& response,
                          const std::string& request_id = "") {
    v1::CreatePushPlanRequest request;
    request.set_push_plan_id(id);
    *request.mutable_push_plan() = plan;
    request.set_request_id(request_id);
    return server_.Call(push(), &Push::CreatePushPlan, request, response);
  }
  // A plan of two items each, enough for everybody.
  void MakePlan(const std::string& id) {
    v1::PushPlan plan;
    plan.set_slots(2);
    plan.set_include_conditional(true);
    plan.set_applicants_per_opening(1000);
    v1::PushPlan response;
    const absl::Status status = CreatePlan(id, plan, response);
    ASSERT_TRUE(status.ok()) << status;
  }

  absl::Status StartRun(const std::string& plan, const std::string& run,
                        Operation& response) {
    v1::RunPushPlanRequest request;
    request.set_name("pushPlans/" + plan);
    request.set_push_run_id(run);
    return server_.Call(push(), &Push::RunPushPlan, request, response);
  }
  absl::Status Wait(const std::string& operation, Operation& response,
                    int seconds = 15) {
    google::longrunning::WaitOperationRequest request;
    request.set_name(operation);
    request.mutable_timeout()->set_seconds(seconds);
    return server_.Call(operations(), &Operations::WaitOperation, request,
                        response);
  }
  // Until it is done, however long a busy machine takes.
  absl::Status WaitForTheEnd(const std::string& operation,
                             Operation& response) {
    absl::Status status;
    do {
      status = Wait(operation, response);
    } while (status.ok() && !response.done());
    return status;
  }
  // Starts a run and waits for its end.
  v1::PushRun RunToTheEnd(const std::string& plan, const std::string& run) {
    Operation operation;
    absl::Status status = StartRun(plan, run, operation);
    EXPECT_TRUE(status.ok()) << status;
    status = WaitForTheEnd("operations/push-" + run, operation);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_TRUE(operation.done());
    v1::PushRun ended;
    EXPECT_TRUE(operation.response().UnpackTo(&ended));
    return ended;
  }

  absl::Status ListItems(v1::ListPushItemsRequest request,
                         std::vector<v1::PushItem>& items) {
    while (true) {
      v1::ListPushItemsResponse response;
      const absl::Status status =
          server_.Call(push(), &Push::ListPushItems, request, response);
      if (!status.ok()) return status;
      items.insert(items.end(), response.push_items().begin(),
                   response.push_items().end());
      if (response.next_page_token().empty()) return absl::OkStatus();
      request.set_page_token(response.next_page_token());
    }
  }
  std::vector<v1::PushItem> Items(const std::string& run) {
    v1::ListPushItemsRequest request;
    request.set_parent("pushRuns/" + run);
    request.set_page_size(7);
    std::vector<v1::PushItem> items;
    const absl::Status status = ListItems(request, items);
    EXPECT_TRUE(status.ok()) << status;
    return items;
  }

  // Reads messages from a cursor on, at most `most` of them.
  absl::Status Stream(const v1::StreamPushItemsRequest& request,
                      std::vector<v1::PushItem>& items, std::string& cursor,
                      int most = 1'000'000) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    const auto stub = push();
    const auto reader = stub->StreamPushItems(&context, request);
    v1::StreamPushItemsResponse response;
    for (int i = 0; i < most && reader->Read(&response); ++i) {
      EXPECT_GT(response.push_items_size(), 0);
      items.insert(items.end(), response.push_items().begin(),
                   response.push_items().end());
      cursor = response.cursor();
    }
    if (most < 1'000'000) context.TryCancel();
    return TestServer::FromWire(reader->Finish());
  }

  TestServer server_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_PUSH_FIXTURE_H_
