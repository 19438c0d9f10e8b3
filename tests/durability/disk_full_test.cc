// A real disk that is nearly full, then full, then free, again and again, under
// the whole server. On a file system of some megabytes in memory; where that
// cannot be mounted, the tests skip themselves and say why.
//
//   GRADMATCH_FULL_CYCLES=500 disk_full_test

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "tests/durability/child.h"
#include "tests/durability/small_disk.h"
#include "tests/fakes/temp_folder.h"
#include "tests/server/test_server.h"

namespace gradmatch {
namespace {

constexpr int64_t kDiskBytes = 192 << 20;
constexpr int kQuickCycles = 3;
constexpr unsigned kMostSeconds = 3'600;
// For what is to happen by itself; nothing is measured against it.
constexpr absl::Duration kLongest = absl::Seconds(60);

int Cycles() {
  const char* text = std::getenv("GRADMATCH_FULL_CYCLES");
  return text == nullptr ? kQuickCycles : std::atoi(text);
}

// Runs `body` in a child with a small disk at the folder it is given. The
// child's failures are printed there and counted here.
void OnSmallDisk(const std::function<void(const std::string& folder)>& body) {
  constexpr int kSkipped = 77;
  const TempFolder folder;
  const ChildEnd end = RunInChild(folder.path(), kMostSeconds, [&] {
    const absl::Status mounted = MountSmallDisk(folder.path(), kDiskBytes);
    if (!mounted.ok()) {
      std::fprintf(stderr, "no small disk here: %s\n",
                   mounted.ToString().c_str());
      _exit(kSkipped);
    }
    body(folder.path());
    std::fflush(nullptr);
    _exit(testing::Test::HasFailure());
  });
  if (end.code == kSkipped) {
    GTEST_SKIP() << "a disk of some megabytes cannot be mounted here, so that "
                    "a full disk cannot be tried";
  }
  EXPECT_TRUE(end.exited && end.code == 0)
      << "exit code " << end.code << ", signal " << end.signal;
}

bool Eventually(const std::function<bool()>& what) {
  const absl::Time end = absl::Now() + kLongest;
  while (absl::Now() < end) {
    if (what()) return true;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return false;
}

// A server on the disk, and what it acknowledged.
class Site {
 public:
  Site(const std::string& folder, TestServer::Settings settings)
      : folder_(folder), settings_(std::move(settings)) {
    settings_["storage.data_dir"] = folder + "/data";
    server_ = std::make_unique<TestServer>(settings_);
    server_->AddSource("gd");
  }

  TestServer& server() { return *server_; }

  absl::Status Post(int duties = 300) {
    const std::string id = absl::StrCat("p-", ++posted_);
    v1::CreatePostingRequest request;
    request.set_parent("sources/gd");
    *request.mutable_posting() = GoodPosting(id);
    for (int i = 0; i < duties; ++i) {
      request.mutable_posting()->mutable_description()->append(
          absl::StrCat("职责", i * posted_, "，"));
    }
    v1::Posting posting;
    const absl::Status status = server_->Call(
        server_->postings(), &v1::PostingService::Stub::CreatePosting, request,
        posting);
    if (status.ok()) acknowledged_[posting.name()] = posting.description();
    return status;
  }

  absl::Status AddGraduate(const std::string& id) {
    v1::CreateGraduateRequest request;
    request.set_graduate_id(id);
    *request.mutable_graduate() = GoodGraduate();
    v1::Graduate graduate;
    return server_->Call(server_->graduates(),
                         &v1::GraduateService::Stub::CreateGraduate, request,
                         graduate);
  }

  absl::Status Place(const std::string& id) {
    v1::ReportPlacementRequest request;
    request.set_name("graduates/" + id);
    request.mutable_placement()->set_kind(v1::Placement::KIND_STUDY);
    v1::Graduate graduate;
    return server_->Call(server_->graduates(),
                         &v1::GraduateService::Stub::ReportPlacement, request,
                         graduate);
  }

  absl::Status OptOut(const std::string& id) {
    v1::UpdatePreferencesRequest request;
    request.mutable_preferences()->set_name("graduates/" + id + "/preferences");
    request.mutable_preferences()->set_push(false);
    request.mutable_update_mask()->add_paths("push");
    v1::Preferences preferences;
    return server_->Call(server_->graduates(),
                         &v1::GraduateService::Stub::UpdatePreferences, request,
                         preferences);
  }

  // Erases with a purge of the files, and waits for its end.
  absl::Status Erase(const std::string& id) {
    v1::EraseGraduateRequest request;
    request.set_name("graduates/" + id);
    request.set_purpose("本人要求");
    request.set_purge_now(true);
    google::longrunning::Operation operation;
    absl::Status status = server_->Call(
        server_->graduates(), &v1::GraduateService::Stub::EraseGraduate,
        request, operation);
    if (!status.ok()) return status;
    google::longrunning::WaitOperationRequest wait;
    wait.set_name(operation.name());
    wait.mutable_timeout()->set_seconds(15);
    status = server_->Call(
        google::longrunning::Operations::NewStub(server_->channel()),
        &google::longrunning::Operations::Stub::WaitOperation, wait, operation);
    if (!status.ok()) return status;
    if (operation.has_error()) {
      return absl::InternalError(operation.error().message());
    }
    return operation.done() ? absl::OkStatus()
                            : absl::DeadlineExceededError("not done in 15 s");
  }

  // Every acknowledged posting is there as it was sent.
  void ExpectAllThere() {
    std::map<std::string, std::string> stored;
    v1::ListPostingsRequest request;
    request.set_parent("sources/gd");
    request.set_page_size(1'000);
    request.set_view(v1::POSTING_VIEW_FULL);
    do {
      v1::ListPostingsResponse response;
      const absl::Status status = server_->Call(
          server_->postings(), &v1::PostingService::Stub::ListPostings, request,
          response);
      ASSERT_TRUE(status.ok()) << status;
      for (const v1::Posting& posting : response.postings()) {
        stored[posting.name()] = posting.description();
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    for (const auto& [name, description] : acknowledged_) {
      const auto it = stored.find(name);
      ASSERT_TRUE(it != stored.end()) << name << " is lost";
      ASSERT_EQ(it->second, description) << name;
    }
  }

  v1::ServerInfo Info() {
    v1::ServerInfo info;
    const absl::Status status =
        server_->Call(server_->admin(), &v1::AdminService::Stub::GetServerInfo,
                      v1::GetServerInfoRequest(), info);
    EXPECT_TRUE(status.ok()) << status;
    return info;
  }

  void Restart() {
    server_.reset();
    server_ = std::make_unique<TestServer>(settings_);
  }

  size_t acknowledged() const { return acknowledged_.size(); }

 private:
  const std::string folder_;
  TestServer::Settings settings_;
  std::unique_ptr<TestServer> server_;
  int posted_ = 0;
  std::map<std::string, std::string> acknowledged_;  // name -> description
};

void ExpectStorageFull(const absl::Status& status) {
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(ReasonOf(status), kStorageFull) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "MiB")) << status;
  EXPECT_TRUE(
      status.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value())
      << status;
}

TEST(DiskFullTest, NearlyFullRefusesNewDataAndNothingElse) {
  OnSmallDisk([](const std::string& folder) {
    Site site(folder, {{"storage.disk_check_interval", "50ms"}});
    Ballast ballast(folder);
    for (int cycle = 0; cycle < Cycles(); ++cycle) {
      SCOPED_TRACE(absl::StrCat("cycle ", cycle));
      const std::string id = absl::StrCat("g-", cycle);
      ASSERT_TRUE(site.AddGraduate(id).ok());
      ASSERT_TRUE(site.AddGraduate(id + "-gone").ok());
      for (int i = 0; i < 20; ++i) ASSERT_TRUE(site.Post().ok());

      ballast.FillTo(86);
      ASSERT_TRUE(Eventually([&] { return !site.Post().ok(); }));
      ExpectStorageFull(site.Post());
      EXPECT_TRUE(site.Info().writes_blocked());
      EXPECT_EQ(site.Info().state(), v1::ServerInfo::STATE_SERVING);
      site.ExpectAllThere();
      const absl::Status placed = site.Place(id);
      EXPECT_TRUE(placed.ok()) << placed;
      const absl::Status out = site.OptOut(id);
      EXPECT_TRUE(out.ok()) << out;
      const absl::Status erased = site.Erase(id + "-gone");
      EXPECT_TRUE(erased.ok()) << erased;
      ExpectStorageFull(site.Post());

      ballast.Free();
      EXPECT_TRUE(Eventually([&] { return site.Post().ok(); }));
    }
    site.Restart();
    site.ExpectAllThere();
  });
}

// Somebody else fills the disk between two looks: the store itself finds none.
// It takes no more writes then, until it is opened again.
TEST(DiskFullTest, AFullDiskLosesNothingAndARestartGoesOn) {
  OnSmallDisk([](const std::string& folder) {
    Site site(folder, {{"storage.disk_check_interval", "10m"},
                       {"storage.write_buffer_mb", "8"},
                       {"storage.block_writes_at_percent", "100"},
                       {"storage.allow_writes_at_percent", "100"}});
    Ballast ballast(folder);
    for (int cycle = 0; cycle < Cycles(); ++cycle) {
      SCOPED_TRACE(absl::StrCat("cycle ", cycle));
      const size_t before = site.acknowledged();
      std::thread filler([&] { ballast.FillTo(100); });
      absl::Status refused;
      ASSERT_TRUE(Eventually([&] {
        for (int i = 0; i < 50 && refused.ok(); ++i) refused = site.Post(1'500);
        return !refused.ok();
      }));
      filler.join();
      EXPECT_THAT(refused.ToString(), testing::HasSubstr("No space left"));
      EXPECT_FALSE(site.Post().ok());
      site.ExpectAllThere();

      ballast.Free();
      EXPECT_FALSE(site.Post().ok()) << "not before the folder was checked";
      site.Restart();
      site.ExpectAllThere();
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(site.Post().ok());
      EXPECT_GT(site.acknowledged(), before);
      site.ExpectAllThere();
    }
  });
}

}  // namespace
}  // namespace gradmatch
