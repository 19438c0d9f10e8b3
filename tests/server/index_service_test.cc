// The index over a real socket: what it holds, and measurements of recall as
// operations that a restart takes up.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "gradmatch/v1/index_service.grpc.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "tests/server/match_people_fixture.h"

namespace gradmatch {
namespace {

using Operation = google::longrunning::Operation;

class IndexServiceTest : public MatchPeopleTest {
 protected:
  std::unique_ptr<v1::IndexService::Stub> indexes() {
    return v1::IndexService::NewStub(server_.channel());
  }
  std::unique_ptr<google::longrunning::Operations::Stub> operations() {
    return google::longrunning::Operations::NewStub(server_.channel());
  }
  absl::StatusOr<v1::Index> Index(const std::string& name) {
    v1::GetIndexRequest request;
    request.set_name(name);
    v1::Index response;
    absl::Status status = server_.Call(
        indexes(), &v1::IndexService::Stub::GetIndex, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<Operation> Measure(const v1::MeasureRecallRequest& request) {
    Operation response;
    absl::Status status = server_.Call(
        indexes(), &v1::IndexService::Stub::MeasureRecall, request, response);
    if (!status.ok()) return status;
    return response;
  }
  static v1::MeasureRecallRequest Ask() {
    v1::MeasureRecallRequest request;
    request.set_name("indexes/postings");
    return request;
  }
  Operation WaitFor(const std::string& name) {
    google::longrunning::WaitOperationRequest request;
    request.set_name(name);
    request.mutable_timeout()->set_seconds(15);
    Operation response;
    absl::Status status;
    do {
      status = server_.Call(
          operations(), &google::longrunning::Operations::Stub::WaitOperation,
          request, response);
      EXPECT_TRUE(status.ok()) << status;
    } while (status.ok() && !response.done());
    return response;
  }

  void Fill() {
    std::vector<v1::Posting> postings = VariedPostings();
    for (int i = 0; i < 30; ++i) {
      postings.push_back(GoodPosting(absl::StrCat("more-", i)));
    }
    WritePostings(postings);
    WriteGraduates(VariedGraduates(60, 3));
  }
};

TEST_F(IndexServiceTest, SaysWhatEachIndexHolds) {
  Fill();
  v1::ListIndexesResponse list;
  ASSERT_TRUE(server_
                  .Call(indexes(), &v1::IndexService::Stub::ListIndexes,
                        v1::ListIndexesRequest(), list)
                  .ok());
  ASSERT_GE(list.indexes_size(), 2);
  const auto postings = Index("indexes/postings");
  ASSERT_TRUE(postings.ok()) << postings.status();
  EXPECT_EQ(postings->SerializeAsString(), list.indexes(0).SerializeAsString());
  EXPECT_EQ(postings->live_rows(), 34);
  EXPECT_GE(postings->rows(), postings->live_rows());
  EXPECT_GT(postings->segments(), 0);
  EXPECT_GT(postings->memory_bytes(), 34 * 256);
  EXPECT_GT(postings->generation(), 0);
  EXPECT_EQ(postings->dimension(), 256);
  EXPECT_FALSE(postings->encoder().empty());
  EXPECT_FALSE(postings->has_last_recall());
  EXPECT_EQ(Index("indexes/graduates")->live_rows(), 60);
  EXPECT_EQ(Summary(Index("indexes/none").status()),
            "NOT_FOUND INDEX_NOT_FOUND");
  EXPECT_EQ(Summary(Index("postings").status()),
            "INVALID_ARGUMENT NAME_INVALID name");
}

TEST_F(IndexServiceTest, MeasuresRecallAndKeepsTheReport) {
  Fill();
  v1::MeasureRecallRequest request = Ask();
  request.set_sample(50);
  request.set_seed(9);
  request.add_k(1);
  request.add_k(20);
  request.set_request_id("m-1");
  const auto begun = Measure(request);
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_FALSE(begun->done());
  const Operation ended = WaitFor(begun->name());
  v1::RecallReport report;
  ASSERT_TRUE(ended.response().UnpackTo(&report)) << ended.DebugString();
  ASSERT_EQ(report.recall_size(), 2);
  for (const v1::RecallReport::AtK& at : report.recall()) {
    // Every plan is exact today: it is measured all the same.
    EXPECT_DOUBLE_EQ(at.mean(), 1);
    EXPECT_DOUBLE_EQ(at.min(), 1);
  }
  EXPECT_EQ(report.recall(1).k(), 20);
  EXPECT_GT(report.sample(), 10);
  EXPECT_LE(report.sample(), 50);
  EXPECT_EQ(report.seed(), 9);
  EXPECT_FALSE(report.plans().empty());
  v1::MeasureRecallMetadata metadata;
  ASSERT_TRUE(ended.metadata().UnpackTo(&metadata));
  EXPECT_EQ(metadata.done(), metadata.total());

  // The same request is the same operation; another seed another one.
  EXPECT_EQ(Measure(request)->name(), begun->name());
  request.set_request_id("m-2");
  EXPECT_NE(Measure(request)->name(), begun->name());
  server_.Stop();
  server_.Start();
  const auto index = Index("indexes/postings");
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_EQ(index->last_recall().seed(), 9);
  EXPECT_TRUE(WaitFor(begun->name()).done());

  // Listed, and forgotten without the report.
  google::longrunning::ListOperationsResponse list;
  ASSERT_TRUE(server_
                  .Call(operations(),
                        &google::longrunning::Operations::Stub::ListOperations,
                        google::longrunning::ListOperationsRequest(), list)
                  .ok());
  EXPECT_EQ(list.operations_size(), 2);
  google::longrunning::DeleteOperationRequest remove;
  remove.set_name(begun->name());
  google::protobuf::Empty empty;
  ASSERT_TRUE(server_
                  .Call(operations(),
                        &google::longrunning::Operations::Stub::DeleteOperation,
                        remove, empty)
                  .ok());
  EXPECT_TRUE(Index("indexes/postings")->has_last_recall());
}

TEST_F(IndexServiceTest, AMeasurementOutlivesARestartOrIsCancelled) {
  Fill();
  WriteGraduates(VariedGraduates(500, 4));
  v1::MeasureRecallRequest request = Ask();
  request.set_sample(400);
  const auto first = Measure(request);
  const auto second = Measure(request);
  ASSERT_TRUE(first.ok() && second.ok());
  google::longrunning::CancelOperationRequest cancel;
  cancel.set_name(second->name());
  google::protobuf::Empty empty;
  ASSERT_TRUE(server_
                  .Call(operations(),
                        &google::longrunning::Operations::Stub::CancelOperation,
                        cancel, empty)
                  .ok());
  server_.Stop();
  server_.Start();
  const Operation ended = WaitFor(first->name());
  EXPECT_TRUE(ended.has_response()) << ended.DebugString();
  const Operation cancelled = WaitFor(second->name());
  ASSERT_TRUE(cancelled.has_error()) << cancelled.DebugString();
  EXPECT_EQ(cancelled.error().code(),
            static_cast<int>(absl::StatusCode::kCancelled));
}

TEST_F(IndexServiceTest, RefusesWhatIsWrong) {
  struct Case {
    std::function<void(v1::MeasureRecallRequest&)> change;
    std::string want;
  };
  for (const Case& c :
       std::vector<Case>{{[](auto& r) { r.clear_name(); },
                          "INVALID_ARGUMENT FIELD_MISSING name"},
                         {[](auto& r) { r.set_name("indexes/none"); },
                          "NOT_FOUND INDEX_NOT_FOUND"},
                         {[](auto& r) { r.set_name("indexes/graduates"); },
                          "INVALID_ARGUMENT FIELD_INVALID name"},
                         {[](auto& r) { r.set_sample(10'001); },
                          "INVALID_ARGUMENT FIELD_OUT_OF_RANGE sample"},
                         {[](auto& r) { r.set_sample(-1); },
                          "INVALID_ARGUMENT FIELD_OUT_OF_RANGE sample"},
                         {[](auto& r) { r.add_k(0); },
                          "INVALID_ARGUMENT FIELD_OUT_OF_RANGE k[0]"},
                         {[](auto& r) { r.add_k(1'001); },
                          "INVALID_ARGUMENT FIELD_OUT_OF_RANGE k[0]"}}) {
    v1::MeasureRecallRequest request = Ask();
    c.change(request);
    EXPECT_EQ(Summary(Measure(request).status()), c.want);
  }
}

}  // namespace
}  // namespace gradmatch
