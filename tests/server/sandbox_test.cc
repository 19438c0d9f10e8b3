// A sandbox source is for trying out a feed: its rows are taken and shown to
// those who sync, and never reach a graduate, whichever way is asked.

#include <set>

#include "absl/strings/match.h"
#include "gradmatch/v1/match_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "tests/server/push_fixture.h"

namespace gradmatch {
namespace {

class SandboxTest : public PushFixture {
 protected:
  SandboxTest() {
    v1::CreateSourceRequest request;
    request.set_source_id("trial");
    request.mutable_source()->set_display_name("试验");
    request.mutable_source()->set_sandbox(true);
    v1::Source response;
    EXPECT_TRUE(server_
                    .Call(server_.sources(),
                          &v1::SourceService::Stub::CreateSource, request,
                          response)
                    .ok());
    Fill(3, 20);  // real ones, so that answers are not empty for all
    // Better than the real ones in every way: they would come first.
    for (int i = 0; i < 5; ++i) {
      v1::CreatePostingRequest create;
      create.set_parent("sources/trial");
      *create.mutable_posting() = GoodPosting(absl::StrCat("t-", i));
      create.mutable_posting()->mutable_salary()->set_max_monthly(20'000);
      v1::Posting posting;
      EXPECT_TRUE(server_
                      .Call(server_.postings(),
                            &v1::PostingService::Stub::CreatePosting, create,
                            posting)
                      .ok());
      EXPECT_EQ(posting.state(), v1::Posting::STATE_OPEN);
    }
  }

  template <typename Response>
  static std::set<std::string> SourcesOf(const Response& response) {
    std::set<std::string> sources;
    for (const auto& match : response.matches()) {
      sources.insert(match.posting().name().substr(
          0, match.posting().name().find("/postings/")));
    }
    return sources;
  }

  void ExpectNoneReachAGraduate() {
    const std::set<std::string> real = {"sources/hubei"};
    v1::MatchPostingsRequest match;
    match.set_graduate("graduates/g-1");
    match.set_page_size(100);
    v1::MatchPostingsResponse matched;
    ASSERT_TRUE(server_
                    .Call(server_.matches(),
                          &v1::MatchService::Stub::MatchPostings, match,
                          matched)
                    .ok());
    EXPECT_EQ(SourcesOf(matched), real);
    EXPECT_EQ(matched.matches_size(), 3);
    EXPECT_EQ(matched.trace().considered(), 3);  // not even looked at

    for (const bool by_text : {true, false}) {
      v1::SearchPostingsRequest search;
      search.set_page_size(100);
      if (by_text) {
        search.set_text("软件工程师 深圳");
      } else {
        *search.mutable_profile() = GoodGraduate().profile();
      }
      v1::SearchPostingsResponse found;
      ASSERT_TRUE(server_
                      .Call(server_.matches(),
                            &v1::MatchService::Stub::SearchPostings, search,
                            found)
                      .ok());
      EXPECT_EQ(SourcesOf(found), real) << by_text;
    }
  }

  void ExpectNoneIsPushed(const std::string& run_id) {
    const v1::PushRun run = RunToTheEnd("nightly", run_id);
    EXPECT_GT(run.counts().items(), 0);
    v1::ListPushItemsRequest list;
    list.set_parent("pushRuns/" + run_id);
    list.set_page_size(1'000);
    v1::ListPushItemsResponse items;
    ASSERT_TRUE(server_.Call(push(), &Push::ListPushItems, list, items).ok());
    EXPECT_EQ(items.push_items_size(), run.counts().items());
    for (const v1::PushItem& item : items.push_items()) {
      EXPECT_TRUE(absl::StartsWith(item.posting(), "sources/hubei/"))
          << item.posting();
    }
  }
};

TEST_F(SandboxTest, RowsReachNoGraduate) {
  ExpectNoneReachAGraduate();
  MakePlan("nightly");
  ExpectNoneIsPushed("one");
  // Nor after a start, when the columns are made from the records.
  server_.Stop();
  server_.Start();
  ExpectNoneReachAGraduate();
}

TEST_F(SandboxTest, RowsAreThereForWhoSyncsThem) {
  v1::ListPostingsRequest list;
  list.set_parent("sources/trial");
  v1::ListPostingsResponse postings;
  ASSERT_TRUE(server_
                  .Call(server_.postings(),
                        &v1::PostingService::Stub::ListPostings, list, postings)
                  .ok());
  EXPECT_EQ(postings.postings_size(), 5);
  // A source that has rows cannot be turned into a real one: what was tried out
  // would reach graduates.
  v1::UpdateSourceRequest update;
  update.mutable_source()->set_name("sources/trial");
  update.mutable_update_mask()->add_paths("sandbox");
  v1::Source response;
  EXPECT_EQ(Summary(server_.Call(server_.sources(),
                                 &v1::SourceService::Stub::UpdateSource, update,
                                 response)),
            "FAILED_PRECONDITION SOURCE_NOT_EMPTY");
}

}  // namespace
}  // namespace gradmatch
