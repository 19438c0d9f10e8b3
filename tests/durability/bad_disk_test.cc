// gradmatchd on a disk whose syncs fail or do not end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "gradmatch/v1/match_service.grpc.pb.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "tests/durability/daemon.h"
#include "tests/durability/oracle.h"
#include "tests/durability/workload.h"

namespace gradmatch {
namespace {

using testing::AnyOf;
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
      oracle_.Intend(kWritten, absl::StrCat("r", 1 + i));
      ASSERT_TRUE(Write(daemon, 1 + i).ok());
      oracle_.Acknowledge(kWritten, absl::StrCat("r", 1 + i));
      disk_.control().fail_at_sync = disk_.control().syncs + at;
      work_.Run(daemon, absl::Seconds(2), /*expected=*/true);
      ASSERT_GE(disk_.control().syncs, disk_.control().fail_at_sync);
      if (!daemon.dead()) {
        oracle_.Intend(kWritten, "r1000");
        EXPECT_FALSE(Write(daemon, 1'000).ok());
        EXPECT_TRUE(ReadAll(daemon).ok()) << ReadAll(daemon);
      }
    }
    disk_.CutPower(random_);
    ASSERT_NO_FATAL_FAILURE(ExpectNothingLost());
  }
}

// However many writes wait for a disk that stands still, whoever only reads is
// answered, and those who wait are told at their deadline.
TEST_F(BadDiskTest, ReadsGoOnWhileSyncsStandStill) {
  constexpr int kWriters = 64;
  constexpr int kReads = 50;
  Daemon daemon(disk_);
  ASSERT_TRUE(daemon.serving());
  ASSERT_TRUE(work_.Prepare(daemon));
  ASSERT_TRUE(AddReader(daemon).ok());
  ASSERT_TRUE(Write(daemon, 1).ok());

  disk_.control().hold_syncs = 1;
  std::atomic<int> answered = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      const absl::Status status = Write(daemon, 2 + i, absl::Seconds(300));
      EXPECT_THAT(status.code(), AnyOf(absl::StatusCode::kOk,
                                       absl::StatusCode::kDeadlineExceeded,
                                       absl::StatusCode::kResourceExhausted))
          << status;
      ++answered;
    });
  }
  while (disk_.control().waiting == 0) absl::SleepFor(absl::Milliseconds(1));
  for (int i = 0; i < kReads; ++i) {
    const absl::Status read = ReadAll(daemon);
    EXPECT_TRUE(read.ok()) << i << ": " << read;
    if (!read.ok()) break;
  }
  EXPECT_EQ(answered, 0);  // Else the reads only waited with the writers.
  // One that has little time hears so in time, not when the disk goes on.
  EXPECT_EQ(Write(daemon, 1'000, absl::Milliseconds(100)).code(),
            absl::StatusCode::kDeadlineExceeded);

  disk_.control().hold_syncs = 0;
  for (std::thread& writer : writers) writer.join();
  EXPECT_TRUE(Write(daemon, 2'000).ok());
}

}  // namespace
}  // namespace gradmatch
