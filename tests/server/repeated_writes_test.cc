// What a repeat of a write does, and answers that would not fit.
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "tests/server/services_fixture.h"

namespace gradmatch {
namespace {

using RepeatedWritesTest = ServicesTest;

// A client that heard nothing asks again, perhaps after somebody else made the
// record: the repeat must not delete that.
TEST_F(RepeatedWritesTest, DeleteThatFoundNothingDeletesNothingLater) {
  v1::DeletePostingRequest request;
  request.set_name("sources/gd/postings/A-1");
  request.set_allow_missing(true);
  request.set_request_id("del-1");
  google::protobuf::Empty empty;
  const auto remove = [&] {
    return server_.Call(server_.postings(), &Postings::DeletePosting, request,
                        empty);
  };
  ASSERT_TRUE(remove().ok());
  ASSERT_TRUE(Create(GoodPosting("A-1")).ok());
  EXPECT_TRUE(remove().ok());
  EXPECT_TRUE(Get("sources/gd/postings/A-1").ok());
  request.set_name("sources/gd/postings/A-2");
  EXPECT_EQ(ReasonOf(remove()), kRequestIdReused);
}

TEST_F(RepeatedWritesTest, DeleteOfAGraduateThatWasNotThere) {
  v1::DeleteGraduateRequest request;
  request.set_name("graduates/g-1");
  request.set_allow_missing(true);
  request.set_request_id("del-1");
  google::protobuf::Empty empty;
  const auto remove = [&] {
    return server_.Call(server_.graduates(), &Graduates::DeleteGraduate,
                        request, empty);
  };
  ASSERT_TRUE(remove().ok());
  ASSERT_TRUE(CreateGraduate("g-1").ok());
  EXPECT_TRUE(remove().ok());
  v1::GetGraduateRequest get;
  get.set_name("graduates/g-1");
  v1::Graduate graduate;
  EXPECT_TRUE(
      server_.Call(server_.graduates(), &Graduates::GetGraduate, get, graduate)
          .ok());
}

// Short changes to long records: refused before anything is written, not after.
TEST_F(RepeatedWritesTest, BatchWhoseAnswerIsNoMessageWritesNothing) {
  constexpr int kPostings = 120;
  std::string text;
  for (int i = 0; i < 3'000; ++i) absl::StrAppend(&text, "负责项目", i % 10);
  v1::BatchUpdatePostingsRequest batch;
  batch.set_parent("sources/gd");
  v1::BatchUpdatePostingsResponse response;
  const auto send = [&] {
    return server_.Call(server_.postings(), &Postings::BatchUpdatePostings,
                        batch, response);
  };
  for (int i = 0; i < kPostings; ++i) {
    v1::UpdatePostingRequest& one = *batch.add_requests();
    *one.mutable_posting() = GoodPosting(absl::StrCat("A-", i));
    one.mutable_posting()->set_name(absl::StrCat("sources/gd/postings/A-", i));
    one.mutable_posting()->set_description(text);
    one.set_allow_missing(true);
    if (batch.requests_size() < kPostings / 2) continue;
    const absl::Status sent = send();
    ASSERT_TRUE(sent.ok()) << sent;
    batch.clear_requests();
  }
  for (int i = 0; i < kPostings; ++i) {
    v1::UpdatePostingRequest& one = *batch.add_requests();
    one.mutable_posting()->set_name(absl::StrCat("sources/gd/postings/A-", i));
    one.mutable_posting()->set_openings(77);
  }
  const absl::Status refused = send();
  EXPECT_EQ(Summary(refused), "INVALID_ARGUMENT BATCH_TOO_LARGE requests");
  const auto first = Get("sources/gd/postings/A-0");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->openings(), 3);
  batch.mutable_requests()->DeleteSubrange(50, kPostings - 50);
  const absl::Status fewer = send();
  EXPECT_TRUE(fewer.ok()) << fewer;
}

}  // namespace
}  // namespace gradmatch
