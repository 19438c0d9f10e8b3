#include "tests/durability/service_history.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "gradmatch/v1/push_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "index/store.h"
#include "server/runtime.h"
#include "tests/durability/workload.h"

namespace gradmatch {
namespace {

using v1::GraduateService;
using v1::PostingService;
using v1::PushService;
using Act = ServiceModel::Act;

constexpr int kSteps = 100;
constexpr int kPostings = 12;
constexpr int kGraduates = 5;
constexpr absl::Duration kFarthest = absl::Hours(10 * 24);

// In memory where there is such a place.
std::filesystem::path Place() {
  const std::filesystem::path memory = "/dev/shm";
  return std::filesystem::exists(memory)
             ? memory
             : std::filesystem::temp_directory_path();
}

}  // namespace

CrashingServer::CrashingServer() : folder_(Place()) {
  server_ = std::make_unique<TestServer>(
      TestServer::Settings{{"storage.data_dir", Folder()}});
  start_ = server_->clock().Now();
  server_->AddSource("s");
}

void CrashingServer::Restart() {
  server_->Stop();
  server_->Start({{"storage.data_dir", Folder()}});
}

void CrashingServer::Crash() {
  const std::string old = Folder();
  ++lives_;
  // The store takes away files that it needs no longer while they are copied:
  // then once more, from the beginning.
  std::error_code gone;
  do {
    std::filesystem::remove_all(Folder());
    std::filesystem::copy(old, Folder(),
                          std::filesystem::copy_options::recursive, gone);
  } while (gone == std::errc::no_such_file_or_directory);
  ASSERT_FALSE(gone) << gone.message();
  Restart();
  std::filesystem::remove_all(old);
}

void History::Run() {
  for (int i = 0; i < kSteps && !testing::Test::HasFailure(); ++i) Step();
  Compare();
  Replay();
  if (!testing::Test::HasFailure()) return;
  std::cout << "The history:\n" << absl::StrJoin(steps_, "\n") << "\n";
}

std::string History::PostingId() {
  return absl::StrCat(prefix_, "p", Below(kPostings));
}
std::string History::GraduateId() {
  return absl::StrCat(prefix_, "g", Below(kGraduates));
}

void History::Step() {
  const uint32_t what = Below(100);
  if (what < 55) return SendSomeRows();
  if (what < 67) return PutGraduate(GraduateId());
  if (what < 73) return SetPush(GraduateId());
  if (what < 78) return SetPlacement(GraduateId());
  if (what < 80) return Erase(GraduateId());
  if (what < 86) return Push();
  if (what < 95) return JumpClock();
  if (what < 98) return Compare();
  // These cost as much as a whole history of the others.
  if (what < 99) return Below(4) == 0 ? Purge() : Compare();
  const bool crash = Below(2) == 0;
  steps_.push_back(crash ? "crash" : "restart");
  crash ? server_.Crash() : server_.Restart();
  Compare();
}

void History::SendSomeRows() {
  std::vector<Row> rows;
  for (uint32_t n = 1 + Below(5); n > 0; --n) {
    const std::string id = PostingId();
    const auto it = model_.postings().find(id);
    const int64_t newest =
        it == model_.postings().end() ? 0 : it->second.revision;
    const Act act = Below(6) == 0   ? Act::kDelete
                    : Below(6) == 0 ? Act::kClose
                                    : Act::kUpsert;
    // Mostly newer, sometimes the same again, sometimes late.
    rows.push_back({id, act, std::max<int64_t>(1, newest + 2 - Below(5)),
                    model_.Refuses(id, act)});
    // Rows of one call see each other.
    model_.ApplyRow(id, act, rows.back().revision);
    // What was refused may be taken when it comes again.
    if (!rows.back().refused) sent_.push_back(rows.back());
  }
  Send(rows, /*first=*/true);
}

void History::Send(const std::vector<Row>& rows, bool first) {
  grpc::ClientContext context;
  const auto stub = server_->postings();
  const auto stream = stub->SyncPostings(&context);
  v1::SyncPostingsRequest message;
  message.mutable_begin()->set_source("sources/s");
  message.mutable_begin()->set_mode(v1::SYNC_MODE_INCREMENTAL);
  stream->Write(message);
  for (size_t i = 0; i < rows.size(); ++i) {
    v1::SyncPostingRow& row = *message.mutable_row();
    row.Clear();
    row.set_row_number(static_cast<int64_t>(i) + 1);
    const Row& sent = rows[i];
    if (sent.act == Act::kUpsert) {
      *row.mutable_upsert() = PostingAt(sent.id, sent.revision);
      *row.mutable_upsert()->mutable_expire_time() =
          GoodPosting("x").expire_time();
    } else if (sent.act == Act::kClose) {
      row.mutable_close()->set_source_posting_id(sent.id);
      row.mutable_close()->set_revision(sent.revision);
    } else {
      row.mutable_delete_()->set_source_posting_id(sent.id);
      row.mutable_delete_()->set_revision(sent.revision);
    }
    if (first) {
      steps_.push_back(absl::StrCat(sent.act == Act::kUpsert  ? "upsert "
                                    : sent.act == Act::kClose ? "close "
                                                              : "delete ",
                                    sent.id, " revision ", sent.revision));
    }
    stream->Write(message);
    // In the middle of a batch, too.
    if (first && Below(16) == 0) JumpClock();
  }
  message.mutable_commit();
  stream->Write(message);
  v1::SyncPostingsResponse response;
  while (stream->Read(&response)) {
    for (const v1::SyncRowResult& result : response.results().results()) {
      const bool refused =
          result.status() == v1::SyncRowResult::STATUS_REJECTED;
      if (first) {
        EXPECT_EQ(refused, rows[result.row_number() - 1].refused)
            << result.DebugString();
      }
      int64_t generation = 0;
      if (result.status() == v1::SyncRowResult::STATUS_CREATED ||
          result.status() == v1::SyncRowResult::STATUS_UPDATED) {
        EXPECT_TRUE(absl::SimpleAtoi(result.etag(), &generation));
        EXPECT_GT(generation, server_.generation()) << result.DebugString();
        server_.SawGeneration(generation);
      }
    }
  }
  const absl::Status status = TestServer::FromWire(stream->Finish());
  EXPECT_TRUE(status.ok()) << status;
}

void History::PutGraduate(const std::string& id) {
  const int64_t revision = server_.NextSerial();
  steps_.push_back(absl::StrCat("put ", id, " v", revision));
  v1::UpdateGraduateRequest request;
  *request.mutable_graduate() = GraduateAt(id, revision);
  request.mutable_update_mask()->add_paths("profile");
  request.set_allow_missing(true);
  v1::Graduate response;
  const absl::Status status = Call<GraduateService>(
      &GraduateService::Stub::UpdateGraduate, request, response);
  EXPECT_EQ(status.ok(), !model_.erased().contains(id)) << status;
  if (status.ok()) model_.graduates()[id].content = revision;
}

void History::SetPush(const std::string& id) {
  const auto it = model_.graduates().find(id);
  if (it == model_.graduates().end()) return;
  it->second.push_off = !it->second.push_off;
  steps_.push_back(
      absl::StrCat("push of ", id, it->second.push_off ? " off" : " on"));
  v1::UpdatePreferencesRequest request;
  request.mutable_preferences()->set_name("graduates/" + id + "/preferences");
  request.mutable_preferences()->set_push(!it->second.push_off);
  v1::Preferences response;
  const absl::Status status = Call<GraduateService>(
      &GraduateService::Stub::UpdatePreferences, request, response);
  EXPECT_TRUE(status.ok()) << status;
}

void History::SetPlacement(const std::string& id) {
  const auto it = model_.graduates().find(id);
  if (it == model_.graduates().end()) return;
  it->second.placed = !it->second.placed;
  v1::Graduate response;
  absl::Status status;
  if (it->second.placed) {
    steps_.push_back("place " + id);
    v1::ReportPlacementRequest request;
    request.set_name("graduates/" + id);
    request.mutable_placement()->set_kind(v1::Placement::KIND_STUDY);
    status = Call<GraduateService>(&GraduateService::Stub::ReportPlacement,
                                   request, response);
  } else {
    steps_.push_back("revoke the placement of " + id);
    v1::RevokePlacementRequest request;
    request.set_name("graduates/" + id);
    request.set_purpose("登记有误");
    status = Call<GraduateService>(&GraduateService::Stub::RevokePlacement,
                                   request, response);
  }
  EXPECT_TRUE(status.ok()) << status;
}

void History::Erase(const std::string& id) {
  if (!model_.graduates().contains(id)) return;
  steps_.push_back("erase " + id);
  v1::EraseGraduateRequest request;
  request.set_name("graduates/" + id);
  request.set_purpose("本人申请");
  const bool purge = Below(4) == 0;
  request.set_purge_now(purge);
  google::longrunning::Operation operation;
  absl::Status status = Call<GraduateService>(
      &GraduateService::Stub::EraseGraduate, request, operation);
  EXPECT_TRUE(status.ok()) << status;
  google::longrunning::WaitOperationRequest wait;
  wait.set_name(operation.name());
  wait.mutable_timeout()->set_seconds(15);
  while (status.ok() && purge && !operation.done()) {
    status = Call<google::longrunning::Operations>(
        &google::longrunning::Operations::Stub::WaitOperation, wait, operation);
  }
  EXPECT_TRUE(status.ok() && (!purge || operation.has_response())) << status;
  model_.Erase(id);
}

// Every item is of a graduate of this history who may be told, about an open
// posting that it has not heard of; others' are left to their histories.
void History::Push() {
  const std::string run = absl::StrCat(prefix_, "run-", server_.NextSerial());
  steps_.push_back("push " + run);
  v1::UpdatePushPlanRequest plan;
  plan.mutable_push_plan()->set_name("pushPlans/p");
  plan.mutable_push_plan()->set_slots(1 + Below(3));
  plan.mutable_push_plan()->set_applicants_per_opening(1'000);
  plan.mutable_push_plan()->set_include_conditional(true);
  plan.set_allow_missing(true);
  v1::PushPlan planned;
  absl::Status status =
      Call<PushService>(&PushService::Stub::UpdatePushPlan, plan, planned);
  ASSERT_TRUE(status.ok()) << status;
  v1::RunPushPlanRequest request;
  request.set_name("pushPlans/p");
  request.set_push_run_id(run);
  google::longrunning::Operation operation;
  status =
      Call<PushService>(&PushService::Stub::RunPushPlan, request, operation);
  if (Below(2) == 0) JumpClock();
  google::longrunning::WaitOperationRequest wait;
  wait.set_name(operation.name());
  wait.mutable_timeout()->set_seconds(15);
  while (status.ok() && !operation.done()) {
    status = Call<google::longrunning::Operations>(
        &google::longrunning::Operations::Stub::WaitOperation, wait, operation);
  }
  ASSERT_TRUE(status.ok() && operation.has_response()) << status;
  v1::ListPushItemsRequest list;
  list.set_parent("pushRuns/" + run);
  list.set_page_size(1'000);
  v1::ListPushItemsResponse items;
  status = Call<PushService>(&PushService::Stub::ListPushItems, list, items);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(items.next_page_token().empty());
  for (const v1::PushItem& item : items.push_items()) {
    const std::string graduate =
        item.graduate().substr(std::string("graduates/").size());
    const std::string posting =
        item.posting().substr(std::string("sources/s/postings/").size());
    if (!graduate.starts_with(prefix_)) continue;
    EXPECT_TRUE(model_.MayBeTold(graduate)) << graduate;
    if (posting.starts_with(prefix_)) {
      EXPECT_TRUE(model_.IsOpen(posting)) << posting;
    }
    EXPECT_TRUE(model_.Tell(graduate, posting))
        << graduate << " hears of " << posting << " twice";
  }
}

// An hour or a day, forth or back; never so far that a posting may expire.
void History::JumpClock() {
  const absl::Duration by =
      absl::Hours(Below(2) == 0 ? 1 : 24) * (Below(2) == 0 ? 1 : -1);
  const absl::Time now = server_->clock().Now() + by;
  if (absl::AbsDuration(now - server_.start()) > kFarthest) return;
  steps_.push_back("clock " + absl::FormatDuration(by));
  server_->clock().Set(now);
}

void History::Purge() {
  steps_.push_back("purge");
  std::vector<FamilyRange> all;
  for (int i = 0; i < kFamilyCount; ++i) {
    all.push_back({static_cast<Family>(i), {}});
  }
  const absl::Status status =
      server_->server().runtime().engine().store.Purge(all);
  EXPECT_TRUE(status.ok()) << status;
}

std::vector<v1::Posting> History::List() {
  std::vector<v1::Posting> postings;
  v1::ListPostingsRequest request;
  request.set_parent("sources/s");
  request.set_page_size(1'000);
  request.set_view(v1::POSTING_VIEW_FULL);
  do {
    v1::ListPostingsResponse response;
    const absl::Status status = Call<PostingService>(
        &PostingService::Stub::ListPostings, request, response);
    EXPECT_TRUE(status.ok()) << status;
    for (v1::Posting& posting : *response.mutable_postings()) {
      if (posting.source_posting_id().starts_with(prefix_)) {
        postings.push_back(std::move(posting));
      }
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return postings;
}

void History::ComparePostings() {
  std::map<std::string, std::string> have, want;
  for (v1::Posting& posting : List()) {
    const bool closed = posting.state() == v1::Posting::STATE_CLOSED;
    const std::string id = posting.source_posting_id();
    const int64_t revision = posting.revision();
    // A closing keeps the content and raises the revision.
    const auto model = model_.postings().find(id);
    if (closed && model != model_.postings().end()) {
      posting.set_revision(model->second.content);
      posting.set_state(v1::Posting::STATE_OPEN);
    }
    have[id] = absl::StrCat(closed ? "closed " : "open ", revision, " ",
                            DescribePosting(posting));
  }
  for (const auto& [id, posting] : model_.postings()) {
    if (posting.state == ServiceModel::PostingState::kDeleted) continue;
    want[id] = absl::StrCat(posting.state == ServiceModel::PostingState::kClosed
                                ? "closed "
                                : "open ",
                            posting.revision, " r", posting.content);
  }
  EXPECT_EQ(have, want);
}

void History::CompareGraduates() {
  std::map<std::string, std::string> have, want;
  v1::ListGraduatesRequest request;
  request.set_page_size(1'000);
  do {
    v1::ListGraduatesResponse response;
    const absl::Status status = Call<GraduateService>(
        &GraduateService::Stub::ListGraduates, request, response);
    EXPECT_TRUE(status.ok()) << status;
    for (const v1::Graduate& graduate : response.graduates()) {
      const std::string id =
          graduate.name().substr(std::string("graduates/").size());
      if (!id.starts_with(prefix_)) continue;
      const bool off =
          graduate.preferences().has_push() && !graduate.preferences().push();
      have[id] = absl::StrCat(DescribeProfile(graduate), off ? " off" : "",
                              graduate.has_placement() ? " placed" : "");
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  for (const auto& [id, graduate] : model_.graduates()) {
    want[id] =
        absl::StrCat("v", graduate.content, graduate.push_off ? " off" : "",
                     graduate.placed ? " placed" : "");
  }
  EXPECT_EQ(have, want);
}

void History::Compare() {
  ComparePostings();
  CompareGraduates();
}

std::string History::Dump() {
  std::string dump;
  for (const v1::Posting& posting : List()) {
    absl::StrAppend(&dump, posting.ShortDebugString(), "\n");
  }
  return dump;
}

// All of it again, and once more from somewhere: nothing changes, not even an
// etag or a time.
void History::Replay() {
  const std::string before = Dump();
  Send(sent_, /*first=*/false);
  EXPECT_EQ(Dump(), before) << "after all rows again";
  if (sent_.empty()) return;
  Send({sent_.begin() + Below(sent_.size()), sent_.end()}, /*first=*/false);
  EXPECT_EQ(Dump(), before) << "after the last rows again";
}

}  // namespace gradmatch
