// Erasing graduates over a real socket, and the operations behind it.

#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/server/rights_fixture.h"

namespace gradmatch {
namespace {

using testing::Each;
using testing::IsEmpty;

using ErasuresTest = RightsFixture;

TEST_F(ErasuresTest, AnErasedGraduateIsInNoFileAndStaysAway) {
  ASSERT_NO_FATAL_FAILURE(Fill(12, 4));
  ASSERT_NO_FATAL_FAILURE(MakePlan("p"));
  const v1::PushRun run = RunToTheEnd("p", "r");
  v1::UpdatePreferencesRequest kept = Personalise(true);
  kept.set_request_id("kept-answer");
  v1::Preferences preferences;
  ASSERT_TRUE(Do(&Graduates::UpdatePreferences, kept, preferences).ok());
  ASSERT_GT(FilesWith("g-0"), 0) << "else nothing is shown";

  v1::EraseGraduateRequest erase = EraseNow();
  erase.set_request_id("erase-1");
  Operation operation;
  ASSERT_TRUE(Do(&Graduates::EraseGraduate, erase, operation).ok());
  EXPECT_EQ(TryMatch(), "NOT_FOUND GRADUATE_NOT_FOUND");
  const std::string name = operation.name();
  ASSERT_TRUE(WaitForTheEnd(name, operation).ok());
  v1::ErasureReceipt receipt;
  ASSERT_TRUE(operation.response().UnpackTo(&receipt))
      << operation.ShortDebugString();
  EXPECT_EQ(receipt.state(), v1::ErasureReceipt::STATE_PURGED);
  EXPECT_GT(receipt.files_searched(), 5);
  EXPECT_EQ(receipt.deleted().at("ledger"), 2);
  EXPECT_EQ(receipt.deleted().at("push_item"), 2);
  EXPECT_EQ(receipt.deleted().at("embedding"), 1);
  EXPECT_GE(receipt.deleted().at("request"), 1);
  EXPECT_EQ(Receipt(operation).ShortDebugString(), receipt.ShortDebugString());
  EXPECT_EQ(FilesWith("g-0"), 0);
  EXPECT_GT(FilesWith("g-1"), 0);
  Operation again;
  ASSERT_TRUE(Do(&Graduates::EraseGraduate, erase, again).ok()) << "a repeat";
  EXPECT_EQ(again.name(), name);

  // The figures of the run are those it had.
  v1::GetPushRunRequest get;
  get.set_name("pushRuns/r");
  v1::PushRun now;
  ASSERT_TRUE(server_.Call(push(), &Push::GetPushRun, get, now).ok());
  EXPECT_EQ(now.counts().SerializeAsString(), run.counts().SerializeAsString());
  EXPECT_EQ(Items("r").size(), 8);
  EXPECT_THAT(States("r", kName), IsEmpty());
  EXPECT_THAT(States("r", ""), Each(v1::PushItem::STATE_SUPPRESSED));
  RunToTheEnd("p", "r2");
  EXPECT_THAT(States("r2", kName), IsEmpty());

  for (int round = 0; round < 2; ++round) {
    SCOPED_TRACE(round);  // the second time after a restart
    EXPECT_EQ((Try<v1::EraseGraduateRequest, Operation>(
                  &Graduates::EraseGraduate, EraseNow())),
              "FAILED_PRECONDITION GRADUATE_ERASED");
    v1::CreateGraduateRequest create;
    create.set_graduate_id("g-0");
    *create.mutable_graduate() = GoodGraduate();
    EXPECT_EQ((Try<v1::CreateGraduateRequest, v1::Graduate>(
                  &Graduates::CreateGraduate, create)),
              "FAILED_PRECONDITION GRADUATE_ERASED");
    EXPECT_EQ(FilesWith("g-0"), 0);
    server_.Stop();
    server_.Start();
  }
  EXPECT_EQ(Receipt(operation).state(), v1::ErasureReceipt::STATE_PURGED);
}

TEST_F(ErasuresTest, ASyncRowOfAnErasedGraduateIsRejected) {
  ASSERT_NO_FATAL_FAILURE(Fill(0, 2));
  Operation operation;
  ASSERT_TRUE(Do(&Graduates::EraseGraduate, EraseNow(), operation).ok());
  grpc::ClientContext context;
  const auto stub = server_.graduates();
  const auto stream = stub->SyncGraduates(&context);
  v1::SyncGraduatesRequest request;
  request.mutable_begin()->set_mode(v1::SYNC_MODE_INCREMENTAL);
  stream->Write(request);
  for (int i = 0; i < 2; ++i) {
    v1::SyncGraduateRow& row = *request.mutable_row();
    row.set_row_number(i + 1);
    *row.mutable_upsert() = GoodGraduate();
    row.mutable_upsert()->set_name(absl::StrCat("graduates/g-", i));
    row.mutable_upsert()->set_revision(7);
    stream->Write(request);
  }
  request.mutable_commit();
  stream->Write(request);
  stream->WritesDone();
  std::vector<std::string> reasons;
  v1::SyncGraduatesResponse response;
  while (stream->Read(&response)) {
    for (const auto& result : response.results().results()) {
      reasons.push_back(result.error().reason());
    }
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(reasons, testing::ElementsAre("GRADUATE_ERASED", ""));
}

TEST_F(ErasuresTest, WithoutHasteTheFilesAreCleanWhenTimeIsUp) {
  ASSERT_NO_FATAL_FAILURE(Fill(0, 3));
  std::vector<Operation> operations(2);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(
        Do(&Graduates::EraseGraduate,
           Because<v1::EraseGraduateRequest>(absl::StrCat("graduates/g-", i)),
           operations[i])
            .ok());
  }
  // Not before; a restart in between changes nothing.
  server_.Stop();
  server_.Start();
  Operation operation;
  ASSERT_TRUE(Wait(operations[0].name(), operation, 1).ok());
  EXPECT_FALSE(operation.done());
  EXPECT_EQ(Receipt(operation).state(), v1::ErasureReceipt::STATE_DELETED);
  server_.clock().Advance(absl::Hours(24));
  for (const Operation& one : operations) {
    ASSERT_TRUE(WaitForTheEnd(one.name(), operation).ok());
    EXPECT_TRUE(operation.has_response());
  }
  EXPECT_EQ(FilesWith("g-0") + FilesWith("g-1"), 0);
}

TEST_F(ErasuresTest, OperationsOfAllKindsAreOneList) {
  ASSERT_NO_FATAL_FAILURE(Fill(3, 3));
  ASSERT_NO_FATAL_FAILURE(MakePlan("p"));
  RunToTheEnd("p", "a");
  RunToTheEnd("p", "b");
  std::set<std::string> want = {"operations/push-a", "operations/push-b"};
  Operation operation;
  for (const char* name : {"graduates/g-0", "graduates/g-1"}) {
    ASSERT_TRUE(Do(&Graduates::EraseGraduate, EraseNow(name), operation).ok());
    want.insert(operation.name());
    ASSERT_TRUE(WaitForTheEnd(operation.name(), operation).ok());
  }
  for (int size : {1, 2, 3, 50}) {
    google::longrunning::ListOperationsRequest request;
    request.set_page_size(size);
    std::vector<std::string> names;
    do {
      google::longrunning::ListOperationsResponse page;
      ASSERT_TRUE(
          server_.Call(operations(), &Operations::ListOperations, request, page)
              .ok());
      for (const Operation& one : page.operations()) {
        names.push_back(one.name());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(names, std::vector<std::string>(want.begin(), want.end()));
  }
  google::longrunning::DeleteOperationRequest remove;
  remove.set_name(operation.name());
  google::protobuf::Empty empty;
  EXPECT_TRUE(
      server_.Call(operations(), &Operations::DeleteOperation, remove, empty)
          .ok());
  EXPECT_EQ(Summary(Wait(operation.name(), operation)),
            "NOT_FOUND OPERATION_NOT_FOUND");
  EXPECT_EQ(Summary(Wait("operations/other-1", operation)),
            "NOT_FOUND OPERATION_NOT_FOUND");
}

}  // namespace
}  // namespace gradmatch
