// gradmatchd on a disk whose syncs fail.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "gradmatch/v1/match_service.grpc.pb.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "tests/durability/daemon.h"
#include "tests/durability/oracle.h"
#include "tests/durability/workload.h"

namespace gradmatch {
namespace {

using testing::IsEmpty;
using v1::GraduateService;
using v1::MatchService;
using v1::PostingService;

constexpr char kWritten[] = "posting/sources/s3/postings/w";

absl::Status Write(const Daemon& daemon, int64_t revision,
                   absl::Duration timeout = absl::Seconds(60)) {
  v1::UpdatePostingRequest request;
  *request.mutable_posting() = PostingAt("w", revision);
  request.mutable_posting()->set_name("sources/s3/postings/w");
  request.mutable_posting()->set_state(v1::Posting::STATE_OPEN);
  request.mutable_update_mask()->add_paths("*");
  request.set_allow_missing(true);
  v1::Posting response;
  return daemon.Call<PostingService>(&PostingService::Stub::UpdatePosting,
                                     request, response, timeout);
}

// One call of each kind that only reads.
absl::Status ReadAll(const Daemon& daemon) {
  constexpr absl::Duration kTimeout = absl::Seconds(60);
  v1::ListPostingsRequest list;
  list.set_parent("sources/s3");
  v1::ListPostingsResponse listed;
  absl::Status status = daemon.Call<PostingService>(
      &PostingService::Stub::ListPostings, list, listed, kTimeout);
  if (!status.ok()) return status;
  v1::GetGraduateRequest get;
  get.set_name("graduates/g-reader");
  v1::Graduate graduate;
  status = daemon.Call<GraduateService>(&GraduateService::Stub::GetGraduate,
                                        get, graduate, kTimeout);
  if (!status.ok()) return status;
  v1::SearchPostingsRequest search;
  search.set_text("软件工程师 深圳");
  v1::SearchPostingsResponse found;
  return daemon.Call<MatchService>(&MatchService::Stub::SearchPostings, search,
                                   found, kTimeout);
}

absl::Status AddReader(const Daemon& daemon) {
  v1::UpdateGraduateRequest request;
  *request.mutable_graduate() = GraduateAt("g-reader", 1);
  request.mutable_update_mask()->add_paths("profile");
  request.set_allow_missing(true);
  v1::Graduate response;
  return daemon.Call<GraduateService>(&GraduateService::Stub::UpdateGraduate,
                                      request, response);
}

class BadDiskTest : public testing::Test {
 protected:
  // Those who lost what they had read or been told would be named here.
  void ExpectNothingLost() {
    disk_.ResetControl();
    Daemon daemon(disk_);
    ASSERT_TRUE(daemon.serving()) << Daemon::LogTail(disk_);
    EXPECT_TRUE(work_.Judge(daemon, disk_));
    EXPECT_THAT(oracle_.TakeViolations(), IsEmpty());
  }

  SimulatedDisk disk_;
  Oracle oracle_;
  Workload work_{oracle_, 5};
  std::mt19937 random_{5};
};

// A sync that failed once may succeed when tried again, though what it was for
// is lost: so nothing is acknowledged any more, and reads go on.
TEST_F(BadDiskTest, AFailedSyncEndsWritingAndLosesNothingAcknowledged) {
  constexpr int kFailures = 6;
  for (int i = 0; i < kFailures; ++i) {
    const int64_t at = 1 + random_() % 200;
    SCOPED_TRACE(absl::StrCat("failure ", i, " at sync ", at));
    disk_.ResetControl();
    {
      Daemon daemon(disk_);
      ASSERT_TRUE(daemon.serving()) << Daemon::LogTail(disk_);
      ASSERT_TRUE(work_.Prepare(daemon));
      ASSERT_TRUE(AddReader(daemon).ok());
      oracle_.Saw("profile/g-reader", "v1");
      oracle_.Intend(kWritten, absl::StrCat("r", 1 + 2 * i));
      ASSERT_TRUE(Write(daemon, 1 + 2 * i).ok());
      oracle_.Acknowledge(kWritten, absl::StrCat("r", 1 + 2 * i));
      disk_.control().fail_at_sync = disk_.control().syncs + at;
      work_.Run(daemon, absl::Seconds(2), /*expected=*/true);
      ASSERT_GE(disk_.control().syncs, disk_.control().fail_at_sync);
      if (!daemon.dead()) {
        // What is beside the store, as LOGSTARTS, holds nothing acknowledged.
        const std::string path = disk_.control().failed_path;
        const bool of_store = absl::StrContains(path, "/data/store");
        oracle_.Intend(kWritten, absl::StrCat("r", 2 + 2 * i));
        const bool written = Write(daemon, 2 + 2 * i).ok();
        if (written) {
          oracle_.Acknowledge(kWritten, absl::StrCat("r", 2 + 2 * i));
        }
        EXPECT_FALSE(written && of_store) << path;
        EXPECT_TRUE(ReadAll(daemon).ok()) << ReadAll(daemon);
      }
    }
    disk_.CutPower(random_);
    ASSERT_NO_FATAL_FAILURE(ExpectNothingLost());
  }
}

}  // namespace
}  // namespace gradmatch
